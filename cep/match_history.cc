// Reading a path once and sorting it by stage.
// Not here: when a path is no longer valid; the operator says so.
#include "cep/match_history.h"

#include "runtime/base/check.h"

namespace lymer::cep {

void MatchHistory::set_path(nfa::NodeId path, AggregateNumbers* numbers) {
  numbers_ = numbers;
  if (node_ == path) return;
  node_ = path;
  read_ = false;
}

void MatchHistory::read() {
  if (read_) return;
  read_ = true;
  buffer_.read_path(node_, path_);
  sort_by_stage();
}

void MatchHistory::set_events(std::span<const nfa::PathEntry> path) {
  node_ = nfa::kNoNode;
  numbers_ = nullptr;
  read_ = true;
  path_.assign(path.begin(), path.end());
  sort_by_stage();
}

void MatchHistory::sort_by_stage() {
  for (std::vector<nfa::EventRef>& stage : by_stage_) stage.clear();
  for (const nfa::PathEntry& entry : path_) {
    const std::size_t stage = entry.stage.value();
    if (stage >= by_stage_.size()) by_stage_.resize(stage + 1);
    by_stage_[stage].push_back(entry.event);
  }
}

std::size_t MatchHistory::count(runtime::HistoryIndex stage) {
  read();
  return stage < by_stage_.size() ? by_stage_[stage].size() : 0;
}

runtime::RowView MatchHistory::row(runtime::HistoryIndex stage, std::size_t index) {
  read();
  return row_of(by_stage_[stage][index]);
}

const std::vector<nfa::PathEntry>& MatchHistory::path() {
  read();
  return path_;
}

std::vector<EventView> MatchHistory::events(runtime::HistoryIndex stage) {
  read();
  std::vector<EventView> views;
  if (stage >= by_stage_.size()) return views;
  views.reserve(by_stage_[stage].size());
  for (const nfa::EventRef event : by_stage_[stage]) views.push_back(view_of(event));
  return views;
}

std::optional<runtime::Value> MatchHistory::kept(const runtime::Expression& aggregate,
                                                 runtime::EvaluationContext& context) {
  if (numbers_ == nullptr || node_ == nfa::kNoNode) return std::nullopt;
  const auto number = numbers_->number_of(aggregate);
  if (!number) return std::nullopt;
  return aggregates_.value(node_, std::span(&aggregate, 1), *number, context);
}

runtime::Value MatchHistory::aggregate(PathAggregates::Forms forms, AggregateNumbers& numbers,
                                       runtime::EvaluationContext& context) {
  if (node_ == nfa::kNoNode) return runtime::result_of(forms.front().op, {}, {}, context);
  const auto number = numbers.number_of(forms.front());
  LYMER_CHECK(number.has_value(), "an aggregate of aggregates");
  return aggregates_.value(node_, forms, *number, context);
}

}  // namespace lymer::cep
