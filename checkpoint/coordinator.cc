// Answers in, orders out; everything but the mailbox belongs to the thread of tick().
// Not here: what a task does with an order (runtime/exec/task_checkpoint.cc).
#include "checkpoint/coordinator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/base/failpoint.h"
#include "runtime/base/text.h"
#include "runtime/exec/exchange.h"

namespace lymer::checkpoint {
namespace {

using runtime::CheckpointOrder;
using runtime::Epoch;
using runtime::TaskSnapshot;

constexpr std::size_t kHistory = 200;

double in_seconds(Duration duration) { return static_cast<double>(duration.to_millis()) / 1000.0; }

}  // namespace

Coordinator::Coordinator(CheckpointStore& store, const CheckpointOptions& options, Clock& clock,
                         Epoch last, CheckpointDecider* decider)
    : store_(store),
      options_(options),
      clock_(clock),
      decider_(decider),
      last_epoch_(last),
      last_complete_(last) {}

void Coordinator::attach(const runtime::JobGraph& graph, std::size_t tasks, Tell tell) {
  tasks_ = tasks;
  tell_ = std::move(tell);
  std::size_t task = 0;
  for (const runtime::JobVertex& vertex : graph.vertices) {
    for (const runtime::NodeId id : vertex.chain) {
      parallelism_[graph.streams.at(id).uid] = static_cast<std::uint32_t>(vertex.parallelism);
    }
    const bool is_source = graph.streams.at(vertex.chain.front()).source != nullptr;
    for (std::size_t i = 0; i < vertex.parallelism; ++i, ++task) {
      if (is_source) sources_.insert(task);
    }
  }
}

void Coordinator::on_snapshot(TaskSnapshot snapshot) {
  const std::lock_guard lock(answers_mutex_);
  answers_.push_back(std::move(snapshot));
}

void Coordinator::request_savepoint(const std::string& path) {
  const std::lock_guard lock(answers_mutex_);
  wanted_savepoints_.push_back(path);
}

void Coordinator::request_last_savepoint(const std::string& path) {
  const std::lock_guard lock(answers_mutex_);
  last_savepoint_ = path;
}

Result<void> Coordinator::tick() {
  auto done = do_due();
  settle();
  return done;
}

void Coordinator::settle() {
  if (decider_ == nullptr) return;
  const bool is_any_left = !pending_.empty();
  decider_->settled(is_any_left ? Epoch(pending_.begin()->first.value() - 1) : last_epoch_);
}

Result<void> Coordinator::do_due() {
  if (!last_begun_at_) last_begun_at_ = clock_.monotonic_seconds();
  take_answers();
  const bool is_ending = is_to_end();
  // One that has the end of some tasks must not commit it before the savepoint is there.
  if (is_ending) give_up(Epoch(last_epoch_.value() + 1), "the job is to end with a savepoint");
  LYMER_RETURN_IF_ERROR(finish_whole());
  LYMER_RETURN_IF_ERROR(fail_overdue());
  if (is_interrupted_) return {};
  overtake_overdue();
  trigger_savepoints();
  if (have_all_ended()) return finish_job();
  if (!is_ending) trigger_due();
  return {};
}

bool Coordinator::is_to_end() {
  const std::lock_guard lock(answers_mutex_);
  return last_savepoint_.has_value();
}

// Nobody has to answer any more.
Result<void> Coordinator::finish_job() {
  LYMER_RETURN_IF_ERROR(finish_whole());
  std::optional<std::string> savepoint;
  {
    const std::lock_guard lock(answers_mutex_);
    savepoint.swap(last_savepoint_);
  }
  if (savepoint) {
    trigger(savepoint);
    LYMER_RETURN_IF_ERROR(finish_whole());
    if (const CheckpointRecord& taken = history_.back();
        taken.state != CheckpointState::kComplete) {
      return Error{ErrorCode::kIo, text("savepoint `{}` failed: {}", *savepoint, taken.error)};
    }
  }
  if (is_last_safe_) return {};
  trigger(std::nullopt);
  is_last_safe_ = true;
  return finish_whole();
}

void Coordinator::interrupt(std::string_view why) {
  is_interrupted_ = true;
  failures_ = 0;
  for (auto& [epoch, pending] : pending_) {
    pending.record.state = CheckpointState::kFailed;
    pending.record.error = why;
    pending.record.seconds = clock_.monotonic_seconds() - pending.begun_at;
    keep(pending.record);
    tell_({CheckpointOrder::Kind::kAbort, epoch});
  }
  pending_.clear();
}

void Coordinator::forget_tasks(std::size_t first, std::size_t count) {
  take_answers();  // Those of before as well.
  is_last_safe_ = false;
  std::erase_if(
      ended_, [&](const auto& each) { return each.first >= first && each.first - first < count; });
}

void Coordinator::abandon(std::string_view why) {
  interrupt(why);
  std::vector<std::string> savepoints;
  {
    const std::lock_guard lock(answers_mutex_);
    savepoints.swap(wanted_savepoints_);
    if (last_savepoint_) savepoints.push_back(*std::exchange(last_savepoint_, std::nullopt));
  }
  for (const std::string& path : savepoints) fail_unbegun(path, why);
}

void Coordinator::fail_unbegun(const std::string& path, std::string_view why) {
  CheckpointRecord record;
  record.is_savepoint = true;
  record.state = CheckpointState::kFailed;
  record.begun = clock_.now();
  record.path = path;
  record.error = why;
  keep(record);
}

const CheckpointRecord* Coordinator::find_savepoint(std::string_view path) const {
  for (auto each = history_.rbegin(); each != history_.rend(); ++each) {
    if (each->is_savepoint && each->path == path) return &*each;
  }
  return nullptr;
}

void Coordinator::take_answers() {
  std::vector<TaskSnapshot> answers;
  {
    const std::lock_guard lock(answers_mutex_);
    answers.swap(answers_);
  }
  for (TaskSnapshot& each : answers) take_answer(std::move(each));
}

void Coordinator::take_answer(TaskSnapshot snapshot) {
  if (snapshot.is_last) {
    ended_[snapshot.task] = std::move(snapshot.parts);
    return;
  }
  const auto found = pending_.find(snapshot.epoch);
  if (found == pending_.end()) return;  // It was given up.
  CheckpointRecord& record = found->second.record;
  ++record.tasks;
  record.longest_alignment_seconds =
      std::max(record.longest_alignment_seconds, snapshot.alignment_seconds);
  record.longest_snapshot_seconds =
      std::max(record.longest_snapshot_seconds, snapshot.snapshot_seconds);
  record.overtaken_bytes += snapshot.overtaken_bytes;
  found->second.parts[snapshot.task] = std::move(snapshot.parts);
}

bool Coordinator::may_overtake() const {
  return options_.unaligned || options_.aligned_timeout > Duration{};
}

// What waits in line since too long waits no longer.
void Coordinator::overtake_overdue() {
  if (options_.aligned_timeout <= Duration{}) return;
  const double now = clock_.monotonic_seconds();
  for (auto& [epoch, pending] : pending_) {
    CheckpointRecord& record = pending.record;
    const bool is_overdue = now - pending.begun_at >= in_seconds(options_.aligned_timeout);
    if (record.is_savepoint || record.is_unaligned || !is_overdue) continue;
    record.is_unaligned = true;
    tell_({CheckpointOrder::Kind::kOvertake, epoch});
  }
}

// A barrier that overtakes would pass that of another, which would be lost.
void Coordinator::trigger_savepoints() {
  if (may_overtake() && !pending_.empty()) return;
  std::vector<std::string> savepoints;
  {
    const std::lock_guard lock(answers_mutex_);
    savepoints.swap(wanted_savepoints_);
  }
  for (const std::string& path : savepoints) trigger(path);
}

bool Coordinator::have_sources_ended() const {
  return std::ranges::all_of(sources_, [this](std::size_t each) { return ended_.contains(each); });
}

// Where all sources have ended nobody sends barriers any more: what is left to do is the end.
void Coordinator::trigger_due() {
  if (!takes_periodic_ || have_sources_ended()) return;
  const double now = clock_.monotonic_seconds();
  const bool is_due = options_.interval > Duration{} &&
                      now - last_begun_at_.value_or(now) >= in_seconds(options_.interval);
  const bool has_paused =
      !last_ended_at_ || now - *last_ended_at_ >= in_seconds(options_.min_pause);
  if (is_due && has_paused && pending_.size() < most_concurrent()) trigger(std::nullopt);
}

std::size_t Coordinator::most_concurrent() const {
  return may_overtake() || decider_ != nullptr ? 1 : options_.max_concurrent;
}

Epoch Coordinator::next_epoch() {
  last_epoch_ = Epoch(last_epoch_.value() + 1);
  return last_epoch_;
}

void Coordinator::trigger(const std::optional<std::string>& savepoint) {
  const Epoch epoch = next_epoch();
  Pending& pending = pending_[epoch];
  pending.record.epoch = epoch;
  pending.record.is_savepoint = savepoint.has_value();
  pending.record.path = savepoint.value_or("");
  pending.record.begun = clock_.now();
  pending.begun_at = clock_.monotonic_seconds();
  if (!savepoint) last_begun_at_ = pending.begun_at;
  pending.record.is_unaligned =
      options_.unaligned && options_.aligned_timeout <= Duration{} && !savepoint;
  tell_({CheckpointOrder::Kind::kTrigger, epoch, pending.record.is_unaligned});
}

bool Coordinator::is_whole(const Pending& pending) const {
  for (std::size_t task = 0; task < tasks_; ++task) {
    const auto answered = pending.parts.find(task);
    if (answered == pending.parts.end() && !ended_.contains(task)) return false;
    if (answered == pending.parts.end()) continue;
    if (!std::ranges::all_of(answered->second, &OperatorPart::is_ready)) return false;
  }
  return true;
}

Result<void> Coordinator::finish_whole() {
  while (true) {
    const auto whole =
        std::ranges::find_if(pending_, [this](const auto& each) { return is_whole(each.second); });
    if (whole == pending_.end()) return {};
    Pending pending = std::move(whole->second);
    pending_.erase(whole);
    LYMER_RETURN_IF_ERROR(finish(std::move(pending)));
  }
}

Result<void> Coordinator::finish(Pending pending) {
  LYMER_FAILPOINT("coordinator.before_write");
  const double written_from = clock_.monotonic_seconds();
  auto info = write(pending);
  if (!info) return fail(std::move(pending), info.error().to_string());
  LYMER_FAILPOINT("coordinator.before_decision");
  LYMER_RETURN_IF_ERROR(decide(pending.record, *info));
  const double now = clock_.monotonic_seconds();
  CheckpointRecord& record = pending.record;
  record.state = CheckpointState::kComplete;
  record.bytes = info->bytes;
  record.path = info->path;
  record.write_seconds = now - written_from;
  record.seconds = now - pending.begun_at;
  failures_ = 0;
  last_ended_at_ = now;
  // What a savepoint holds is in the next checkpoint too, from which alone the job would go on by
  // itself: until then nothing is safe.
  if (record.is_savepoint) {
    keep(record);
    return {};
  }
  last_complete_ = record.epoch;
  give_up(record.epoch, "a newer one was safe before it");
  LYMER_FAILPOINT("coordinator.before_telling");
  tell_({CheckpointOrder::Kind::kComplete, record.epoch});
  LYMER_FAILPOINT("coordinator.after_telling");
  const auto kept = store_.keep_newest(std::max<std::size_t>(options_.retained, 1));
  if (!kept) record.error = kept.error().to_string();  // The next one tries again.
  LYMER_FAILPOINT("coordinator.after_removals");
  keep(record);
  return {};
}

// However many checkpoints may fail, of this one nobody knows what it is.
Result<void> Coordinator::decide(CheckpointRecord& record, const CheckpointInfo& written) {
  if (decider_ == nullptr || !decider_->decides() || record.is_savepoint) return {};
  const std::string name = written.path.substr(written.path.rfind('/') + 1);
  const Result<void> decided = decider_->decide(record.epoch, name);
  if (decided) return {};
  record.state = CheckpointState::kFailed;
  record.error = decided.error().to_string();
  keep(record);
  return decided.error().within(text("checkpoint {} was not decided", record.epoch.value()));
}

// Checkpoints alone: their output is in a newer one.
void Coordinator::give_up(Epoch before, const std::string& why) {
  for (auto each = pending_.begin(); each != pending_.end() && each->first < before;) {
    CheckpointRecord& older = each->second.record;
    if (older.is_savepoint) {
      ++each;
      continue;
    }
    older.state = CheckpointState::kFailed;
    older.error = why;
    keep(older);
    tell_({CheckpointOrder::Kind::kAbort, older.epoch});
    each = pending_.erase(each);
  }
}

Result<void> Coordinator::fail(Pending pending, const std::string& why) {
  pending.record.state = CheckpointState::kFailed;
  pending.record.error = why;
  last_ended_at_ = clock_.monotonic_seconds();
  pending.record.seconds = *last_ended_at_ - pending.begun_at;
  keep(pending.record);
  tell_({CheckpointOrder::Kind::kAbort, pending.record.epoch});
  if (pending.record.is_savepoint) return {};
  ++failures_;
  if (failures_ <= options_.tolerable_failures && !have_all_ended()) return {};
  return Error{ErrorCode::kIo, text("checkpoint {} failed: {}", pending.record.epoch.value(), why)};
}

std::size_t Coordinator::answers_of(const Pending& pending) const {
  std::size_t answers = pending.parts.size();
  for (const auto& [task, parts] : ended_) answers += pending.parts.contains(task) ? 0 : 1;
  return answers;
}

// A barrier that a source did not send any more reaches nobody; tasks answer it by ending, which
// takes as long as what they have to do yet.
Result<void> Coordinator::fail_overdue() {
  if (have_sources_ended()) return {};
  const double now = clock_.monotonic_seconds();
  while (!pending_.empty()) {
    const auto oldest = pending_.begin();
    if (now - oldest->second.begun_at < in_seconds(options_.timeout)) return {};
    Pending pending = std::move(oldest->second);
    pending_.erase(oldest);
    const std::string why = text("{} of {} tasks had answered after {} s", answers_of(pending),
                                 tasks_, in_seconds(options_.timeout));
    LYMER_RETURN_IF_ERROR(fail(std::move(pending), why));
  }
  return {};
}

// Without copying what is large.
Snapshot Coordinator::take_snapshot(Pending& pending) const {
  Snapshot snapshot;
  snapshot.epoch = pending.record.epoch;
  snapshot.made_at = pending.record.begun;
  snapshot.is_savepoint = pending.record.is_savepoint;
  snapshot.parallelism = parallelism_;
  for (std::size_t task = 0; task < tasks_; ++task) {
    const auto answered = pending.parts.find(task);
    if (answered == pending.parts.end()) {
      std::ranges::copy(ended_.at(task), std::back_inserter(snapshot.parts));
    } else {
      std::ranges::move(answered->second, std::back_inserter(snapshot.parts));
    }
  }
  for (const OperatorPart& part : snapshot.parts) {
    const auto head = runtime::head_of_overtaken(part.uid);
    if (head) snapshot.parallelism[part.uid] = parallelism_.at(std::string(*head));
  }
  return snapshot;
}

Result<CheckpointInfo> Coordinator::write(Pending& pending) {
  if (decider_ != nullptr) LYMER_RETURN_IF_ERROR(decider_->prepare(pending.record.epoch));
  for (auto& [task, parts] : pending.parts) {
    for (OperatorPart& each : parts) LYMER_RETURN_IF_ERROR(each.finish());
  }
  const Snapshot snapshot = take_snapshot(pending);
  return snapshot.is_savepoint ? store_.write_savepoint(snapshot, pending.record.path)
                               : store_.write(snapshot);
}

void Coordinator::keep(const CheckpointRecord& record) {
  history_.push_back(record);
  if (metrics_) metrics_->add(record);
  if (history_.size() > kHistory) history_.erase(history_.begin());
}

runtime::FindState find_state_in(std::shared_ptr<const Snapshot> snapshot) {
  return [snapshot = std::move(snapshot)](
             const std::string& uid,
             runtime::SourceShare share) -> Result<std::optional<runtime::StateSnapshot>> {
    std::vector<const OperatorPart*> parts;
    for (const OperatorPart& each : snapshot->parts) {
      if (each.uid == uid) parts.push_back(&each);
    }
    if (parts.empty()) return std::optional<runtime::StateSnapshot>();
    std::ranges::sort(parts, {}, &OperatorPart::subtask);
    std::optional<runtime::StateSnapshot> merged(std::in_place);
    for (const OperatorPart* part : parts) {
      merged->merge(part->state, [&](runtime::KeyGroup group) {
        return runtime::subtask_of(group, share.subtasks) == share.subtask;
      });
    }
    return merged;
  };
}

Result<runtime::FindOvertaken> find_overtaken_in(const Snapshot& snapshot) {
  using Channels = std::vector<runtime::OvertakenChannel>;
  auto by_uid = std::make_shared<std::map<std::string, Channels>>();
  for (const OperatorPart& part : snapshot.parts) {
    if (!runtime::head_of_overtaken(part.uid)) continue;
    const auto bytes = part.state.get_operator_state(runtime::kOvertakenName);
    if (!bytes) return Error{ErrorCode::kCorrupt, text("`{}` has no channels", part.uid)};
    auto channels = runtime::decode_overtaken(*bytes);
    if (!channels) return channels.error().within(part.uid);
    for (auto& each : *channels) (*by_uid)[each.channel.edge.to].push_back(std::move(each));
  }
  // What had left its sender comes first.
  for (auto& [uid, channels] : *by_uid) {
    std::ranges::stable_sort(channels, {}, &runtime::OvertakenChannel::is_output);
  }
  return runtime::FindOvertaken([by_uid](const std::string& uid) -> const Channels* {
    const auto found = by_uid->find(uid);
    return found == by_uid->end() ? nullptr : &found->second;
  });
}

Result<runtime::CheckpointHooks> hooks_from(std::shared_ptr<const Snapshot> snapshot) {
  runtime::CheckpointHooks hooks;
  if (snapshot == nullptr) return hooks;
  LYMER_ASSIGN_OR_RETURN(hooks.find_overtaken, find_overtaken_in(*snapshot));
  hooks.find_state = find_state_in(std::move(snapshot));
  return hooks;
}

Result<void> check_operators(const Snapshot& snapshot, const runtime::JobGraph& graph) {
  std::set<std::string> known;
  for (const runtime::JobVertex& vertex : graph.vertices) {
    for (const runtime::NodeId id : vertex.chain) known.insert(graph.streams.at(id).uid);
  }
  for (const OperatorPart& part : snapshot.parts) {
    const std::string uid(runtime::head_of_overtaken(part.uid).value_or(part.uid));
    if (known.contains(uid)) continue;
    return Error{ErrorCode::kInvalidArgument,
                 text("the checkpoint has state of `{}`, which the job does not have; "
                      "--allow-non-restored-state leaves it behind",
                      uid)};
  }
  return {};
}

}  // namespace lymer::checkpoint
