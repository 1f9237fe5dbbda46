// Whole batches where all go one way, else a batch for each target.
// Not here: which partitioning an edge has (runtime/graph/stream_graph.h).
#include "runtime/exec/exchange.h"

#include <utility>
#include <variant>

#include "runtime/base/check.h"
#include "runtime/key_group.h"

namespace lymer::runtime {

std::string_view to_string(Partitioning partitioning) {
  switch (partitioning) {
    case Partitioning::kForward:
      return "forward";
    case Partitioning::kHash:
      return "hash";
    case Partitioning::kRebalance:
      return "rebalance";
    case Partitioning::kRescale:
      return "rescale";
    case Partitioning::kShuffle:
      return "shuffle";
    case Partitioning::kBroadcast:
      return "broadcast";
    case Partitioning::kGlobal:
      return "global";
    case Partitioning::kCustom:
      return "custom";
  }
  return "";
}

std::size_t subtask_of(KeyGroup group, std::size_t subtasks) {
  return std::size_t{group.value()} * subtasks / kKeyGroups;
}

Exchange::Exchange(Partitioning partitioning, std::vector<TaskChannel*> targets,
                   std::size_t subtask, CustomPartitioner custom)
    : partitioning_(partitioning),
      targets_(std::move(targets)),
      custom_(std::move(custom)),
      chance_(subtask + 1),
      turn_(subtask % targets_.size()),
      parts_(targets_.size()),
      waiting_(targets_.size()) {
  LYMER_CHECK(partitioning != Partitioning::kCustom || custom_, "a partitioner without function");
}

bool Exchange::try_emit(Port port, StreamElement& element) {
  (void)port;
  const auto* barrier = std::get_if<Barrier>(&element);
  if (overtakes_ && barrier != nullptr) {
    send_ahead(*barrier);
    element = EventBatch();
    return true;
  }
  if (!flush() && !(overtakes_ && waiting_bytes() < kOverdraftBytes)) return false;
  if (auto* batch = std::get_if<EventBatch>(&element)) return send(*batch);
  // All of them would multiply from exchange to exchange.
  const bool is_for_one = std::holds_alternative<LatencyMarker>(element);
  if (is_for_one) marker_turn_ = (marker_turn_ + 1) % targets_.size();
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!is_for_one || i == marker_turn_) put(i, element);
  }
  element = EventBatch();
  return true;
}

bool Exchange::flush() {
  bool is_done = true;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    std::deque<StreamElement>& waiting = waiting_[i];
    while (!waiting.empty() && targets_[i]->try_push(waiting.front())) waiting.pop_front();
    is_done = is_done && waiting.empty();
  }
  return is_done;
}

void Exchange::put(std::size_t target, StreamElement element) {
  if (waiting_[target].empty() && targets_[target]->try_push(element)) return;
  waiting_[target].push_back(std::move(element));
}

void Exchange::send_ahead(Barrier barrier) {
  (void)flush();
  barrier.unaligned = true;
  overtaken_.clear();
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    OvertakenChannel overtaken{.channel = targets_[i]->id(), .is_output = true, .elements = {}};
    for (const StreamElement& each : waiting_[i]) keep_overtaken(each, overtaken.elements);
    if (!overtaken.elements.empty()) overtaken_.push_back(std::move(overtaken));
    StreamElement mark = barrier;
    const bool is_taken = targets_[i]->try_push(mark);
    LYMER_CHECK(is_taken, "a channel refused a mark");
  }
}

std::vector<OvertakenChannel> Exchange::take_overtaken() { return std::exchange(overtaken_, {}); }

std::size_t Exchange::waiting_bytes() const {
  std::size_t bytes = 0;
  for (const auto& waiting : waiting_) {
    for (const StreamElement& each : waiting) {
      if (const auto* batch = std::get_if<EventBatch>(&each)) bytes += batch->byte_size();
    }
  }
  return bytes;
}

bool Exchange::send(EventBatch& batch) {
  const bool in_turns =
      partitioning_ == Partitioning::kRebalance || partitioning_ == Partitioning::kRescale;
  const bool is_first =
      partitioning_ == Partitioning::kGlobal || partitioning_ == Partitioning::kForward;
  if (targets_.size() > 1 && !in_turns && !is_first) {
    spread(batch);
    batch = EventBatch();
    return true;
  }
  const std::size_t target = in_turns ? turn_ : 0;
  StreamElement whole = std::move(batch);
  if (overtakes_) {
    put(target, std::move(whole));
  } else if (!targets_[target]->try_push(whole)) {
    batch = std::get<EventBatch>(std::move(whole));
    return false;
  }
  turn_ = (turn_ + 1) % targets_.size();
  return true;
}

void Exchange::spread(const EventBatch& batch) {
  if (partitioning_ == Partitioning::kBroadcast) {
    for (std::size_t i = 0; i < targets_.size(); ++i) put(i, batch);
    return;
  }
  // Room for an even share and some more, so that most parts never grow.
  const std::size_t bytes = batch.byte_size() - batch.size() * sizeof(EventHeader);
  const auto share = [this](std::size_t all) { return all * 5 / (targets_.size() * 4) + 1; };
  for (EventBatch& part : parts_) part.reserve(share(batch.size()), share(bytes));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const EventHeader& header = batch.headers()[i];
    EventBatch& part = parts_[target_of(batch, i)];
    part.append(header, batch.bytes(header.row), batch.raw(i));
    part.set_key_hash(part.size() - 1, header.key_hash);
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!parts_[i].empty()) put(i, std::exchange(parts_[i], {}));
  }
}

std::size_t Exchange::target_of(const EventBatch& batch, std::size_t index) {
  const EventHeader& header = batch.headers()[index];
  if (partitioning_ == Partitioning::kHash) {
    return subtask_of(key_group_of_hash(header.key_hash), targets_.size());
  }
  if (partitioning_ == Partitioning::kCustom) {
    return custom_(header, batch.bytes(header.row), targets_.size()) % targets_.size();
  }
  // A step of xorshift (Marsaglia, 2003).
  chance_ ^= chance_ << 13U;
  chance_ ^= chance_ >> 7U;
  chance_ ^= chance_ << 17U;
  return chance_ % targets_.size();
}

}  // namespace lymer::runtime
