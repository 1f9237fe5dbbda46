// The body of a result is an object already; what the store knows is put behind its members.
// Not here: what the body says (server/stored_rows.cc).
#include "server/api/result_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::server {
namespace {

using results::ResultKind;
using results::StoredResult;

// Values that an event brought as JSON may be written over several lines; a break outside of
// strings is a blank like others, and in strings there is none.
void append_in_one_line(std::string& out, std::string_view json) {
  const std::size_t begin = out.size();
  out += json;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

std::vector<const char*> columns(ResultKind kind) {
  if (kind == ResultKind::kLate) return {"id", "stream", "time", "event", "stored"};
  std::vector<const char*> names = {"id", "rule", "version", "key", "time", "first", "last"};
  if (kind == ResultKind::kTimeout) names.push_back("deadline");
  for (const char* const each : {"emit", "match", "severity", "tags", "stored"}) {
    names.push_back(each);
  }
  return names;
}

void append_cell(std::string& out, std::string_view value) {
  if (value.find_first_of("\",\r\n") == std::string_view::npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void append_result(std::string& out, const StoredResult& result, bool with_events) {
  std::string_view body = result.body;
  if (body.ends_with('}')) body.remove_suffix(1);
  append_in_one_line(out, body);
  if (with_events && !result.events.empty()) {
    out += ",\"match\":";
    append_in_one_line(out, result.events);
  }
  if (result.kind != ResultKind::kLate) {
    out += ",\"severity\":";
    runtime::append_json_string(out, result.severity);
    out += ",\"tags\":[";
    for (const std::string& each : result.tags) {
      if (&each != &result.tags.front()) out += ',';
      runtime::append_json_string(out, each);
    }
    out += ']';
  }
  if (result.is_committed) {
    append_text(out, R"(,"stored":"{}","sequence":"{}","checkpoint":"{}"}})",
                to_rfc3339(result.stored), result.sequence, result.checkpoint);
  } else {
    out += R"(,"committed":false})";
  }
}

std::string csv_head(ResultKind kind) {
  std::string out;
  for (const char* const each : columns(kind)) {
    if (!out.empty()) out += ',';
    out += each;
  }
  return out + "\r\n";
}

void append_csv(std::string& out, const StoredResult& result) {
  std::string item;
  append_result(item, result, /*with_events=*/true);
  const auto json = nlohmann::ordered_json::parse(item, nullptr, false);
  bool is_first = true;
  for (const char* const each : columns(result.kind)) {
    if (!is_first) out += ',';
    is_first = false;
    if (!json.is_object() || !json.contains(each)) continue;
    const auto& value = json[each];
    append_cell(out, value.is_string() ? value.get<std::string>() : value.dump());
  }
  out += "\r\n";
}

}  // namespace lymer::server
