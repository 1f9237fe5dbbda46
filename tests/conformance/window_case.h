// A case of windows and joins: an operator, what it is given, and what Flink's own answered.
//
// flink_windows/README.md says how cases are written and what is equal.
// Not here: running a case through our operators (window_run.h), cases of patterns (case.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/base/time.h"

namespace lymer::conformance {

struct WindowEntry {
  std::int64_t id = 0;  // Its place among the elements.
  EventTime time;
  std::string key;
  std::int64_t value = 0;
  std::size_t side = 0;  // Of a join: 0 is left.
};
struct WindowTime {
  EventTime watermark;
};
using WindowElement = std::variant<WindowEntry, WindowTime>;

struct WindowResult {
  std::size_t at = 0;  // The element whose processing gave it.
  EventTime time;
  std::string key;
  // Start, end, ids and sum of a window; or the ids of a pair; or those of both sides of a group.
  nlohmann::json content;

  friend bool operator==(const WindowResult&, const WindowResult&) = default;
};

struct WindowAnswer {
  std::optional<std::string> refusal;  // Why there is no answer.
  std::vector<WindowResult> results;
  std::vector<std::int64_t> late;
};

struct WindowCase {
  std::string id;
  nlohmann::json op;  // window_run.cc reads it.
  std::vector<WindowElement> input;
  WindowAnswer answer;  // Flink's.
  nlohmann::json ours;  // Ours, where it is another on purpose; else null.
};

// Reads one case. Requires that the line is sound: these files are ours.
[[nodiscard]] WindowCase window_case_of(const nlohmann::json& line);
// Reads a file of one JSON case a line. Requires that it exists.
[[nodiscard]] std::vector<WindowCase> read_window_cases(const std::filesystem::path& file);
// What a result's row or an answer's list holds behind its place and time.
[[nodiscard]] WindowResult window_result(std::size_t at, EventTime time,
                                         const nlohmann::json& key_and_content);
[[nodiscard]] nlohmann::json json_of(const WindowAnswer& answer);

// Says how an answer differs from Flink's; empty if it is equal to that.
[[nodiscard]] std::string difference(const WindowCase& of, const WindowAnswer& ours);

}  // namespace lymer::conformance
