// One conformance case: a pattern, an input, and what Apache Flink's own operator answered.
//
// The files and their shape are described in the README beside them (LYMER_SHARED/conformance).
// Not here: running a case (flink_operator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cep/pattern_builder.h"
#include "runtime/base/time.h"
#include "runtime/schema.h"

namespace lymer::conformance {

// The fields of an event that conditions read.
inline constexpr runtime::Slot kIdSlot = 0;
inline constexpr runtime::Slot kTypeSlot = 1;
inline constexpr runtime::Slot kVSlot = 2;
[[nodiscard]] runtime::SchemaRef event_schema();

struct InputEvent {
  std::int64_t id = 0;
  EventTime time;
  std::string key;
  std::string type;
  double v = 0;
};
struct Watermark {
  EventTime time;
};
using InputElement = std::variant<InputEvent, Watermark>;

// A match or, with a deadline, a timed out partial match: ids of events by stage name.
struct Finding {
  std::size_t at = 0;  // The index of the input element whose processing gave it.
  std::map<std::string, std::vector<std::int64_t>> events;
  std::optional<EventTime> deadline;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// What a run of the whole input gave.
struct Answer {
  std::vector<Finding> matches;
  std::vector<Finding> timeouts;
  std::vector<std::int64_t> late;
  std::optional<std::size_t> failed_at;  // The input element that ended the run with an error.

  friend bool operator==(const Answer&, const Answer&) = default;
};

// A pattern that was not accepted, and when: `build` or `compile`.
struct Refusal {
  std::string phase;
  std::string message;
};

struct Case {
  std::string id;
  cep::PatternBuilder pattern;
  bool sorts_by_v = false;  // Events of one time are sorted by v first.
  std::vector<InputElement> input;
  std::optional<Refusal> refusal;  // Flink's, where it refused the pattern.
  Answer answer;
};

// What a case gave: a refusal, or an answer.
struct Outcome {
  std::optional<Refusal> refusal;
  Answer answer;
};

// Reads one case. Requires that the line is sound: these files are ours.
[[nodiscard]] Case case_of(const std::string& line);
// Reads a file of one JSON case a line. Requires that it exists.
[[nodiscard]] std::vector<Case> read_cases(const std::filesystem::path& file);
// Writes an outcome in the form of the case files: {"id","expect"}.
[[nodiscard]] std::string answer_line(const std::string& id, const Outcome& outcome);

// Says a finding or an answer in one line each, for failure messages.
[[nodiscard]] std::string to_string(const Finding& finding);
[[nodiscard]] std::string to_string(const Answer& answer);

}  // namespace lymer::conformance
