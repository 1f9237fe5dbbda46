// One slot of memory for each atom.
// Not here: what the atoms say (cep/condition.h).
#include "cep/condition_cache.h"

#include <algorithm>
#include <utility>

namespace lymer::cep {

ConditionCache::ConditionCache(std::vector<ConditionRef> atoms, MatchHistory& history,
                               std::vector<std::string> stages)
    : atoms_(std::move(atoms)),
      answers_(atoms_.size(), Answer::kUnknown),
      history_(history),
      taken_(std::move(stages), history, numbers_) {
  for (const ConditionRef& atom : atoms_) {
    reads_histories_.push_back(atom->reads_histories() ? 1 : 0);
  }
}

void ConditionCache::set_event(const runtime::RowView& row, const StoredEvent& event) {
  row_ = row;
  event_ = &event;
  history_.invalidate();
  std::ranges::fill(answers_, Answer::kUnknown);
}

void ConditionCache::know(std::uint64_t known, std::uint64_t answers) {
  for (std::size_t i = 0; known != 0; ++i, known >>= 1U, answers >>= 1U) {
    if ((known & 1U) != 0) answers_[i] = (answers & 1U) != 0 ? Answer::kYes : Answer::kNo;
  }
}

bool ConditionCache::test(const Condition& part) {
  ConditionContext context{.row = row_,
                           .time = event_->time,
                           .schema = event_->schema,
                           .key_mask = event_->key_mask,
                           .histories = history_,
                           .scratch = scratch_,
                           .layout = history_.schemas()[event_->schema.value()].get(),
                           .taken = &taken_,
                           .clock = clock_,
                           .exception = &exception_};
  const bool holds = part.test(context);
  errors_ += context.errors;
  return holds;
}

bool ConditionCache::holds(nfa::AtomId atom, nfa::NodeId path) {
  const std::size_t index = atom.value();
  if (reads_histories_[index] != 0) {
    history_.set_path(path, &numbers_);
    return test(*atoms_[index]);
  }
  if (answers_[index] == Answer::kUnknown) {
    answers_[index] = test(*atoms_[index]) ? Answer::kYes : Answer::kNo;
  }
  return answers_[index] == Answer::kYes;
}

}  // namespace lymer::cep
