// Conditions: what must hold for an event to be taken.
//
// A condition sees the current event and, if it asks for them, the events that the same partial
// match took before, by stage (an iterative condition). It must be free of side effects: it may be
// evaluated any number of times for one event. After Flink's SimpleCondition and
// IterativeCondition.
// Not here: the expression language (runtime/expression/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"

namespace lymer::cep {

// The event under test and the way to the events before it. History n is stage n of the pattern.
struct ConditionContext {
  runtime::RowView row;
  EventTime time;
  runtime::SchemaId schema = {};
  std::uint16_t key_mask = 1;  // See runtime::EventHeader.
  runtime::Histories& histories;
  runtime::Scratch& scratch;
  std::uint64_t errors = 0;  // Expression errors met while testing.
};

class Condition;

// What a condition is made of, for those who test many of them together: at most one of these.
struct ConditionParts {
  const runtime::Expression* expression = nullptr;  // Holds where it is true.
  std::optional<runtime::SchemaId> schema = {};     // Holds for events of this schema.
  std::optional<std::size_t> key = {};              // See key_condition().
  const Condition* left = nullptr;                  // Holds where this and `right` do.
  const Condition* right = nullptr;
};

// Immutable; safe to share between threads.
class Condition {
 public:
  virtual ~Condition() = default;
  [[nodiscard]] virtual bool test(ConditionContext& context) const = 0;
  // True if the answer may differ between partial matches.
  [[nodiscard]] virtual bool reads_histories() const = 0;
  // Says the condition for people, as written.
  [[nodiscard]] virtual const std::string& text() const = 0;
  // Gives no part of a condition that can only be asked as a whole.
  [[nodiscard]] virtual ConditionParts parts() const { return {}; }
};

using ConditionRef = std::shared_ptr<const Condition>;

// Holds where the expression, a bool, is true (null is not).
[[nodiscard]] ConditionRef expression_condition(runtime::Expression expression, std::string text);

// Holds where `test` returns true. For rules written in C++.
[[nodiscard]] ConditionRef simple_condition(std::function<bool(const runtime::RowView&)> test,
                                            std::string text = "(C++ condition)");
[[nodiscard]] ConditionRef iterative_condition(std::function<bool(ConditionContext&)> test,
                                               std::string text = "(C++ iterative condition)");

// Holds for events of one schema: what a stage asks first that reads one of several streams
// (Flink's subtype).
[[nodiscard]] ConditionRef schema_condition(runtime::SchemaId schema, std::string text);

// Holds for events to which the `index`-th expression of their stream gave the key under which they
// came: what a stage with a `by` of its own asks.
[[nodiscard]] ConditionRef key_condition(std::size_t index, std::string text);

// Hold where both, or at least one of them, hold; the right one is only asked if need be.
[[nodiscard]] ConditionRef both_conditions(ConditionRef left, ConditionRef right);
[[nodiscard]] ConditionRef either_condition(ConditionRef left, ConditionRef right);

}  // namespace lymer::cep
