// A suite, its cases, and a failure where there is one.
// Not here: files.
#include "server/cli/junit.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

// Control characters have no place in XML, however they are written.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char each : text) {
    if (each == '&') {
      out += "&amp;";
    } else if (each == '<') {
      out += "&lt;";
    } else if (each == '>') {
      out += "&gt;";
    } else if (each == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(each) >= ' ' || each == '\n' || each == '\t') {
      out += each;
    } else {
      out += '?';
    }
  }
  return out;
}

void append_case(std::string& out, const JUnitCase& one) {
  append_text(out, "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", escaped(one.suite),
              escaped(one.name), one.seconds);
  if (one.failure.empty()) {
    out += "/>\n";
    return;
  }
  append_text(out, ">\n      <failure message=\"expectations were not met\">{}</failure>\n",
              escaped(one.failure));
  out += "    </testcase>\n";
}

}  // namespace

std::string junit_xml(const std::vector<JUnitCase>& cases) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (auto first = cases.begin(); first != cases.end();) {
    const auto end = std::find_if(
        first, cases.end(), [&](const JUnitCase& each) { return each.suite != first->suite; });
    const auto failures =
        std::count_if(first, end, [](const JUnitCase& each) { return !each.failure.empty(); });
    append_text(out, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
                escaped(first->suite), end - first, failures);
    for (; first != end; ++first) append_case(out, *first);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace lymer::server
