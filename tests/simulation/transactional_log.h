// A log of lines with transactions that outlives the processes that write to it, and fails as such
// logs do: a call may be refused, or be carried out and its answer lost.
//
//   TransactionalLog log(chance);
//   log.fail_one_in(50);
//   stream.sink_to("lines", log.sink("lines", schema));
//   log.end_of_process();        // What was open is aborted; what was prepared stays.
//   log.lines("lines")           // Committed, in the order of the commits.
//
// Not here: files as sinks (runtime/part_file_sink.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/schema.h"
#include "runtime/sink.h"
#include "runtime/source_share.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/planted.h"

namespace lymer::simulation {

// What a sink is told to write, and what it is held against.
struct LogLine {
  std::string key;  // The event's first field.
  std::string text;
  friend auto operator<=>(const LogLine&, const LogLine&) = default;
};
[[nodiscard]] std::vector<LogLine> log_lines(const runtime::EventBatch& batch,
                                             const runtime::SchemaRef& schema);

using SinkMaker = std::function<std::unique_ptr<runtime::Sink>(runtime::SourceShare)>;

// For one thread.
class TransactionalLog {
 public:
  // `chance` must outlive the log.
  TransactionalLog(Chance& chance, Planted planted) : chance_(chance), planted_(planted) {}

  [[nodiscard]] SinkMaker sink(const std::string& topic, const runtime::SchemaRef& schema);

  // Of calls; none for 0.
  void fail_one_in(std::size_t calls) { fail_one_in_ = calls; }
  void end_of_process();

  [[nodiscard]] const std::vector<LogLine>& lines(const std::string& topic) {
    return committed_[topic];
  }
  // Calls that make no sense; empty if there were none.
  [[nodiscard]] const std::string& misuse() const noexcept { return misuse_; }
  // What calls have come to nothing or lost their answer.
  [[nodiscard]] std::size_t failures() const noexcept { return failures_; }

 private:
  class LogSink;
  enum class State : std::uint8_t { kOpen, kPrepared, kCommitted, kAborted };
  struct Entry {
    std::string topic;
    std::size_t subtask = 0;
    State state = State::kOpen;
    std::vector<LogLine> lines;
  };
  using Id = std::uint64_t;

  // Does `what`, or fails, or does it and fails.
  [[nodiscard]] Result<void> call(const std::string& name, const std::function<void()>& what);
  [[nodiscard]] Result<Id> begin(const std::string& topic, std::size_t subtask);
  [[nodiscard]] Result<void> write(Id id, const std::vector<LogLine>& lines);
  [[nodiscard]] Result<void> prepare(Id id);
  [[nodiscard]] Result<void> commit(Id id);
  [[nodiscard]] Result<void> abort(Id id);
  // Aborts what is prepared and belongs to this share, but for `held`.
  [[nodiscard]] Result<void> abort_others(const std::string& topic, runtime::SourceShare share,
                                          const std::vector<Id>& held);
  void make_visible(Entry& entry);
  [[nodiscard]] Entry& entry(Id id) { return entries_.at(id); }

  Chance& chance_;
  Planted planted_;
  std::size_t fail_one_in_ = 0;
  std::size_t failures_ = 0;
  std::vector<Entry> entries_;
  std::map<std::string, std::vector<LogLine>> committed_;
  std::string misuse_;
};

}  // namespace lymer::simulation
