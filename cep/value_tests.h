// A condition that reads earlier events, taken apart into tests that must all hold:
//
//   where kind == "up" and v > (last(up).v ?? start.v)
//         ----------------  a test of the event alone
//                            -   ----------------------  a comparison of the event with values
//
// What concerns the event alone is worked out once an event, what concerns values alone once for
// each set of them; what is left to do for each set is to compare.
// Not here: doing it (cep/value_groups.h).
#pragma once

#include <cstdint>
#include <vector>

#include "cep/condition.h"
#include "runtime/expression/expression.h"

namespace lymer::cep {

struct ValueTest {
  enum class Kind : std::uint8_t {
    kCondition,   // `condition` holds for the event.
    kEvent,       // `expression` is true for the event.
    kComparison,  // `op` holds between `expression`, of the event, and `kept`, of the values.
    kWhole,       // `expression`, which reads both, is true.
  };
  Kind kind = Kind::kWhole;
  const Condition* condition = nullptr;
  const runtime::Expression* expression = nullptr;
  const runtime::Expression* kept = nullptr;
  runtime::Op op = runtime::Op::kEqual;  // kEqual ... kGreaterEqual, the event on the left.
};

// Takes a condition apart that passes asks_for_values(). The tests point into the condition.
[[nodiscard]] std::vector<ValueTest> take_values_apart(const Condition& condition);

}  // namespace lymer::cep
