// What code that a user wrote for a rule is told when it is opened.
//
// Conditions and functions written in C++ have a life cycle: open, any number of calls, close, all
// from one thread at a time. What they throw is taken for an error (call_guarded).
// After Flink's RuntimeContext, of which CEP allows little (CepRuntimeContext).
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/base/clock.h"
#include "runtime/base/result.h"

namespace lymer::cep {

// Names a version of a rule; state and results refer to it.
struct RuleId {
  std::string name;
  std::uint32_t version = 1;
  friend bool operator==(const RuleId&, const RuleId&) = default;
};

// Lives as long as the operator that runs the rule.
struct RuleRuntime {
  const RuleId& rule;
  const std::string& operator_uid;
  const Clock& clock;
};

// Calls what a user wrote, which may return nothing or a Result<void>. An exception becomes
// kRuleFailed: behind this line there are none.
template <typename Call>
[[nodiscard]] Result<void> call_guarded(Call&& call) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      std::forward<Call>(call)();
      return {};
    } else {
      return std::forward<Call>(call)();
    }
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kRuleFailed, std::string("an exception: ") + thrown.what()};
  } catch (...) {
    return Error{ErrorCode::kRuleFailed, "an exception of an unknown type"};
  }
}

}  // namespace lymer::cep
