// Conditions with a life cycle: they read something when they are opened, and let go of it when
// they are closed.
//
//   class Blocked : public RichCondition {
//     Result<void> open(const RuleRuntime& runtime) override { ... read a list ... }
//     bool test(ConditionContext& context) override { ... look into it ... }
//   };
//   ConditionRef blocked = rich_condition([] { return std::make_unique<Blocked>(); });
//
// Each operator makes its own, so subtasks share nothing. After Flink's RichIterativeCondition.
// Not here: conditions that are functions (cep/condition.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cep/condition.h"
#include "cep/condition_context.h"
#include "cep/rule_runtime.h"
#include "runtime/base/result.h"

namespace lymer::cep {

// Used by one thread at a time.
class RichCondition {
 public:
  virtual ~RichCondition() = default;
  // Called once, before the first event. An error, or an exception, stops the rule and no other.
  [[nodiscard]] virtual Result<void> open(const RuleRuntime& runtime) {
    (void)runtime;
    return {};
  }
  // Says whether the event may be taken. May be called any number of times for one event.
  [[nodiscard]] virtual bool test(ConditionContext& context) = 0;
  // Called once at the end of a condition that was opened.
  [[nodiscard]] virtual Result<void> close() { return {}; }
};

// What a rich condition asks for. One that never asks for earlier events lets the faster engine run
// the rule; it must not ask the context for them.
enum class Reads : std::uint8_t { kEarlierEvents, kCurrentEvent };

// `make` is called once for each operator and must give a condition. Before an operator has made
// its own the condition holds for nothing.
[[nodiscard]] ConditionRef rich_condition(std::function<std::unique_ptr<RichCondition>()> make,
                                          Reads reads = Reads::kEarlierEvents,
                                          std::string text = "(C++ rich condition)");

}  // namespace lymer::cep
