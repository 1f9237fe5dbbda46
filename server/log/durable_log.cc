// One thread writes: it takes what waits, stages it, syncs once and answers all.
// Not here: what an append means (server/log/log_state.cc).
#include "server/log/durable_log.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/source.h"

namespace lymer::log {
namespace {

using storage::Direction;

// Hands one result from the log's thread to the one that waits for it.
class Answer {
 public:
  void put(Result<Appended> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    is_there_.notify_one();  // Under the lock: who waits may be gone right behind it.
  }
  Result<Appended> take() {
    std::unique_lock lock(mutex_);
    is_there_.wait(lock, [this] { return result_.has_value(); });
    return *std::move(result_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable is_there_;
  std::optional<Result<Appended>> result_;
};

// Adds the records of a chunk that are asked for.
Result<void> add_chunk(std::string_view value, std::uint64_t base, std::uint64_t from,
                       const ReadLimits& limits, std::size_t& bytes, LogRecords& out) {
  std::string copy;
  copy.reserve(value.size() + runtime::kRecordPadding);
  copy += value;
  copy.append(runtime::kRecordPadding, '\0');
  LYMER_ASSIGN_OR_RETURN(const ChunkView chunk,
                         read_chunk(std::string_view(copy).substr(0, value.size())));
  for (std::size_t i = from > base ? from - base : 0; i < chunk.records.size(); ++i) {
    const bool is_full = out.records.size() >= limits.records || bytes >= limits.bytes;
    if (is_full && !out.records.empty()) break;
    out.records.push_back({base + i, chunk.time, chunk.records[i]});
    bytes += chunk.records[i].size();
  }
  out.chunks.push_back(std::move(copy));  // Too long to be moved by its bytes.
  return {};
}

}  // namespace

DurableLog::DurableLog(Passkey, LogOptions options, Clock& clock)
    : options_(std::move(options)), clock_(clock), state_(options_.memory) {}

Result<std::unique_ptr<DurableLog>> DurableLog::open(LogOptions options, Clock& clock) {
  auto log = std::make_unique<DurableLog>(Passkey{}, std::move(options), clock);
  LYMER_ASSIGN_OR_RETURN(log->store_, storage::OrderedStore::open(
                                          {.directory = log->options_.directory,
                                           .write_buffer_bytes = log->options_.write_buffer_bytes,
                                           .environment = log->options_.environment}));
  LYMER_RETURN_IF_ERROR(log->state_.load(*log->store_));
  log->publish();
  log->thread_ = std::thread([raw = log.get()] { raw->run(); });
  return log;
}

DurableLog::~DurableLog() {
  {
    const std::lock_guard lock(requests_mutex_);
    is_stopped_ = true;
  }
  requested_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DurableLog::request(Request request) {
  {
    const std::lock_guard lock(requests_mutex_);
    if (requested_bytes_ <= options_.waiting_bytes) {
      requested_bytes_ += request.bytes;
      requests_.push_back(std::move(request));
      requested_.notify_one();
      return;
    }
  }
  request.done(Error{ErrorCode::kLimit,
                     text("more than {} bytes wait to be appended to the log; try again later",
                          options_.waiting_bytes)});
}

void DurableLog::submit(Append append, Done done) {
  const std::size_t bytes = append.records.bytes();
  request({.stage = [append = std::move(append)](
                        LogState& state, EventTime now,
                        storage::WriteSet& set) { return state.stage(append, now, set); },
           .done = std::move(done),
           .bytes = bytes});
}

Result<Appended> DurableLog::append(Append append) {
  Answer answer;
  submit(std::move(append), [&](Result<Appended> result) { answer.put(std::move(result)); });
  return answer.take();
}

Result<void> DurableLog::request_and_wait(
    std::function<Result<void>(LogState&, EventTime, storage::WriteSet&)> change) {
  Answer answer;
  request({.stage = [change = std::move(change)](LogState& state, EventTime now,
                                                 storage::WriteSet& set) -> Result<Appended> {
             LYMER_RETURN_IF_ERROR(change(state, now, set));
             return Appended{};
           },
           .done = [&](Result<Appended> result) { answer.put(std::move(result)); }});
  const Result<Appended> result = answer.take();
  return result ? Result<void>() : result.error();
}

Result<void> DurableLog::put_stream(const std::string& name, Retention retention) {
  return request_and_wait([=](LogState& state, EventTime now, storage::WriteSet& set) {
    return state.put_stream(name, retention, now, set);
  });
}

Result<void> DurableLog::remove_stream(const std::string& name) {
  return request_and_wait([=](LogState& state, EventTime, storage::WriteSet& set) {
    return state.remove_stream(name, set);
  });
}

Result<void> DurableLog::apply_retention() {
  return request_and_wait([this](LogState& state, EventTime now, storage::WriteSet& set) {
    return state.apply_retention(*store_, now, set);
  });
}

void DurableLog::run() {
  while (true) {
    std::vector<Request> group;
    {
      std::unique_lock lock(requests_mutex_);
      requested_.wait(lock, [this] { return is_stopped_ || !requests_.empty(); });
      if (requests_.empty()) return;
      requested_.wait_for(lock, std::chrono::milliseconds(options_.group_wait.to_millis()), [this] {
        return is_stopped_ || requested_bytes_ >= options_.group_bytes;
      });
      group.swap(requests_);
      requested_bytes_ = 0;
    }
    write_group(std::move(group));
  }
}

// After an error the disk decides what is there, also of what was answered with the error.
Result<void> DurableLog::be_ready() {
  if (!is_stale_) return {};
  LYMER_RETURN_IF_ERROR(store_->reopen());
  LYMER_RETURN_IF_ERROR(state_.load(*store_));
  is_stale_ = false;
  publish();
  return {};
}

void DurableLog::write_group(std::vector<Request> group) {
  const Result<void> ready = be_ready();
  if (!ready) {
    for (const Request& each : group) each.done(ready.error());
    return;
  }
  storage::WriteSet set;
  std::vector<Result<Appended>> answers;
  answers.reserve(group.size());
  const EventTime now = clock_.now();
  for (const Request& each : group) answers.push_back(each.stage(state_, now, set));
  const Result<void> written = set.empty() ? Result<void>() : store_->write(set);
  if (written) {
    publish();
    free_files();
  } else {
    is_stale_ = true;
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    // What was refused was refused before the disk was asked. What is told again may be of the
    // same group.
    const bool is_lost = !written && answers[i];
    group[i].done(is_lost ? Result<Appended>(written.error()) : std::move(answers[i]));
  }
}

void DurableLog::publish() {
  {
    const std::lock_guard lock(published_mutex_);
    published_ = state_.infos();
  }
  grown_.notify_all();
  const std::lock_guard lock(subscribers_mutex_);
  for (const auto& [number, grown] : subscribers_) grown();
}

// Room is what retention is for; where it cannot be had at once it comes with the next merge.
void DurableLog::free_files() {
  for (const GoneRange& gone : state_.take_gone()) {
    (void)store_->free_files(key_of(KeyKind::kChunk, gone.stream, gone.begin),
                             key_of(KeyKind::kChunk, gone.stream, gone.end));
  }
}

std::map<std::string, StreamInfo> DurableLog::streams() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

std::optional<StreamInfo> DurableLog::find(const std::string& stream) const {
  const std::lock_guard lock(published_mutex_);
  const auto found = published_.find(stream);
  return found == published_.end() ? std::nullopt : std::optional(found->second);
}

Result<LogRecords> DurableLog::read(const std::string& stream, std::uint64_t offset,
                                    const ReadLimits& limits) const {
  const auto info = find(stream);
  if (!info) return Error{ErrorCode::kNotFound, text("the log has no stream `{}`", stream)};
  const auto& [first, next, all] = info->ends;
  if (offset > next) {
    return Error{ErrorCode::kInvalidArgument,
                 text("the stream `{}` of the log ends before the offset {}: its next one is {}",
                      stream, offset, next)};
  }
  const Error gone{ErrorCode::kNotFound,
                   text("the records of `{}` from offset {} on are not kept any more: the first "
                        "that is there is {}",
                        stream, offset, first)};
  if (offset < first) return gone;
  LogRecords out;
  if (offset == next) return out;
  // The chunk that holds the offset may begin before it.
  const StreamNumber number = info->stream.number;
  std::string begin = key_of(KeyKind::kChunk, number, offset);
  LYMER_RETURN_IF_ERROR(store_->walk(
      key_of(KeyKind::kChunk, number, first), key_of(KeyKind::kChunk, number, offset + 1),
      Direction::kBackward, [&](std::string_view key, std::string_view) {
        begin = key;
        return false;
      }));
  std::size_t bytes = 0;
  Result<void> added;
  LYMER_RETURN_IF_ERROR(store_->walk(
      begin, key_of(KeyKind::kChunk, number, next), Direction::kForward,
      [&](std::string_view key, std::string_view value) {
        const std::uint64_t base = offset_in(key);
        const std::uint64_t due = out.records.empty() ? offset : out.records.back().offset + 1;
        if (base > due) return false;  // It went while this was read.
        added = add_chunk(value, base, offset, limits, bytes, out);
        return added && out.records.size() < limits.records && bytes < limits.bytes;
      }));
  if (!added) return added.error();
  if (out.records.empty()) return gone;
  return out;
}

bool DurableLog::wait(const std::string& stream, std::uint64_t offset, Duration most) const {
  std::unique_lock lock(published_mutex_);
  return grown_.wait_for(lock, std::chrono::milliseconds(most.to_millis()), [&] {
    const auto found = published_.find(stream);
    return found != published_.end() && found->second.ends.next > offset;
  });
}

DurableLog::Subscription::Subscription(DurableLog& log, std::function<void()> grown) : log_(log) {
  const std::lock_guard lock(log_.subscribers_mutex_);
  number_ = log_.next_subscriber_++;
  log_.subscribers_.emplace(number_, std::move(grown));
}

DurableLog::Subscription::~Subscription() {
  const std::lock_guard lock(log_.subscribers_mutex_);
  log_.subscribers_.erase(number_);
}

}  // namespace lymer::log
