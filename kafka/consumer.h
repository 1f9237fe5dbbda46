// Reads partitions that it was given by hand: which there are, where to begin, record by record.
//
//   LYMER_ASSIGN_OR_RETURN(const auto consumer, Consumer::make(properties, files));
//   LYMER_ASSIGN_OR_RETURN(auto found, consumer->partitions(is_wanted, patience));
//   auto reader = consumer->open(found[0], {.next = 0});
//
// No group deals out partitions: which subtask reads what is decided by us, and where it goes on by
// the checkpoint. The group of the properties serves for the committed offsets alone, which show
// the lag to Kafka's tools. Not here: who reads which partition (kafka/source.h).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kafka/properties.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/record_metadata.h"
#include "runtime/source.h"

namespace lymer::kafka {

class Client;

struct Partition {
  std::string topic;
  std::int32_t number = 0;
  friend auto operator<=>(const Partition&, const Partition&) = default;
};

// `t-0`, as messages and metrics write it.
[[nodiscard]] std::string to_string(const Partition& partition);

// Where a partition is begun that no checkpoint knows (Flink: OffsetsInitializer).
struct StartEarliest {};
struct StartLatest {};
struct StartCommitted {};  // By the group; at the first record where it has committed nothing.
struct StartAtTime {       // At the first record of that time or later; at the end if none is.
  EventTime time;
};
struct StartAtOffsets {  // At the first record where none is given.
  std::map<Partition, std::int64_t> offsets;
};
using Start = std::variant<StartCommitted, StartEarliest, StartLatest, StartAtTime, StartAtOffsets>;

// Which records of a partition.
struct Span {
  std::int64_t next = 0;
  std::optional<std::int64_t> end = {};  // None: it never ends.
};

// Reads one partition; see Consumer::open().
class PartitionReader : public runtime::SplitReader, public runtime::MetadataReader {
 public:
  // How many records it has not read yet, as far as is known; 0 if nothing is.
  [[nodiscard]] virtual std::int64_t lag() const = 0;
  [[nodiscard]] virtual std::optional<std::int64_t> end() const = 0;
};

// Thread-compatible, but for partitions(). Readers must not outlive it.
class Consumer {
 public:
  // Connects to nobody yet. Returns the errors of Client::make().
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> make(Properties properties,
                                                              FileSystem& files);
  explicit Consumer(std::unique_ptr<Client> client);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  Consumer(Consumer&&) = delete;
  Consumer& operator=(Consumer&&) = delete;
  ~Consumer();

  // Each asks brokers and returns kIo if none answers in time.
  // Lists the partitions of all topics that are wanted, in order. On any thread.
  [[nodiscard]] Result<std::vector<Partition>> partitions(
      const std::function<bool(const std::string& topic)>& is_wanted, Duration patience) const;
  // Finds the offset to begin with, in the order of the partitions: always a number, so that a
  // checkpoint before the first record holds where that would be.
  [[nodiscard]] Result<std::vector<std::int64_t>> begin_at(const Start& start,
                                                           const std::vector<Partition>& partitions,
                                                           Duration patience) const;
  // The offset behind the last record that may be read now.
  [[nodiscard]] Result<std::int64_t> end_of(const Partition& partition, Duration patience) const;

  // Fetches from the first read() on. While nobody reads, librdkafka's queue of the partition runs
  // full and fetching stops: pausing could skip offsets.
  [[nodiscard]] std::unique_ptr<PartitionReader> open(const Partition& partition, Span span) const;
  // Says how far the group has come. What fails does no harm: the next checkpoint says it again.
  void commit(const std::map<Partition, std::int64_t>& next, bool waits_for_answer) const;
  // Takes note of what has happened; returns an error after which nothing more comes.
  [[nodiscard]] Result<void> look_after() const;

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace lymer::kafka
