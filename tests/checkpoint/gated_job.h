// Jobs that fail where a test says, and read on only when it lets them: so what a restart goes on
// from does not depend on time.
//
//   GatedJob parts;
//   parts.add(job, "a", ledger.sink("a", GatedJob::rows()));
//   parts.gate("a").limit = 5000;          // Rows to be read, by and large.
//   parts.gate("a").fail_at({6000});       // That one fails when it comes, once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/operators/process.h"
#include "runtime/row_source.h"
#include "runtime/stream/stream.h"
#include "runtime/window/assigner.h"
#include "tests/support/events.h"

namespace lymer::checkpoint {

// What a test and one source with its operators say to each other. Outlives the starts of a job.
class Gate {
 public:
  static constexpr std::uint64_t kRows = 40'000;

  std::atomic<std::uint64_t> limit = 0;    // The source reads no more beyond it and a batch.
  std::atomic<std::uint64_t> read = 0;     // By the newest source.
  std::atomic<bool> always_fails = false;  // With any row.
  std::atomic<int> failing_restores = 0;   // So many fail.
  std::atomic<int> failing_commits = 0;    // Likewise.
  std::atomic<std::uint64_t> rows = 0;     // That the operator has seen, again and again.
  std::atomic<int> makes = 0;              // Of the source.

  void fail_at(std::set<std::uint64_t> at) {
    const std::lock_guard lock(mutex_);
    fails_at_ = std::move(at);
  }
  [[nodiscard]] bool takes_fault(std::uint64_t row) {
    const std::lock_guard lock(mutex_);
    return fails_at_.erase(row) > 0;
  }
  // Tells with which row a source began.
  void begin(std::uint64_t row) {
    const std::lock_guard lock(mutex_);
    begun_.push_back(row);
  }
  [[nodiscard]] std::vector<std::uint64_t> begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::uint64_t> fails_at_;
  std::vector<std::uint64_t> begun_;
};

class GatedSource final : public runtime::EventSource {
 public:
  GatedSource(Gate& gate, const runtime::SchemaRef& schema, runtime::SchemaId id,
              runtime::SourceShare share)
      : gate_(gate),
        source_({.schema = schema,
                 .schema_id = id,
                 .split = runtime::SplitId(0),
                 .out_of_order = {},
                 .make = [this](std::uint64_t number, runtime::RowBuilder& row,
                                EventTime& time) { return make(number, row, time); }},
                share) {
    ++gate_.makes;
  }
  Result<runtime::SourceState> step(runtime::Collector& out) override {
    const bool may_read = !next_ || *next_ < gate_.limit || *next_ >= Gate::kRows;
    if (may_read || has_finished_) return source_.step(out);
    const runtime::SourceState state = source_.flush(out);
    return state == runtime::SourceState::kActive ? runtime::SourceState::kIdle : state;
  }
  runtime::SourceState flush(runtime::Collector& out) override { return source_.flush(out); }
  void finish(bool drains) override {
    has_finished_ = true;
    source_.finish(drains);
  }
  Result<void> snapshot(runtime::StateSnapshot& state) const override {
    return source_.snapshot(state);
  }
  Result<void> restore(const runtime::StateSnapshot& state) override {
    return source_.restore(state);
  }
  EventTime watermark() const override { return source_.watermark(); }

 private:
  bool make(std::uint64_t number, runtime::RowBuilder& row, EventTime& time) {
    if (!next_) gate_.begin(number);
    next_ = number + 1;
    gate_.read = number + 1;
    row.set(0, runtime::Value::of(static_cast<std::int64_t>(number % 37)));
    row.set(1, runtime::Value::of(static_cast<std::int64_t>(number)));
    time = support::ms(static_cast<std::int64_t>(number));
    return number < Gate::kRows;
  }

  Gate& gate_;
  std::optional<std::uint64_t> next_;  // None before the first.
  bool has_finished_ = false;
  runtime::RowSource source_;
};

// Passes rows on, unless it is told to fail.
class Failing final : public runtime::Operator {
 public:
  Failing(Gate& gate, runtime::SchemaRef schema) : gate_(gate), schema_(std::move(schema)) {}
  Result<runtime::Progress> on_batch(runtime::EventBatch batch, runtime::Collector& out) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const runtime::RowView row(batch.bytes(batch.headers()[i].row), schema_->size());
      const auto number = static_cast<std::uint64_t>(row.get(1, support::kInteger).as_int());
      ++gate_.rows;
      if (gate_.takes_fault(number) || gate_.always_fails) {
        return Error{ErrorCode::kIo, "row " + std::to_string(number) + " is unlucky"};
      }
    }
    return emit_or_keep(std::move(batch), out);
  }
  Result<void> snapshot(runtime::StateSnapshot& state) const override {
    state.put_operator_state("nothing", {});
    return {};
  }
  Result<void> restore(const runtime::StateSnapshot&) override {
    if (gate_.failing_restores.fetch_sub(1) <= 0) return {};
    return Error{ErrorCode::kIo, "it cannot be restored"};
  }

 private:
  Gate& gate_;
  runtime::SchemaRef schema_;
};

// A sink whose commits fail when they are told to.
class FailingSink final : public runtime::Sink {
 public:
  FailingSink(Gate& gate, std::unique_ptr<runtime::Sink> sink)
      : gate_(gate), sink_(std::move(sink)) {}
  Result<void> recover(const std::vector<runtime::Transaction>& held,
                       runtime::Epoch next) override {
    return sink_->recover(held, next);
  }
  Result<void> begin(runtime::Epoch epoch) override { return sink_->begin(epoch); }
  Result<void> write(const runtime::EventBatch& batch) override { return sink_->write(batch); }
  Result<runtime::Transaction> pre_commit(runtime::Epoch epoch) override {
    return sink_->pre_commit(epoch);
  }
  Result<void> commit(const runtime::Transaction& transaction) override {
    if (gate_.failing_commits.fetch_sub(1) > 0) return Error{ErrorCode::kIo, "no commit"};
    return sink_->commit(transaction);
  }
  Result<void> abort(runtime::Epoch epoch) override { return sink_->abort(epoch); }
  Result<void> close() override { return sink_->close(); }

 private:
  Gate& gate_;
  std::unique_ptr<runtime::Sink> sink_;
};

class GatedJob {
 public:
  using SinkMaker = std::function<std::unique_ptr<runtime::Sink>(runtime::SourceShare)>;

  [[nodiscard]] static const runtime::SchemaRef& schema() {
    static const runtime::SchemaRef kSchema =
        support::schema_of({{"key", support::kInteger}, {"n", support::kInteger}}, "rows");
    return kSchema;
  }
  [[nodiscard]] Gate& gate(const std::string& name) {
    auto& gate = gates_[name];
    if (gate == nullptr) gate = std::make_unique<Gate>();
    return *gate;
  }
  // Rows -> what may fail -> the greatest row of each window of each key -> sink.
  void add(runtime::StreamJob& job, const std::string& name, const SinkMaker& sink) {
    Gate* const gate = &this->gate(name);
    const auto source = [gate, id = job.id_of(schema())](runtime::SourceShare share) {
      return std::make_unique<GatedSource>(*gate, schema(), id, share);
    };
    const auto fails = [gate](const runtime::SourceShare&) {
      return std::make_unique<Failing>(*gate, schema());
    };
    (void)job.from_source(name, schema(), source)
        .uid(name)
        .key_by({0})
        .stream()
        .transform(name + " fails", schema(), fails)
        .uid(name + " fails")
        .key_by({0})
        .window(runtime::WindowAssigner::tumbling(Duration::millis(500)))
        .aggregate(name + " most", schema(), most())
        .sink_to(name + " sink", [gate, sink](runtime::SourceShare share) {
          return std::make_unique<FailingSink>(*gate, sink(share));
        });
  }

 private:
  using Most = std::pair<std::int64_t, std::int64_t>;
  static runtime::WindowFunction most() {
    return runtime::aggregate_window<Most>(
        {0, 0},
        [](Most& most, const runtime::WindowEvent& event) {
          most.first = event.row.get(0, support::kInteger).as_int();
          most.second = std::max(most.second, event.row.get(1, support::kInteger).as_int());
        },
        [](Most& most, const Most& other) { most = std::max(most, other); },
        [](const Most& most, const runtime::WindowView&, const runtime::EmitRow& emit) {
          emit(support::row_of(schema(), {most.first, most.second}));
        });
  }

  std::map<std::string, std::unique_ptr<Gate>> gates_;
};

}  // namespace lymer::checkpoint
