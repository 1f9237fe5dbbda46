// Conditions: what must hold for an event to be taken.
//
// A condition sees the current event and, if it asks for them, the events that the same partial
// match took before, by stage (an iterative condition). It must be free of side effects that
// matter: it may be evaluated any number of times for one event. What a condition written in C++
// throws is counted, and the event is not taken; in dialect flink the rule fails. After Flink's
// SimpleCondition, IterativeCondition and RichIterativeCondition.
// Not here: what conditions may know (cep/condition_context.h), the expression language
// (runtime/expression/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cep/condition_context.h"
#include "cep/event_view.h"
#include "cep/rule_runtime.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"

namespace lymer::cep {

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

  // Gives each operator a condition of its own where it has a life cycle; null: all may share it.
  [[nodiscard]] virtual std::shared_ptr<const Condition> make_own() const { return nullptr; }
  // Called once before the first test, and once at the end if open() succeeded.
  [[nodiscard]] virtual Result<void> open(const RuleRuntime& runtime) const {
    (void)runtime;
    return {};
  }
  [[nodiscard]] virtual Result<void> close() const { return {}; }
};

using ConditionRef = std::shared_ptr<const Condition>;

// Asks what a user wrote. An exception ends here: it counts as an error, and the answer is no.
template <typename Test>
[[nodiscard]] bool test_guarded(ConditionContext& context, Test test) {
  bool holds = false;
  const Result<void> tested = call_guarded([&] { holds = test(); });
  if (tested) return holds;
  ++context.errors;
  if (context.exception != nullptr) *context.exception = tested.error().to_string();
  return false;
}

// Holds where the expression, a bool, is true (null is not).
[[nodiscard]] ConditionRef expression_condition(runtime::Expression expression, std::string text);

// Hold where `test` returns true. For rules written in C++; the first two see the current event
// alone, which lets the faster engine run the rule.
[[nodiscard]] ConditionRef simple_condition(std::function<bool(const runtime::RowView&)> test,
                                            std::string text = "(C++ condition)");
[[nodiscard]] ConditionRef event_condition(std::function<bool(const EventView&)> test,
                                           std::string text = "(C++ condition)");
[[nodiscard]] ConditionRef iterative_condition(std::function<bool(ConditionContext&)> test,
                                               std::string text = "(C++ iterative condition)");

// Holds for events of the stream with this name, which is that of its schema (Flink's subtype).
[[nodiscard]] ConditionRef stream_condition(std::string stream);

// Holds for events of one schema: what a stage asks first that reads one of several streams.
[[nodiscard]] ConditionRef schema_condition(runtime::SchemaId schema, std::string text);

// Holds for events to which the `index`-th expression of their stream gave the key under which they
// came: what a stage with a `by` of its own asks.
[[nodiscard]] ConditionRef key_condition(std::size_t index, std::string text);

// Hold where both, or at least one of them, hold; the right one is only asked if need be.
[[nodiscard]] ConditionRef both_conditions(ConditionRef left, ConditionRef right);
[[nodiscard]] ConditionRef either_condition(ConditionRef left, ConditionRef right);

}  // namespace lymer::cep
