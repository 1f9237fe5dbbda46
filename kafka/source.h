// The partitions of topics as one source of events, shared by its subtasks.
//
// Each partition is a split with its own offsets, time and idleness. Which subtask reads which is a
// matter of its name and number alone; a checkpoint holds all partitions by name, so a job goes on
// with another number of subtasks. Partitions that come later are found while it runs and read from
// their first record. A bounded source reads what there was when it first started and ends.
// Not here: records to events (runtime/record_source.h), librdkafka (kafka/consumer.h).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/consumer.h"
#include "kafka/partition_watch.h"
#include "runtime/event_source.h"
#include "runtime/record_source.h"
#include "runtime/source_share.h"
#include "runtime/split_merger.h"

namespace lymer::kafka {

// Which topics: by name, all of which there must be, or all whose whole name an RE2 pattern
// matches. Kafka's own, whose names begin with `__`, only by name.
struct Topics {
  std::vector<std::string> names = {};
  std::string pattern = {};
};

struct TopicSourceSpec {
  Topics topics;
  Start start = StartCommitted{};
  bool is_bounded = false;
  // How often new partitions are looked for; never if not positive, or bounded.
  Duration discovery = Duration::minutes(1);
  Duration patience = Duration::seconds(30);
  // Of each partition, which sets split and metadata_reader itself.
  runtime::SourceSpec stream;
  std::function<Result<std::unique_ptr<runtime::Decoder>>()> make_decoder;
  std::function<Result<std::unique_ptr<Consumer>>()> make_consumer;
};

// Which split a partition is: the same wherever it is read. Of the upper half of all numbers, which
// files do not have.
[[nodiscard]] runtime::SplitId split_of(runtime::SchemaId stream, const Partition& partition);
// Which subtask reads it.
[[nodiscard]] std::size_t subtask_of(const Partition& partition, std::size_t subtasks);

class TopicSource final : public runtime::EventSource {
 public:
  // `observer` and `clock` must outlive the source.
  TopicSource(TopicSourceSpec spec, runtime::SourceShare share, runtime::SourceObserver& observer,
              Clock& clock);
  TopicSource(const TopicSource&) = delete;
  TopicSource& operator=(const TopicSource&) = delete;
  TopicSource(TopicSource&&) = delete;
  TopicSource& operator=(TopicSource&&) = delete;
  ~TopicSource() override;

  // Returns kInvalidArgument for a pattern or properties that cannot be.
  [[nodiscard]] Result<void> open(const runtime::OperatorContext& context) override;
  void update_metrics() override;
  // The first one asks brokers what there is. Returns kNotFound for a topic that there is not, kIo
  // where nobody answers or a partition cannot be read.
  [[nodiscard]] Result<runtime::SourceState> step(runtime::Collector& out) override;
  [[nodiscard]] runtime::SourceState flush(runtime::Collector& out) override;
  void finish(bool drains) override;
  void on_barrier(runtime::Epoch epoch) override;
  // Commits the offsets to the group, for Kafka's tools.
  void on_checkpoint_complete(runtime::Epoch epoch) override;
  [[nodiscard]] Result<void> snapshot(runtime::StateSnapshot& state) const override;
  [[nodiscard]] Result<void> restore(const runtime::StateSnapshot& state) override;
  [[nodiscard]] EventTime watermark() const override { return merger_.watermark(); }

 private:
  class Split;
  // One that had not begun at a checkpoint: its partitions are no new ones.
  struct Fresh {
    std::uint32_t subtask = 0;
    std::uint32_t subtasks = 1;
    friend auto operator<=>(const Fresh&, const Fresh&) = default;
  };
  // Where a partition stood at a checkpoint.
  struct Known {
    std::optional<std::int64_t> end;
    std::vector<std::byte> state;  // Of its RecordSource.
  };

  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<std::vector<Partition>> mine(std::vector<Partition> all) const;
  [[nodiscard]] bool is_new(const Partition& partition) const;
  [[nodiscard]] Result<void> add(const std::vector<Partition>& partitions, const Start& start);
  [[nodiscard]] Result<void> add_split(const Partition& partition, Span span, const Known* known);
  [[nodiscard]] Result<void> discover();
  [[nodiscard]] Result<runtime::SourceState> read_splits(runtime::Collector& out);
  [[nodiscard]] bool may_end() const { return spec_.is_bounded || drains_.has_value(); }

  TopicSourceSpec spec_;
  runtime::SourceShare share_;
  runtime::SourceObserver& observer_;
  Clock& clock_;
  std::function<bool(const std::string& topic)> is_wanted_;
  std::shared_ptr<runtime::MetricGroup> metrics_;

  std::unique_ptr<Consumer> consumer_;
  std::vector<std::unique_ptr<Split>> splits_;  // End before the consumer does.
  std::map<runtime::SplitId, Partition> by_id_;
  std::size_t first_ = 0;  // Which one is asked first, by turns.
  runtime::SplitMerger merger_;
  bool has_started_ = false;
  std::optional<bool> drains_;  // It was told to finish.

  bool goes_on_ = false;  // A checkpoint was restored that had begun to read.
  // All that it held, until the start.
  std::map<Partition, Known> known_;
  std::set<Fresh> fresh_;
  std::map<runtime::Epoch, std::map<Partition, std::int64_t>> uncommitted_;
  std::unique_ptr<PartitionWatch> watch_;  // Ends before the consumer does.
  double next_discovery_ = 0;
};

}  // namespace lymer::kafka
