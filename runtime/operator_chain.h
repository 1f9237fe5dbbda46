// Operators that hand their main output straight to the next one, without a queue between.
//
// A chain is driven from its head and runs in one thread; what leaves its last operator, and every
// side output, goes to the chain's own collector. When that refuses, the operator above it blocks,
// and so on up to the head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/forked_writer.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/operator.h"
#include "runtime/source_share.h"
#include "runtime/state_snapshot.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// The state of one operator in one subtask.
struct OperatorPart {
  std::string uid;
  std::uint32_t subtask = 0;
  StateSnapshot state;
  // A copy of the process is still writing the state, if it is not null: see finish().
  std::shared_ptr<ForkedWriter> writer = nullptr;

  [[nodiscard]] bool is_ready() const { return writer == nullptr || writer->is_ready(); }
  // Takes the state from who wrote it; requires is_ready(). Returns kIo if it could not be written.
  [[nodiscard]] Result<void> finish();

  friend bool operator==(const OperatorPart&, const OperatorPart&) = default;
};

// Finds the state that an operator's subtask goes on with; nothing where there is none.
using FindState =
    std::function<Result<std::optional<StateSnapshot>>(const std::string& uid, SourceShare share)>;

class OperatorChain {
 public:
  struct Member {
    std::string uid;
    std::unique_ptr<Operator> op;
    bool drops_side_outputs = false;  // Nobody reads them; otherwise they go to the chain's end.
  };

  // `end` takes the output and must outlive the chain. Requires at least one member.
  OperatorChain(std::vector<Member> members, Collector& end);
  OperatorChain(const OperatorChain&) = delete;
  OperatorChain& operator=(const OperatorChain&) = delete;
  OperatorChain(OperatorChain&&) = delete;
  OperatorChain& operator=(OperatorChain&&) = delete;
  ~OperatorChain();

  // From how many bytes on the snapshot of an operator is written by a copy of the process, where
  // that is possible; never without. What counts is the size of the one before.
  void copy_snapshots_from(std::size_t bytes) { copied_bytes_ = bytes; }
  // Opens all, with what the context says besides uids and metrics: each operator has a group of
  // its own below those.
  [[nodiscard]] Result<void> open(const OperatorContext& context);
  [[nodiscard]] Result<void> open(Clock& clock) { return open(OperatorContext{"", clock}); }
  // Gives each its state back; once, after open(). One with an unknown uid starts afresh.
  [[nodiscard]] Result<void> restore(const FindState& find);
  void update_metrics();
  // Gives an element to the head. Requires that the chain is not blocked. A barrier makes a
  // snapshot of each operator as it passes. What was on its way to a later operator goes there.
  [[nodiscard]] Result<Progress> push(StreamElement element, std::size_t index = 0);
  // Gives the snapshots of all, once a barrier has passed them all; nothing otherwise.
  [[nodiscard]] std::optional<std::vector<OperatorPart>> take_snapshots();
  // Makes snapshots of all at the end of input. Requires that the chain is not blocked.
  [[nodiscard]] Result<std::vector<OperatorPart>> last_snapshots();
  // Tells all operators; see there.
  [[nodiscard]] Result<void> on_checkpoint_complete(Epoch epoch);
  [[nodiscard]] Result<void> on_checkpoint_aborted(Epoch epoch);
  // Goes on after kBlocked.
  [[nodiscard]] Result<Progress> resume();
  [[nodiscard]] bool is_blocked() const;
  // The earliest processing time for which an operator asks, EventTime::max() if none does.
  [[nodiscard]] EventTime next_timer() const;
  // Tells the operators that asked for it. Requires that the chain is not blocked.
  [[nodiscard]] Result<Progress> on_timer(EventTime now);
  // Closes those that were opened, all of them. Returns the first error.
  [[nodiscard]] Result<void> close();

  [[nodiscard]] std::size_t size() const noexcept { return links_.size(); }
  [[nodiscard]] Operator& member(std::size_t index);

 private:
  class Link;
  [[nodiscard]] Result<Progress> dispatch(std::size_t index, StreamElement element);
  [[nodiscard]] Result<void> snapshot(std::size_t index);
  [[nodiscard]] Result<void> snapshot_now(std::size_t index);

  std::vector<std::unique_ptr<Link>> links_;
  std::vector<OperatorPart> snapshots_;  // Of the operators that the last barrier has passed.
  std::size_t copied_bytes_ = std::numeric_limits<std::size_t>::max();
  SourceShare share_;
  Collector& end_;
  std::optional<Error> error_;  // Met by an operator further down during a call of one above.
};

// A collector in front of a chain. A collector cannot say what went wrong, so an error is kept
// until the driver asks.
class ChainInput final : public Collector {
 public:
  // The chain must outlive its input.
  explicit ChainInput(OperatorChain& chain) : chain_(chain) {}
  [[nodiscard]] bool try_emit(Port port, StreamElement& element) override;

  // Lets a blocked chain go on. Returns the first error since the beginning.
  [[nodiscard]] Result<Progress> resume();
  // As the chain has them; a blocked one is told later.
  [[nodiscard]] EventTime next_timer() const { return chain_.next_timer(); }
  [[nodiscard]] Result<Progress> on_timer(EventTime now);

 private:
  OperatorChain& chain_;
  std::optional<Error> error_;
};

}  // namespace lymer::runtime
