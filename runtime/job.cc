// The loop: sources first, then every chain as far as it goes.
// Not here: building the parts from rules (server/).
#include "runtime/job.h"

#include <algorithm>
#include <cstddef>

namespace lymer::runtime {
namespace {

constexpr Duration kIdleSleep = Duration::millis(20);

}  // namespace

bool FanOut::try_emit(Port port, StreamElement& element) {
  while (next_ + 1 < targets_.size()) {
    StreamElement copy = element;
    if (!targets_[next_]->try_emit(port, copy)) return false;
    ++next_;
  }
  if (next_ < targets_.size() && !targets_[next_]->try_emit(port, element)) return false;
  next_ = 0;
  return true;
}

Result<void> Job::run() {
  while (true) {
    LYMER_ASSIGN_OR_RETURN(const Round read, run_sources());
    LYMER_ASSIGN_OR_RETURN(const Round worked, run_chains());
    if (observer_ && observer_()) return {};
    if (read.ended && worked.ended) return {};
    if (!read.moved && !worked.moved) clock_.sleep(kIdleSleep);
  }
}

// The time of the source that holds the others back, of those that have something to read.
EventTime Job::furthest_behind() const {
  EventTime earliest = EventTime::max();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (states_[i] == SourceState::kActive) {
      earliest = std::min(earliest, sources_[i]->watermark());
    }
  }
  return earliest;
}

Result<Job::Round> Job::run_sources() {
  Round round;
  states_.resize(sources_.size(), SourceState::kActive);
  const EventTime behind = furthest_behind();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    SourceState& state = states_[i];
    if (state == SourceState::kActive && sources_[i]->watermark() > behind) {
      round.ended = false;
      continue;
    }
    LYMER_ASSIGN_OR_RETURN(state, sources_[i]->step());
    round.moved = round.moved || state == SourceState::kActive;
    round.ended = round.ended && state == SourceState::kEnded;
  }
  for (ChainInput* head : heads_) {
    LYMER_ASSIGN_OR_RETURN(Progress progress, head->resume());
    if (progress == Progress::kDone && is_due(head->next_timer())) {
      LYMER_ASSIGN_OR_RETURN(progress, head->on_timer(clock_.now()));
      round.moved = true;
    }
    round.ended = round.ended && progress == Progress::kDone;
  }
  return round;
}

Result<Job::Round> Job::run_chains() {
  Round round;
  for (FedChain& fed : chains_) {
    LYMER_ASSIGN_OR_RETURN(const bool moved, drain(fed));
    round.moved = round.moved || moved;
    round.ended = round.ended && fed.input->empty() && !fed.chain->is_blocked();
  }
  return round;
}

// Feeds the chain until its channel is empty or it blocks, then tells it the time; tells whether
// anything moved.
Result<bool> Job::drain(FedChain& fed) {
  bool moved = false;
  if (fed.chain->is_blocked()) {
    LYMER_ASSIGN_OR_RETURN(const Progress progress, fed.chain->resume());
    if (progress == Progress::kBlocked) return moved;
    moved = true;
  }
  while (auto element = fed.input->pop()) {
    moved = true;
    LYMER_ASSIGN_OR_RETURN(const Progress progress, fed.chain->push(std::move(*element)));
    if (progress == Progress::kBlocked) return moved;
  }
  if (is_due(fed.chain->next_timer())) {
    moved = true;
    LYMER_RETURN_IF_ERROR(fed.chain->on_timer(clock_.now()));
  }
  return moved;
}

// The clock is only read where an operator asks for the time.
bool Job::is_due(EventTime timer) const {
  return timer != EventTime::max() && timer <= clock_.now();
}

}  // namespace lymer::runtime
