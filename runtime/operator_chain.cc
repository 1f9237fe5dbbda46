// A link is an operator and, for the one before it, a collector.
// Not here: who drives chains (runtime/exec/task.cc).
#include "runtime/operator_chain.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace lymer::runtime {

// Collects for its operator: the main output goes to the next link, all else to the chain's end.
class OperatorChain::Link final : public Collector {
 public:
  Link(OperatorChain& chain, std::size_t index, Member member)
      : chain_(chain), index_(index), member_(std::move(member)) {}

  bool try_emit(Port port, StreamElement& element) override {
    const bool is_last = index_ + 1 == chain_.links_.size();
    if (port != kMainPort && member_.drops_side_outputs) {
      element = EventBatch();
      return true;
    }
    if (port != kMainPort || is_last) return chain_.end_.try_emit(port, element);
    if (chain_.error_ || chain_.links_[index_ + 1]->blocked_) return false;
    Result<Progress> progress = chain_.dispatch(index_ + 1, std::move(element));
    if (!progress) chain_.error_ = progress.error();
    return true;
  }

  std::size_t snapshot_bytes = 0;  // Of the last snapshot whose size is known.

  Operator& op() { return *member_.op; }
  const std::string& uid() const { return member_.uid; }
  bool blocked() const { return blocked_; }

  Result<void> open(OperatorContext context) {
    is_open_ = true;
    context.uid = uid();
    context.metrics = context.metrics->group("operator", uid());
    return op().open(context);
  }
  Result<void> close() { return std::exchange(is_open_, false) ? op().close() : Result<void>(); }

  Result<Progress> settle(Result<Progress> progress) {
    blocked_ = progress && *progress == Progress::kBlocked;
    return progress;
  }

 private:
  OperatorChain& chain_;
  std::size_t index_;
  Member member_;
  bool blocked_ = false;
  bool is_open_ = false;
};

namespace {

// Calls the verb that fits the element.
struct Dispatch {
  Operator& op;
  Collector& out;

  Result<Progress> operator()(EventBatch batch) { return op.on_batch(std::move(batch), out); }
  Result<Progress> operator()(Watermark mark) { return op.on_watermark(mark.time, out); }
  Result<Progress> operator()(EndOfInput) { return op.on_end_of_input(out); }
  template <typename Mark>
  Result<Progress> operator()(Mark mark) {
    return op.on_mark(StreamElement(std::move(mark)), out);
  }
};

}  // namespace

OperatorChain::OperatorChain(std::vector<Member> members, Collector& end) : end_(end) {
  LYMER_CHECK(!members.empty(), "an empty chain");
  for (Member& member : members) {
    links_.push_back(std::make_unique<Link>(*this, links_.size(), std::move(member)));
  }
}

OperatorChain::~OperatorChain() = default;

Operator& OperatorChain::member(std::size_t index) { return links_[index]->op(); }

Result<void> OperatorChain::open(const OperatorContext& context) {
  share_ = context.share;
  for (const auto& link : links_) LYMER_RETURN_IF_ERROR(link->open(context));
  return {};
}

Result<void> OperatorChain::restore(const FindState& find) {
  for (const auto& link : links_) {
    LYMER_ASSIGN_OR_RETURN(const auto state, find(link->uid(), share_));
    if (!state) continue;
    link->snapshot_bytes = state->byte_size();
    if (auto restored = link->op().restore(*state); !restored) {
      return restored.error().within(link->uid());
    }
  }
  return {};
}

Result<void> OperatorPart::finish() {
  if (writer == nullptr) return {};
  const auto finished = std::exchange(writer, nullptr);
  LYMER_ASSIGN_OR_RETURN(const auto bytes, finished->take());
  LYMER_ASSIGN_OR_RETURN(state, StateSnapshot::deserialize(bytes));
  return {};
}

// Where there is no memory for a copy the operator waits, as it does for a small one.
Result<void> OperatorChain::snapshot(std::size_t index) {
  Link& link = *links_[index];
  const bool is_copied = link.snapshot_bytes >= copied_bytes_ && ForkedWriter::is_possible() &&
                         link.op().snapshots_memory_alone();
  if (!is_copied) return snapshot_now(index);
  auto writer = ForkedWriter::start([&link]() -> Result<std::vector<std::byte>> {
    StateSnapshot state;
    LYMER_RETURN_IF_ERROR(link.op().snapshot(state));
    return state.serialize();
  });
  if (!writer) return snapshot_now(index);
  snapshots_.push_back(
      {link.uid(), static_cast<std::uint32_t>(share_.subtask), {}, *std::move(writer)});
  return {};
}

Result<void> OperatorChain::snapshot_now(std::size_t index) {
  Link& link = *links_[index];
  OperatorPart part{link.uid(), static_cast<std::uint32_t>(share_.subtask), {}};
  LYMER_RETURN_IF_ERROR(link.op().snapshot(part.state));
  link.snapshot_bytes = part.state.byte_size();
  snapshots_.push_back(std::move(part));
  return {};
}

std::optional<std::vector<OperatorPart>> OperatorChain::take_snapshots() {
  if (snapshots_.size() < links_.size()) return std::nullopt;
  return std::exchange(snapshots_, {});
}

Result<std::vector<OperatorPart>> OperatorChain::last_snapshots() {
  LYMER_CHECK(!is_blocked(), "a blocked chain was asked for its last snapshot");
  snapshots_.clear();
  for (std::size_t i = 0; i < links_.size(); ++i) LYMER_RETURN_IF_ERROR(snapshot_now(i));
  return std::exchange(snapshots_, {});
}

Result<void> OperatorChain::on_checkpoint_complete(Epoch epoch) {
  for (const auto& link : links_) LYMER_RETURN_IF_ERROR(link->op().on_checkpoint_complete(epoch));
  return {};
}

Result<void> OperatorChain::on_checkpoint_aborted(Epoch epoch) {
  for (const auto& link : links_) LYMER_RETURN_IF_ERROR(link->op().on_checkpoint_aborted(epoch));
  return {};
}

void OperatorChain::update_metrics() {
  for (const auto& link : links_) link->op().update_metrics();
}

Result<Progress> OperatorChain::dispatch(std::size_t index, StreamElement element) {
  Link& link = *links_[index];
  if (const auto* barrier = std::get_if<Barrier>(&element)) {
    if (index == 0) snapshots_.clear();
    LYMER_RETURN_IF_ERROR(link.op().on_barrier(barrier->epoch));
    LYMER_RETURN_IF_ERROR(snapshot(index));
  }
  return link.settle(std::visit(Dispatch{link.op(), link}, std::move(element)));
}

Result<Progress> OperatorChain::push(StreamElement element, std::size_t index) {
  LYMER_CHECK(!is_blocked(), "a blocked chain was given input");
  LYMER_RETURN_IF_ERROR(dispatch(index, std::move(element)));
  if (error_) return *error_;
  return is_blocked() ? Progress::kBlocked : Progress::kDone;
}

bool OperatorChain::is_blocked() const {
  for (const auto& link : links_) {
    if (link->blocked()) return true;
  }
  return false;
}

// From the end up, so that each operator finds room below it.
Result<Progress> OperatorChain::resume() {
  for (std::size_t i = links_.size(); i-- > 0;) {
    Link& link = *links_[i];
    if (!link.blocked()) continue;
    LYMER_ASSIGN_OR_RETURN(const Progress progress, link.settle(link.op().resume(link)));
    if (error_) return *error_;
    if (progress == Progress::kBlocked) break;
  }
  return is_blocked() ? Progress::kBlocked : Progress::kDone;
}

EventTime OperatorChain::next_timer() const {
  EventTime next = EventTime::max();
  for (const auto& link : links_) next = std::min(next, link->op().next_timer());
  return next;
}

// From the end up, as in resume(): what an operator puts out finds room below it.
Result<Progress> OperatorChain::on_timer(EventTime now) {
  LYMER_CHECK(!is_blocked(), "a blocked chain was told the time");
  for (std::size_t i = links_.size(); i-- > 0 && !is_blocked();) {
    Link& link = *links_[i];
    if (link.op().next_timer() > now) continue;
    LYMER_RETURN_IF_ERROR(link.settle(link.op().on_timer(now, link)));
    if (error_) return *error_;
  }
  return is_blocked() ? Progress::kBlocked : Progress::kDone;
}

Result<Progress> ChainInput::on_timer(EventTime now) {
  LYMER_ASSIGN_OR_RETURN(const Progress progress, resume());
  if (progress == Progress::kBlocked) return progress;
  auto told = chain_.on_timer(now);
  if (!told) error_ = told.error();
  return told;
}

bool ChainInput::try_emit(Port port, StreamElement& element) {
  (void)port;
  const auto resumed = resume();
  if (!resumed || *resumed == Progress::kBlocked) return false;
  if (auto pushed = chain_.push(std::move(element)); !pushed) error_ = pushed.error();
  return true;
}

Result<Progress> ChainInput::resume() {
  if (error_) return *error_;
  if (!chain_.is_blocked()) return Progress::kDone;
  auto resumed = chain_.resume();
  if (!resumed) error_ = resumed.error();
  return resumed;
}

Result<void> OperatorChain::close() {
  Result<void> first;
  for (const auto& link : links_) {
    auto closed = link->close();
    if (first && !closed) first = closed;
  }
  return first;
}

}  // namespace lymer::runtime
