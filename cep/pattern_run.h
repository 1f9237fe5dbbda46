// Runs a PatternStream inside a program of one's own: events are given by calls, rows come back in
// calls. No sources, no sinks, no threads.
//
//   auto run = PatternRun::start(std::move(stream), clock);
//   (*run)->on_matches([](const EventView& row) { ... });
//   (*run)->add(time, row);            // as often as there are events
//   (*run)->advance_watermark(time);   // matches up to there come out
//   (*run)->finish();
//
// Not here: files in and out, several streams, snapshots: those take a job (cep/detect.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "cep/event_view.h"
#include "cep/match_context.h"
#include "cep/pattern_operator.h"
#include "cep/pattern_stream.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/operator_chain.h"
#include "runtime/row.h"

namespace lymer::cep {

// For one thread.
class PatternRun final : private runtime::Collector {
  // Only start() can make one, so that it can fail.
  class Passkey {
    friend class PatternRun;
    Passkey() = default;
  };

 public:
  using RowHandler = std::function<void(const EventView&)>;

  // Opens the operators. Returns what PatternStream::build() does. The clock must outlive the run.
  [[nodiscard]] static Result<std::unique_ptr<PatternRun>> start(PatternStream stream,
                                                                 Clock& clock);
  PatternRun(Passkey key, const PatternStream& stream, Clock& clock);
  ~PatternRun() override = default;
  PatternRun(const PatternRun&) = delete;
  PatternRun& operator=(const PatternRun&) = delete;
  PatternRun(PatternRun&&) = delete;
  PatternRun& operator=(PatternRun&&) = delete;

  // Say who gets the rows; rows that nobody asks for are dropped. A row lives during the call.
  void on_matches(RowHandler handler) { listen(runtime::kMainPort, matches_, std::move(handler)); }
  void on_timeouts(RowHandler handler) { listen(kTimeoutPort, timeouts_, std::move(handler)); }
  void on_late_events(RowHandler handler) { listen(kLatePort, events_, std::move(handler)); }
  void on_output(const SideOutput& output, RowHandler handler) {
    listen(output.port, output.schema, std::move(handler));
  }

  // Gives one event, a row of the stream's schema. In processing time the clock's time counts, and
  // windows that have ended by then end first.
  [[nodiscard]] Result<void> add(EventTime time, const runtime::RowBuilder& row);
  // No event at or before `time` will follow: what is complete by then comes out. Watermarks must
  // not go back.
  [[nodiscard]] Result<void> advance_watermark(EventTime time);
  // In processing time: ends the windows that have ended by the clock.
  [[nodiscard]] Result<void> advance_clock();
  // All events have been given. In event time everything that waits comes out, and all windows end.
  // Nothing may be called after it.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] RuleCounters counters() const;
  [[nodiscard]] std::uint64_t late_events() const;

 private:
  struct Listener {
    runtime::SchemaRef schema;
    RowHandler handler;
  };
  void listen(runtime::Port port, runtime::SchemaRef schema, RowHandler handler) {
    listeners_[port] = {std::move(schema), std::move(handler)};
  }
  [[nodiscard]] bool try_emit(runtime::Port port, runtime::StreamElement& element) override;
  [[nodiscard]] Result<void> push(runtime::StreamElement element);
  [[nodiscard]] const PatternOperator& pattern() const;

  Clock& clock_;
  runtime::SchemaRef events_;
  runtime::SchemaRef matches_;
  runtime::SchemaRef timeouts_;
  std::map<runtime::Port, Listener> listeners_;
  std::unique_ptr<runtime::OperatorChain> chain_;
  std::uint64_t next_offset_ = 0;
};

}  // namespace lymer::cep
