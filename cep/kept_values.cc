// A walk over expressions, then over the states: what is asked later is live before.
// Not here: evaluation (cep/value_groups.cc).
#include "cep/kept_values.h"

#include <algorithm>
#include <bit>
#include <string>

#include "cep/stage_facts.h"
#include "nfa/first_event.h"
#include "runtime/expression/aggregate.h"

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::TypeKind;

// Inside any() and all() an aggregate may be another one for each element.
bool has_kept_aggregates_only(const Expression& expression, bool inside_list) {
  if (runtime::is_aggregate(expression.op)) {
    const TypeKind kind = expression.type.kind;
    const bool is_scalar = kind != TypeKind::kList && kind != TypeKind::kJson;
    return !inside_list && is_scalar &&
           std::ranges::none_of(expression.args, runtime::reads_histories);
  }
  const bool inside = inside_list || expression.op == Op::kAny || expression.op == Op::kAll;
  return std::ranges::all_of(expression.args, [&](const Expression& each) {
    return has_kept_aggregates_only(each, inside);
  });
}

// Calls `visit` for each aggregate of a condition that passes asks_for_values(), but for those to
// which `??` does not come: something left of them has a value, as `has_value` knows.
template <typename HasValue, typename Visit>
void for_each_aggregate(const Expression& expression, const HasValue& has_value,
                        const Visit& visit) {
  if (runtime::is_aggregate(expression.op)) {
    visit(expression);
    return;
  }
  for (const Expression& each : expression.args) {
    for_each_aggregate(each, has_value, visit);
    if (expression.op == Op::kCoalesce && has_value(each)) return;
  }
}

template <typename HasValue, typename Visit>
void for_each_aggregate(const Condition& condition, const HasValue& has_value, const Visit& visit) {
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) {
    for_each_aggregate(*parts.left, has_value, visit);
    for_each_aggregate(*parts.right, has_value, visit);
  }
  if (parts.expression != nullptr) for_each_aggregate(*parts.expression, has_value, visit);
}

}  // namespace

bool asks_for_values(const Condition& condition) {
  if (!condition.reads_histories()) return true;
  const ConditionParts parts = condition.parts();
  if (parts.left != nullptr) return asks_for_values(*parts.left) && asks_for_values(*parts.right);
  return parts.expression != nullptr && has_kept_aggregates_only(*parts.expression, false);
}

nfa::EngineChoice engine_choice(const CompiledPattern& pattern) {
  nfa::EngineChoice choice = nfa::choose_engine(pattern.program, [&](nfa::AtomId atom) {
    return !asks_for_values(*pattern.atoms[atom.value()]);
  });
  if (choice.engine == nfa::Engine::kMerged &&
      KeptValues(pattern).values().size() > KeptValues::kMost) {
    return {nfa::Engine::kExplicit, "its conditions ask for more than 64 values of earlier events"};
  }
  return choice;
}

KeptValues::KeptValues(const CompiledPattern& pattern) {
  for (std::size_t atom = 0; atom < pattern.atoms.size(); ++atom) {
    const auto is_unknown = [](const Expression&) { return false; };
    for_each_aggregate(*pattern.atoms[atom], is_unknown, [&](const Expression& aggregate) {
      atoms_ |= std::uint64_t{1} << atom;
      add(aggregate);
    });
  }
  if (values_.size() <= kMost) find_live(pattern);
}

// Those that mean the same are one value.
void KeptValues::add(const Expression& aggregate) {
  const std::string name = runtime::fingerprint(aggregate);
  const auto known = std::ranges::find_if(
      values_, [&](const Expression* each) { return runtime::fingerprint(*each) == name; });
  numbers_.emplace(&aggregate, static_cast<std::uint32_t>(known - values_.begin()));
  if (known == values_.end()) values_.push_back(&aggregate);
}

void KeptValues::find_live(const CompiledPattern& pattern) {
  const nfa::Program& program = pattern.program;
  const StageFacts facts(pattern);
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const nfa::StateIndex state(static_cast<std::uint16_t>(i));
    std::uint64_t& live = live_.emplace_back();
    const auto has_value = [&](const Expression& each) { return facts.has_value(each, state); };
    std::uint64_t atoms = nfa::asked_atoms(program, state) & atoms_;
    for (; atoms != 0; atoms &= atoms - 1) {
      const Condition& condition =
          *pattern.atoms[static_cast<std::size_t>(std::countr_zero(atoms))];
      for_each_aggregate(condition, has_value, [&](const Expression& aggregate) {
        live |= std::uint64_t{1} << number_of(aggregate);
      });
    }
  }
  bool has_grown = true;
  while (has_grown) {
    has_grown = false;
    for (std::size_t i = 0; i < program.states.size(); ++i) {
      const std::uint64_t before = live_[i];
      const nfa::StateIndex state(static_cast<std::uint16_t>(i));
      for (const nfa::Edge& edge : program.edges_of(state)) {
        live_[i] |= live_[edge.target.value()];
      }
      has_grown = has_grown || live_[i] != before;
    }
  }
}

}  // namespace lymer::cep
