// Transactions have numbers, which sinks keep in their checkpoints.
// Not here: what is done with failures (tests/simulation/simulation.cc).
#include "tests/simulation/transactional_log.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/row.h"
#include "tests/support/events.h"

namespace lymer::simulation {

using runtime::Epoch;
using runtime::EventBatch;
using runtime::SourceShare;
using runtime::Transaction;

std::vector<LogLine> log_lines(const EventBatch& batch, const runtime::SchemaRef& schema) {
  std::vector<LogLine> lines;
  runtime::StreamElement element = batch;
  std::vector<std::string> texts = support::lines_of(element, schema);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const runtime::RowView row(batch.bytes(batch.headers()[i].row), schema->size());
    lines.push_back({std::string(row.get(0, support::kText).as_string()), std::move(texts[i])});
  }
  return lines;
}

class TransactionalLog::LogSink final : public runtime::Sink {
 public:
  LogSink(TransactionalLog& log, std::string topic, runtime::SchemaRef schema, SourceShare share)
      : log_(log), topic_(std::move(topic)), schema_(std::move(schema)), share_(share) {}

  Result<void> recover(const std::vector<Transaction>& held, Epoch) override {
    std::vector<Id> ids;
    for (const Transaction& each : held) ids.push_back(id_in(each));
    return log_.abort_others(topic_, share_, ids);
  }
  Result<void> begin(Epoch) override {
    has_begun_ = true;
    LYMER_ASSIGN_OR_RETURN(id_, log_.begin(topic_, share_.subtask));
    return {};
  }
  Result<void> write(const EventBatch& batch) override {
    return log_.write(*id_, log_lines(batch, schema_));
  }
  Result<Transaction> pre_commit(Epoch) override {
    const Id id = *std::exchange(id_, std::nullopt);
    LYMER_RETURN_IF_ERROR(log_.prepare(id));
    ByteWriter writer;
    writer.put_u64(id);
    return std::move(writer).take();
  }
  Result<void> commit(const Transaction& transaction) override {
    const bool is_recovered = !has_begun_;
    if (is_recovered && log_.planted_ == Planted::kTransactionNotRecovered) return {};
    return log_.commit(id_in(transaction));
  }
  Result<void> abort(Epoch) override {
    const std::optional<Id> id = std::exchange(id_, std::nullopt);
    return id ? log_.abort(*id) : Result<void>();
  }
  Result<void> close() override { return {}; }

 private:
  static Id id_in(const Transaction& transaction) {
    ByteReader reader(transaction);
    return reader.u64();
  }

  TransactionalLog& log_;
  std::string topic_;
  runtime::SchemaRef schema_;
  SourceShare share_;
  std::optional<Id> id_;
  bool has_begun_ = false;
};

SinkMaker TransactionalLog::sink(const std::string& topic, const runtime::SchemaRef& schema) {
  return [this, topic, schema](SourceShare share) -> std::unique_ptr<runtime::Sink> {
    return std::make_unique<LogSink>(*this, topic, schema, share);
  };
}

Result<void> TransactionalLog::call(const std::string& name, const std::function<void()>& what) {
  const bool fails = chance_.one_in(fail_one_in_);
  const bool is_done = !fails || chance_.one_in(2);
  if (is_done) what();
  if (!fails) return {};
  ++failures_;
  return Error{ErrorCode::kIo,
               text("{}: {}", name, chance_.one_in(2) ? "the log refuses" : "no answer in time")};
}

Result<TransactionalLog::Id> TransactionalLog::begin(const std::string& topic,
                                                     std::size_t subtask) {
  const Id id = entries_.size();
  LYMER_RETURN_IF_ERROR(
      call("begin", [&] { entries_.push_back({topic, subtask, State::kOpen, {}}); }));
  return id;
}

Result<void> TransactionalLog::write(Id id, const std::vector<LogLine>& lines) {
  return call("write", [&] {
    if (entry(id).state != State::kOpen) misuse_ = "written to what is not open";
    entry(id).lines.insert(entry(id).lines.end(), lines.begin(), lines.end());
  });
}

Result<void> TransactionalLog::prepare(Id id) {
  return call("prepare", [&] {
    if (entry(id).state != State::kOpen) misuse_ = "prepared what is not open";
    entry(id).state = State::kPrepared;
    if (planted_ == Planted::kCommitWithoutCheckpoint) make_visible(entry(id));
  });
}

void TransactionalLog::make_visible(Entry& entry) {
  std::vector<LogLine>& lines = committed_[entry.topic];
  lines.insert(lines.end(), entry.lines.begin(), entry.lines.end());
  entry.state = State::kCommitted;
}

Result<void> TransactionalLog::commit(Id id) {
  return call("commit", [&] {
    Entry& entry = this->entry(id);
    const bool is_known = entry.state == State::kPrepared || entry.state == State::kCommitted;
    if (!is_known) misuse_ = "committed what is not prepared";
    const bool comes_again = entry.state == State::kCommitted;
    if (!comes_again || planted_ == Planted::kCommitTwice) make_visible(entry);
  });
}

Result<void> TransactionalLog::abort(Id id) {
  return call("abort", [&] {
    if (entry(id).state == State::kCommitted) misuse_ = "aborted what is committed";
    entry(id).state = State::kAborted;
  });
}

Result<void> TransactionalLog::abort_others(const std::string& topic, SourceShare share,
                                            const std::vector<Id>& held) {
  return call("abort others", [&] {
    for (Id id = 0; id < entries_.size(); ++id) {
      Entry& each = entries_[id];
      const bool is_ours = each.topic == topic && each.subtask % share.subtasks == share.subtask;
      const bool is_held = std::ranges::find(held, id) != held.end();
      if (is_ours && !is_held && each.state == State::kPrepared) each.state = State::kAborted;
    }
  });
}

void TransactionalLog::end_of_process() {
  for (Entry& each : entries_) {
    if (each.state == State::kOpen) each.state = State::kAborted;
  }
}

}  // namespace lymer::simulation
