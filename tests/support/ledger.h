// A transactional store of lines that outlives the jobs that write to it: what a sink in two phases
// is tested against.
//
//   Ledger ledger;
//   stream.sink_to("lines", ledger.sink("lines", schema));
//   ... the job is killed, another goes on ...
//   EXPECT_EQ(ledger.lines(), straight.lines());
//
// It also says what a sink must not do: commit what was never pre-committed, write an epoch again
// that is committed. Thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/event_source.h"
#include "runtime/sink.h"
#include "tests/support/events.h"

namespace lymer::support {

class Ledger {
 public:
  using Lines = std::vector<std::string>;

  // Makes the sinks of a stream. Streams with different names do not touch each other's lines.
  [[nodiscard]] std::function<std::unique_ptr<runtime::Sink>(runtime::SourceShare)> sink(
      const std::string& name, const runtime::SchemaRef& schema) {
    return [this, name, schema](runtime::SourceShare share) -> std::unique_ptr<runtime::Sink> {
      return std::make_unique<LedgerSink>(*this, name, schema, share);
    };
  }

  // What is committed, sorted.
  [[nodiscard]] Lines lines() const {
    const std::lock_guard lock(mutex_);
    Lines lines = committed_;
    std::ranges::sort(lines);
    return lines;
  }
  // Commits of transactions that nobody had prepared.
  [[nodiscard]] std::size_t unknown_commits() const {
    const std::lock_guard lock(mutex_);
    return unknown_commits_;
  }
  // Epochs of a subtask that were written again after their commit.
  [[nodiscard]] std::size_t repeated_epochs() const {
    const std::lock_guard lock(mutex_);
    return repeated_epochs_;
  }
  [[nodiscard]] std::size_t commits() const {
    const std::lock_guard lock(mutex_);
    return done_.size();
  }

 private:
  class LedgerSink final : public runtime::Sink {
   public:
    LedgerSink(Ledger& ledger, std::string name, runtime::SchemaRef schema,
               runtime::SourceShare share)
        : ledger_(ledger), name_(std::move(name)), schema_(std::move(schema)), share_(share) {}

    Result<void> begin(runtime::Epoch) override { return {}; }
    Result<void> write(const runtime::EventBatch& batch) override {
      for (std::string& line : lines_of(batch, schema_)) lines_.push_back(std::move(line));
      return {};
    }
    Result<runtime::Transaction> pre_commit(runtime::Epoch epoch) override {
      return ledger_.prepare(name_, share_, epoch, std::exchange(lines_, {}));
    }
    Result<void> commit(const runtime::Transaction& transaction) override {
      ledger_.commit(transaction);
      return {};
    }
    Result<void> abort(runtime::Epoch) override {
      lines_.clear();
      return {};
    }
    Result<void> recover(const std::vector<runtime::Transaction>& held, runtime::Epoch) override {
      ledger_.forget_others(name_, share_, held);
      return {};
    }
    Result<void> close() override { return {}; }

   private:
    Ledger& ledger_;
    std::string name_;
    runtime::SchemaRef schema_;
    runtime::SourceShare share_;
    Lines lines_;
  };

  struct Prepared {
    std::string name;
    std::size_t subtask = 0;
    Lines lines;
  };

  runtime::Transaction prepare(const std::string& name, runtime::SourceShare share,
                               runtime::Epoch epoch, Lines lines) {
    const std::lock_guard lock(mutex_);
    const std::string id = text("{}-{}-{}", name, share.subtask, epoch.value());
    if (done_.contains(id)) ++repeated_epochs_;
    prepared_[id] = {name, share.subtask, std::move(lines)};
    const auto bytes = std::as_bytes(std::span(id));
    return {bytes.begin(), bytes.end()};
  }
  static std::string id_of(const runtime::Transaction& transaction) {
    std::string id;
    for (const std::byte each : transaction) id.push_back(static_cast<char>(each));
    return id;
  }
  void commit(const runtime::Transaction& transaction) {
    const std::lock_guard lock(mutex_);
    const std::string id = id_of(transaction);
    if (done_.contains(id)) return;
    const auto found = prepared_.find(id);
    if (found == prepared_.end()) {
      ++unknown_commits_;
      return;
    }
    committed_.insert(committed_.end(), found->second.lines.begin(), found->second.lines.end());
    prepared_.erase(found);
    done_[id] = true;
  }
  void forget_others(const std::string& name, runtime::SourceShare share,
                     const std::vector<runtime::Transaction>& held) {
    const std::lock_guard lock(mutex_);
    std::erase_if(prepared_, [&](const auto& each) {
      const bool is_ours =
          each.second.name == name && each.second.subtask % share.subtasks == share.subtask;
      return is_ours && std::ranges::none_of(held, [&](const runtime::Transaction& transaction) {
               return id_of(transaction) == each.first;
             });
    });
  }

  mutable std::mutex mutex_;
  std::map<std::string, Prepared> prepared_;
  std::map<std::string, bool> done_;
  Lines committed_;
  std::size_t unknown_commits_ = 0;
  std::size_t repeated_epochs_ = 0;
};

}  // namespace lymer::support
