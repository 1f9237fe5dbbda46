// From JSON to cases, and what makes two answers equal.
// Not here: operators (window_run.cc).
#include "tests/conformance/window_case.h"

#include <algorithm>
#include <fstream>
#include <tuple>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::conformance {
namespace {

using nlohmann::json;

EventTime watermark_of(const json& element) {
  return element.is_string() ? EventTime::max()
                             : EventTime::from_millis(element.get<std::int64_t>());
}

WindowElement element_of(const json& given, std::size_t place) {
  if (!given.is_array()) return WindowTime{watermark_of(given)};
  return WindowEntry{.id = static_cast<std::int64_t>(place),
                     .time = EventTime::from_millis(given.at(0).get<std::int64_t>()),
                     .key = given.at(1).get<std::string>(),
                     .value = given.at(2).get<std::int64_t>(),
                     .side = given.size() > 3 ? given.at(3).get<std::size_t>() : 0};
}

WindowAnswer answer_of(const json& given) {
  WindowAnswer answer;
  if (given.contains("error")) {
    answer.refusal =
        text("{}: {}: {}", given.at("phase").get<std::string>(),
             given.at("error").get<std::string>(), given.at("message").get<std::string>());
    return answer;
  }
  for (const json& each : given.at("results")) {
    json rest = json::array();
    for (std::size_t i = 2; i < each.size(); ++i) rest.push_back(each[i]);
    answer.results.push_back(window_result(each.at(0).get<std::size_t>(),
                                           EventTime::from_millis(each.at(1).get<std::int64_t>()),
                                           rest));
  }
  answer.late = given.at("late").get<std::vector<std::int64_t>>();
  return answer;
}

json line_of(const WindowResult& result) {
  json line = {result.at, result.time.to_millis(), result.key};
  line.insert(line.end(), result.content.begin(), result.content.end());
  return line;
}

// ---- Equal answers -----------------------------------------------------------------------------

bool is_window(const WindowCase& of) { return of.op.at("kind") == "window"; }
std::string windows_of(const WindowCase& of) { return of.op.value("windows", ""); }
bool has_trigger(const WindowCase& of, const char* kind) {
  return of.op.contains("trigger") && of.op.at("trigger").at("kind") == kind;
}

// Events come part by part where windows merge, and Flink chooses the parts' order by chance.
bool merges(const WindowCase& of) { return windows_of(of).starts_with("session"); }

// Flink's own order is by chance: of partners in an interval join, and of pairs where windows
// merge.
bool has_open_order(const WindowCase& of) {
  return of.op.at("kind") == "interval" || (!is_window(of) && merges(of));
}

// Only a trigger of intervals has two windows of a key fire at one time.
bool has_open_order_of_windows(const WindowCase& of) { return has_trigger(of, "interval"); }

// Windows without end, whose results have another time on purpose.
bool has_own_time(const WindowCase& of) {
  return windows_of(of) == "global" || windows_of(of) == "count";
}

// What is not in the order in which it came: parts that merged, and aggregates in slices.
bool has_open_order_of_ids(const WindowCase& of) {
  return merges(of) || of.op.value("function", "process") != "process";
}

std::vector<WindowResult> comparable(const WindowCase& of, std::vector<WindowResult> results) {
  for (WindowResult& each : results) {
    if (has_own_time(of)) each.time = {};
    if (!has_open_order_of_ids(of)) continue;
    for (json& part : each.content) {
      if (part.is_array()) std::sort(part.begin(), part.end());
    }
  }
  // The keys of a time take turns by the order of their hashes, which is another in Flink.
  std::ranges::stable_sort(results, [&](const WindowResult& one, const WindowResult& other) {
    if (has_open_order(of)) {
      return std::tie(one.key, one.at, one.time, one.content) <
             std::tie(other.key, other.at, other.time, other.content);
    }
    if (has_open_order_of_windows(of)) {
      return std::tie(one.key, one.time) < std::tie(other.key, other.time);
    }
    return one.key < other.key;
  });
  return results;
}

std::string lines_of(const std::vector<WindowResult>& results) {
  std::string lines;
  for (const WindowResult& each : results) append_text(lines, "  {}\n", line_of(each).dump());
  return lines;
}

}  // namespace

WindowResult window_result(std::size_t at, EventTime time, const json& key_and_content) {
  WindowResult result{.at = at,
                      .time = time,
                      .key = key_and_content.at(0).get<std::string>(),
                      .content = json::array()};
  for (std::size_t i = 1; i < key_and_content.size(); ++i) {
    result.content.push_back(key_and_content[i]);
  }
  return result;
}

WindowCase window_case_of(const json& line) {
  WindowCase made{.id = line.at("id").get<std::string>(),
                  .op = line.at("op"),
                  .input = {},
                  .answer = answer_of(line.at("expect")),
                  .ours = line.value("ours", json())};
  for (const json& each : line.at("input")) {
    made.input.push_back(element_of(each, made.input.size()));
  }
  return made;
}

std::vector<WindowCase> read_window_cases(const std::filesystem::path& file) {
  std::ifstream lines(file);
  LYMER_CHECK(lines.is_open());
  std::vector<WindowCase> cases;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) cases.push_back(window_case_of(json::parse(line)));
  }
  return cases;
}

json json_of(const WindowAnswer& answer) {
  if (answer.refusal) return {{"error", *answer.refusal}};
  json results = json::array();
  for (const WindowResult& each : answer.results) results.push_back(line_of(each));
  return {{"results", std::move(results)}, {"late", answer.late}};
}

std::string difference(const WindowCase& of, const WindowAnswer& ours) {
  const WindowAnswer& flinks = of.answer;
  if (ours.refusal && flinks.refusal) return "";
  if (ours.refusal) return "we refuse: " + *ours.refusal;
  if (flinks.refusal) return "Flink refuses: " + *flinks.refusal;
  const auto expected = comparable(of, flinks.results);
  const auto actual = comparable(of, ours.results);
  if (actual != expected) {
    return text("results: Flink's\n{}ours\n{}", lines_of(expected), lines_of(actual));
  }
  if (ours.late != flinks.late) {
    return text("late events: Flink's {}, ours {}", json(flinks.late).dump(),
                json(ours.late).dump());
  }
  return "";
}

}  // namespace lymer::conformance
