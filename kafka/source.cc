// Splits come to be at the first step, when it is known whether a checkpoint is gone on from.
// Not here: one partition's records (kafka/partition_reader.cc).
#include "kafka/source.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <re2/re2.h>

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

using runtime::SourceState;

constexpr std::string_view kStateName = "topics";
constexpr std::string_view kSplitStateName = "split";  // Of runtime::RecordSource.
constexpr std::uint8_t kFormat = 1;
constexpr std::int64_t kNoEnd = -1;
constexpr std::string_view kOwnTopics = "__";
// A question on the watch's thread may take so long, and so may the end of a source.
constexpr Duration kDiscoveryPatience = Duration::seconds(5);

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Result<std::function<bool(const std::string&)>> choice_of(const Topics& topics) {
  if (topics.pattern.empty()) {
    return std::function<bool(const std::string&)>(
        [names = std::set(topics.names.begin(), topics.names.end())](const std::string& topic) {
          return names.contains(topic);
        });
  }
  auto regex = std::make_shared<re2::RE2>(topics.pattern, re2::RE2::Quiet);
  if (!regex->ok()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("`{}` is no pattern of topics: {}", topics.pattern, regex->error())};
  }
  return std::function<bool(const std::string&)>([regex](const std::string& topic) {
    return !topic.starts_with(kOwnTopics) && re2::RE2::FullMatch(topic, *regex);
  });
}

}  // namespace

runtime::SplitId split_of(runtime::SchemaId stream, const Partition& partition) {
  ByteWriter name;
  name.put_u16(stream.value());
  name.put_string(partition.topic);
  name.put_u32(static_cast<std::uint32_t>(partition.number));
  constexpr std::uint32_t kUpperHalf = 0x80000000U;
  return runtime::SplitId(static_cast<std::uint32_t>(hash64(name.bytes()) >> 33U) | kUpperHalf);
}

// A topic's partitions go to the subtasks by turns.
std::size_t subtask_of(const Partition& partition, std::size_t subtasks) {
  const std::uint64_t first = hash64(bytes_of(partition.topic)) % subtasks;
  return (first + static_cast<std::uint64_t>(partition.number)) % subtasks;
}

// A partition as a source of its own, and its part of what all put out.
class TopicSource::Split final : public runtime::Collector {
 public:
  Split(Partition name, std::unique_ptr<PartitionReader> partition_reader, runtime::SourceSpec spec,
        std::unique_ptr<runtime::Decoder> decoder, TopicSource& owner)
      : partition(std::move(name)),
        reader(*partition_reader),
        source(std::move(spec), std::move(partition_reader), std::move(decoder), owner.observer_,
               owner.clock_),
        owner_(owner),
        index_(owner.splits_.size()) {}

  bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
    return owner_.merger_.try_emit(index_, port, element, *out);
  }

  const Partition partition;
  PartitionReader& reader;  // The source has it.
  runtime::RecordSource source;
  runtime::Collector* out = nullptr;  // While it is called.
  runtime::Gauge* lag = nullptr;

 private:
  TopicSource& owner_;
  const std::size_t index_;
};

TopicSource::TopicSource(TopicSourceSpec spec, runtime::SourceShare share,
                         runtime::SourceObserver& observer, Clock& clock)
    : spec_(std::move(spec)), share_(share), observer_(observer), clock_(clock) {}

TopicSource::~TopicSource() = default;

Result<void> TopicSource::open(const runtime::OperatorContext& context) {
  metrics_ = context.metrics;
  LYMER_ASSIGN_OR_RETURN(is_wanted_, choice_of(spec_.topics));
  LYMER_ASSIGN_OR_RETURN(consumer_, spec_.make_consumer());
  return {};
}

void TopicSource::update_metrics() {
  for (const auto& each : splits_) {
    each->source.update_metrics();
    each->lag->set(static_cast<double>(each->reader.lag()));
  }
}

// ---- Which partitions --------------------------------------------------------------------------

Result<void> TopicSource::start() {
  LYMER_ASSIGN_OR_RETURN(auto all, consumer_->partitions(is_wanted_, spec_.patience));
  LYMER_ASSIGN_OR_RETURN(const auto partitions, mine(std::move(all)));
  std::vector<Partition> old;
  std::vector<Partition> found_since;
  for (const Partition& each : partitions) (is_new(each) ? found_since : old).push_back(each);
  LYMER_RETURN_IF_ERROR(add(old, spec_.start));
  LYMER_RETURN_IF_ERROR(add(found_since, StartEarliest{}));
  known_.clear();
  fresh_.clear();
  has_started_ = true;
  merger_.settle();
  if (spec_.is_bounded || spec_.discovery <= Duration{}) return {};
  next_discovery_ =
      clock_.monotonic_seconds() + static_cast<double>(spec_.discovery.to_millis()) / 1000.0;
  watch_ = std::make_unique<PartitionWatch>(
      [this] { return consumer_->partitions(is_wanted_, kDiscoveryPatience); });
  return {};
}

Result<std::vector<Partition>> TopicSource::mine(std::vector<Partition> all) const {
  const auto missing = [&](const std::string& topic) {
    return std::ranges::find(all, topic, &Partition::topic) == all.end();
  };
  for (const std::string& topic : spec_.topics.names) {
    if (!missing(topic)) continue;
    return Error{ErrorCode::kNotFound, text("Kafka has no topic `{}`", topic)};
  }
  for (const auto& [partition, known] : known_) {
    if (!is_wanted_(partition.topic) || std::ranges::binary_search(all, partition)) continue;
    return Error{ErrorCode::kNotFound,
                 text("the checkpoint goes on in `{}`, which Kafka does not have any more",
                      to_string(partition))};
  }
  std::erase_if(all, [this](const Partition& each) {
    return subtask_of(each, share_.subtasks) != share_.subtask;
  });
  return all;
}

// What a checkpoint does not know came after it, unless nobody had looked yet.
bool TopicSource::is_new(const Partition& partition) const {
  if (!goes_on_ || known_.contains(partition)) return false;
  return std::ranges::none_of(fresh_, [&](const Fresh& each) {
    return subtask_of(partition, each.subtasks) == each.subtask;
  });
}

Result<void> TopicSource::add(const std::vector<Partition>& partitions, const Start& start) {
  std::vector<Partition> fresh;
  for (const Partition& each : partitions) {
    const auto known = known_.find(each);
    if (known == known_.end()) {
      fresh.push_back(each);
      continue;
    }
    Span span{.next = 0, .end = known->second.end};  // Its state says where it begins.
    if (spec_.is_bounded && !span.end) {
      LYMER_ASSIGN_OR_RETURN(span.end, consumer_->end_of(each, spec_.patience));
    }
    LYMER_RETURN_IF_ERROR(add_split(each, span, &known->second));
  }
  LYMER_ASSIGN_OR_RETURN(const auto offsets, consumer_->begin_at(start, fresh, spec_.patience));
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    Span span{.next = offsets[i]};
    if (spec_.is_bounded) {
      LYMER_ASSIGN_OR_RETURN(span.end, consumer_->end_of(fresh[i], spec_.patience));
    }
    LYMER_RETURN_IF_ERROR(add_split(fresh[i], span, nullptr));
  }
  return {};
}

Result<void> TopicSource::add_split(const Partition& partition, Span span, const Known* known) {
  runtime::SourceSpec spec = spec_.stream;
  spec.split = split_of(spec.schema_id, partition);
  const auto [taken, is_new] = by_id_.emplace(spec.split, partition);
  if (!is_new) {
    return Error{ErrorCode::kUnsupported,
                 text("the partitions `{}` and `{}` get one number for the ids of their events; "
                      "read them as two streams",
                      to_string(taken->second), to_string(partition))};
  }
  LYMER_ASSIGN_OR_RETURN(auto decoder, spec_.make_decoder());
  if (!spec_.is_bounded) span.end.reset();
  auto reader = consumer_->open(partition, span);
  spec.metadata_reader = reader.get();
  auto split = std::make_unique<Split>(partition, std::move(reader), std::move(spec),
                                       std::move(decoder), *this);
  const auto group = metrics_->group("partition", to_string(partition));
  LYMER_RETURN_IF_ERROR(
      split->source.open({.uid = {}, .clock = clock_, .metrics = group, .share = share_}));
  split->lag = &group->group("stream", spec_.stream.schema->name())
                    ->gauge("source_lag_events", "Records of the partition yet to be read.");
  if (known != nullptr) {
    runtime::StateSnapshot alone;
    alone.put_operator_state(kSplitStateName, known->state);
    LYMER_RETURN_IF_ERROR(split->source.restore(alone));
  }
  merger_.add(split->source.watermark());
  splits_.push_back(std::move(split));
  return {};
}

Result<void> TopicSource::discover() {
  if (watch_ == nullptr || drains_) return {};
  const double now = clock_.monotonic_seconds();
  if (now >= next_discovery_) {
    next_discovery_ = now + static_cast<double>(spec_.discovery.to_millis()) / 1000.0;
    watch_->ask();
  }
  const auto answer = watch_->take();
  // Brokers that do not answer now may do so next time; what is there is read meanwhile.
  if (!answer || !*answer) return {};
  std::vector<Partition> fresh;
  for (const Partition& each : answer->value()) {
    const bool is_known = by_id_.contains(split_of(spec_.stream.schema_id, each)) &&
                          by_id_.at(split_of(spec_.stream.schema_id, each)) == each;
    if (is_known || subtask_of(each, share_.subtasks) != share_.subtask) continue;
    fresh.push_back(each);
  }
  return add(fresh, StartEarliest{});
}

// ---- Reading -----------------------------------------------------------------------------------

Result<SourceState> TopicSource::step(runtime::Collector& out) {
  if (!merger_.flush(out)) return SourceState::kBlocked;
  if (merger_.has_ended()) return SourceState::kEnded;
  if (!has_started_ && !drains_) LYMER_RETURN_IF_ERROR(start());
  LYMER_RETURN_IF_ERROR(consumer_->look_after());
  LYMER_RETURN_IF_ERROR(discover());
  LYMER_ASSIGN_OR_RETURN(const SourceState state, read_splits(out));
  if (may_end() && merger_.have_all_ended()) merger_.end(drains_.value_or(true));
  if (!merger_.flush(out)) return SourceState::kBlocked;
  return merger_.has_ended() ? SourceState::kEnded : state;
}

// Each in turn is asked for one batch.
Result<SourceState> TopicSource::read_splits(runtime::Collector& out) {
  SourceState all = SourceState::kIdle;
  for (std::size_t i = 0; i < splits_.size(); ++i) {
    Split& split = *splits_[(first_ + i) % splits_.size()];
    split.out = &out;
    LYMER_ASSIGN_OR_RETURN(const SourceState state, split.source.step(split));
    if (state == SourceState::kBlocked) {
      first_ = (first_ + i) % splits_.size();
      return state;
    }
    if (state == SourceState::kActive) all = state;
  }
  if (!splits_.empty()) first_ = (first_ + 1) % splits_.size();
  return all;
}

SourceState TopicSource::flush(runtime::Collector& out) {
  for (const auto& each : splits_) {
    each->out = &out;
    if (each->source.flush(*each) == SourceState::kBlocked) return SourceState::kBlocked;
  }
  if (drains_ && merger_.have_all_ended()) merger_.end(*drains_);
  if (!merger_.flush(out)) return SourceState::kBlocked;
  return merger_.has_ended() ? SourceState::kEnded : SourceState::kActive;
}

void TopicSource::finish(bool drains) {
  drains_ = drains;
  for (const auto& each : splits_) each->source.finish(drains);
}

// ---- Checkpoints -------------------------------------------------------------------------------

void TopicSource::on_barrier(runtime::Epoch epoch) {
  std::map<Partition, std::int64_t>& next = uncommitted_[epoch];
  for (const auto& each : splits_) {
    next[each->partition] = static_cast<std::int64_t>(each->source.position().offset);
  }
}

void TopicSource::on_checkpoint_complete(runtime::Epoch epoch) {
  const auto end = uncommitted_.upper_bound(epoch);
  if (end == uncommitted_.begin()) return;
  // At the end of the source nobody would send what is on its way.
  consumer_->commit(std::prev(end)->second, merger_.has_ended());
  uncommitted_.erase(uncommitted_.begin(), end);
}

Result<void> TopicSource::snapshot(runtime::StateSnapshot& state) const {
  ByteWriter writer;
  writer.put_u8(kFormat);
  // One that has not begun begins where the stream says, also when it goes on.
  std::set<Fresh> fresh = fresh_;
  if (!has_started_ && !goes_on_) {
    fresh.insert(
        {static_cast<std::uint32_t>(share_.subtask), static_cast<std::uint32_t>(share_.subtasks)});
  }
  writer.put_u32(static_cast<std::uint32_t>(fresh.size()));
  for (const Fresh& each : fresh) {
    writer.put_u32(each.subtask);
    writer.put_u32(each.subtasks);
  }
  const auto put = [&](const Partition& partition, std::optional<std::int64_t> end,
                       std::span<const std::byte> bytes) {
    writer.put_string(partition.topic);
    writer.put_u32(static_cast<std::uint32_t>(partition.number));
    writer.put_i64(end.value_or(kNoEnd));
    writer.put_bytes(bytes);
  };
  if (!has_started_) {
    // What a job that never came so far was to go on from; each subtask keeps its own.
    std::map<Partition, Known> own = known_;
    std::erase_if(own, [this](const auto& each) {
      return subtask_of(each.first, share_.subtasks) != share_.subtask;
    });
    writer.put_u32(static_cast<std::uint32_t>(own.size()));
    for (const auto& [partition, known] : own) put(partition, known.end, known.state);
  } else {
    writer.put_u32(static_cast<std::uint32_t>(splits_.size()));
    for (const auto& each : splits_) {
      runtime::StateSnapshot alone;
      LYMER_RETURN_IF_ERROR(each->source.snapshot(alone));
      const auto bytes = alone.get_operator_state(kSplitStateName);
      LYMER_CHECK(bytes.has_value(), "a split without state");
      put(each->partition, each->reader.end(), *bytes);
    }
  }
  state.put_operator_state(kStateName, std::move(writer).take());
  return {};
}

Result<void> TopicSource::restore(const runtime::StateSnapshot& state) {
  constexpr std::size_t kPartitionBytesMin = 20;
  for (const auto bytes : state.operator_states(kStateName)) {
    goes_on_ = true;
    ByteReader reader(bytes);
    const std::uint8_t format = reader.u8();
    if (format != kFormat) {
      return Error{ErrorCode::kUnsupported, text("the state of topics has format {}", format)};
    }
    constexpr std::size_t kFreshBytes = 8;
    const std::uint32_t fresh = reader.count(kFreshBytes);
    for (std::uint32_t i = 0; i < fresh; ++i) {
      const std::uint32_t subtask = reader.u32();
      fresh_.insert({subtask, std::max(reader.u32(), std::uint32_t{1})});
    }
    const std::uint32_t count = reader.count(kPartitionBytesMin);
    for (std::uint32_t i = 0; i < count; ++i) {
      Partition partition{.topic = std::string(reader.string())};
      partition.number = static_cast<std::int32_t>(reader.u32());
      const std::int64_t end = reader.i64();
      const auto known = reader.bytes();
      known_[partition] = {.end = end == kNoEnd ? std::nullopt : std::optional(end),
                           .state = {known.begin(), known.end()}};
    }
    LYMER_RETURN_IF_ERROR(reader.status("the state of topics"));
  }
  return {};
}

}  // namespace lymer::kafka
