// Reading a path once and sorting it by stage.
// Not here: when a path is no longer valid; the operator says so.
#include "cep/match_history.h"

namespace lymer::cep {

void MatchHistory::set_path(nfa::NodeId path) {
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

runtime::RowView MatchHistory::row_of(nfa::EventRef event) const {
  const StoredEvent& stored = events_.get(event);
  return runtime::RowView(stored.row(), schemas_[stored.schema.value()]->size());
}

}  // namespace lymer::cep
