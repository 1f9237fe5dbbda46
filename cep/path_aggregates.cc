// Back to the last node that is up to date, then forward again, once for each node.
// Not here: freeing nodes (nfa/shared_buffer.cc says which notes went with them).
#include "cep/path_aggregates.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace lymer::cep {

using runtime::Accumulator;
using runtime::Expression;
using runtime::Op;
using runtime::Value;

std::optional<std::uint32_t> AggregateNumbers::number_of(const Expression& aggregate) {
  const auto [known, is_new] = numbers_.try_emplace(&aggregate, kNotKept);
  if (is_new && !std::ranges::any_of(aggregate.args, runtime::reads_histories)) {
    known->second = next_++;
  }
  if (known->second == kNotKept) return std::nullopt;
  return known->second;
}

std::size_t PathAggregates::kept_nodes() const {
  return kept_.size() - 1 - free_notes_.size() - buffer_.released_notes().size();
}

const Accumulator* PathAggregates::find(nfa::NodeId node, std::uint32_t number) const {
  const KeptOfNode& kept = kept_[buffer_.note(node)];
  return number < kept.size() && kept[number].known ? &kept[number].accumulator : nullptr;
}

// Takes back what was kept for nodes that are gone; the room is used again.
void PathAggregates::reclaim_notes() {
  std::vector<std::uint32_t>& released = buffer_.released_notes();
  for (const std::uint32_t note : released) kept_[note].clear();
  free_notes_.insert(free_notes_.end(), released.begin(), released.end());
  released.clear();
}

std::uint32_t PathAggregates::take_note() {
  if (free_notes_.empty()) reclaim_notes();
  if (free_notes_.empty()) {
    kept_.emplace_back();
    return static_cast<std::uint32_t>(kept_.size() - 1);
  }
  const std::uint32_t note = free_notes_.back();
  free_notes_.pop_back();
  return note;
}

void PathAggregates::keep(nfa::NodeId node, std::uint32_t number, const Accumulator& accumulator) {
  std::uint32_t note = buffer_.note(node);
  if (note == 0) {
    note = take_note();
    buffer_.set_note(node, note);
  }
  KeptOfNode& kept = kept_[note];
  if (number >= kept.size()) kept.resize(number + 1);
  kept[number] = {true, accumulator};
}

Value PathAggregates::argument_on(Forms forms, nfa::EventRef event,
                                  runtime::EvaluationContext& context) const {
  const StoredEvent& stored = events_.get(event);
  const Expression& form = forms.size() == 1 ? forms.front() : forms[stored.schema.value()];
  return runtime::argument_on(form, row_of(stored, schemas_), context);
}

// The value that the aggregate has chosen, if it is one that chooses. Its event is on the path, so
// it is still there.
Value PathAggregates::chosen_of(Forms forms, const Accumulator& accumulator,
                                runtime::EvaluationContext& context) const {
  if (!runtime::is_choice(forms.front().op) || accumulator.counted == 0) return Value::null();
  return argument_on(forms, nfa::EventRef(accumulator.chosen), context);
}

Accumulator PathAggregates::up_to(nfa::NodeId path, Forms forms, std::uint32_t number,
                                  runtime::EvaluationContext& context) {
  LYMER_DCHECK(path != nfa::kNoNode);
  behind_.clear();
  const Accumulator* found = nullptr;
  nfa::NodeId node = path;
  while (node != nfa::kNoNode && (found = find(node, number)) == nullptr) {
    behind_.push_back(node);
    node = buffer_.previous(node);
  }
  Accumulator so_far = found == nullptr ? Accumulator{} : *found;
  steps_ += behind_.size();
  while (!behind_.empty()) {
    const nfa::PathEntry entry = buffer_.entry(behind_.back());
    if (entry.stage.value() == forms.front().history) {
      const Value next = argument_on(forms, entry.event, context);
      const Value chosen = chosen_of(forms, so_far, context);
      runtime::accumulate(forms.front().op, so_far, next, entry.event.value(), chosen);
    }
    keep(behind_.back(), number, so_far);
    behind_.pop_back();
  }
  return so_far;
}

Value PathAggregates::value(nfa::NodeId path, Forms forms, std::uint32_t number,
                            runtime::EvaluationContext& context) {
  const Accumulator accumulator = up_to(path, forms, number, context);
  const Value chosen = chosen_of(forms, accumulator, context);
  return runtime::result_of(forms.front().op, accumulator, chosen, context);
}

}  // namespace lymer::cep
