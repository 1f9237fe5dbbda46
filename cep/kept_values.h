// Which values of earlier events a pattern's conditions ask for, and where in the pattern.
//
//   where v > last(up).v         asks for one value: last(up).v
//   where sum(up.n) + n < 100    likewise
//
// Such a value can be kept up event by event in place of the events themselves, and partial matches
// in which all values to come are equal need not be told apart (nfa/run_values.h).
// So engine M can run patterns whose conditions ask for nothing else of earlier events.
// Not here: the values (cep/value_groups.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cep/compiler/compiler.h"
#include "cep/condition.h"
#include "nfa/engine_choice.h"
#include "nfa/program.h"
#include "runtime/expression/expression.h"

namespace lymer::cep {

// Tells whether all that a condition reads of earlier events are such values. False for what is
// written in C++, which may list the events, and for values that are lists.
[[nodiscard]] bool asks_for_values(const Condition& condition);

// Tells which engine runs the pattern, and why.
[[nodiscard]] nfa::EngineChoice engine_choice(const CompiledPattern& pattern);

class KeptValues {
 public:
  // The most values that engine M keeps of a pattern.
  static constexpr std::size_t kMost = 64;

  // Of a pattern that engine M runs. Refers to its conditions.
  explicit KeptValues(const CompiledPattern& pattern);

  // The distinct values, as aggregates; kFirst ... kMax.
  [[nodiscard]] const std::vector<const runtime::Expression*>& values() const { return values_; }
  // Gives the number of the value that an aggregate in a condition, known by its address, asks for.
  [[nodiscard]] std::uint32_t number_of(const runtime::Expression& aggregate) const {
    return numbers_.at(&aggregate);
  }
  // The conditions that ask for some, a bit for each atom.
  [[nodiscard]] std::uint64_t atoms() const noexcept { return atoms_; }
  // The values that a partial match in this state may yet be asked for, a bit for each.
  [[nodiscard]] std::uint64_t live_in(nfa::StateIndex state) const { return live_[state.value()]; }

 private:
  void add(const runtime::Expression& aggregate);
  void find_live(const CompiledPattern& pattern);

  std::vector<const runtime::Expression*> values_;
  boost::unordered_flat_map<const runtime::Expression*, std::uint32_t> numbers_;
  std::uint64_t atoms_ = 0;
  std::vector<std::uint64_t> live_;  // By state.
};

}  // namespace lymer::cep
