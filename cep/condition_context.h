// What a condition may know: the event under test, the events that the same partial match took
// before it, and the time.
//
//   iterative_condition([](ConditionContext& context) {
//     return context.count("fails") < 10 && context.event()["ip"].as_string() == "::1";
//   })
//
// count, first, last, sum, avg, min and max of a stage cost the same however many events it has
// (cep/path_aggregates.h); events() lists them all. After Flink's IterativeCondition.Context, whose
// getEventsForPattern() is events().
// Not here: conditions (cep/condition.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cep/event_view.h"
#include "runtime/base/clock.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::cep {

class StageEvents;

// Made anew for each question to a condition. History n is stage n of the pattern.
struct ConditionContext {
  runtime::RowView row;
  EventTime time;
  runtime::SchemaId schema = {};
  std::uint16_t key_mask = 1;  // See runtime::EventHeader.
  runtime::Histories& histories;
  runtime::Scratch& scratch;
  std::uint64_t errors = 0;                 // Expression errors and exceptions met while testing.
  const runtime::Schema* layout = nullptr;  // Of `row`.
  StageEvents* taken = nullptr;             // Null for conditions that read no earlier events.
  const Clock* clock = nullptr;             // Null for an operator that was not opened.
  std::string* exception = nullptr;         // Takes what a condition last threw, if not null.

  // The event under test. It is never among those taken before.
  [[nodiscard]] EventView event() const;
  // The clock's time. Requires an opened operator.
  [[nodiscard]] EventTime processing_time() const;

  // Lists the events that the partial match took for the stage, earliest first; none if the pattern
  // has no stage of this name. They live until the condition returns.
  [[nodiscard]] std::vector<EventView> events(std::string_view stage) const;

  // Aggregates over those events, as rule text has them: nulls are left out, over nothing all but
  // the count are null. first and last give the field of one event. Null too for a field that the
  // stage's events do not have or that cannot be added up.
  [[nodiscard]] std::size_t count(std::string_view stage);
  [[nodiscard]] runtime::Value first(std::string_view stage, std::string_view field);
  [[nodiscard]] runtime::Value last(std::string_view stage, std::string_view field);
  [[nodiscard]] runtime::Value sum(std::string_view stage, std::string_view field);
  [[nodiscard]] runtime::Value avg(std::string_view stage, std::string_view field);
  [[nodiscard]] runtime::Value min(std::string_view stage, std::string_view field);
  [[nodiscard]] runtime::Value max(std::string_view stage, std::string_view field);

 private:
  [[nodiscard]] runtime::Value aggregate(runtime::Op op, std::string_view stage,
                                         std::string_view field);
};

}  // namespace lymer::cep
