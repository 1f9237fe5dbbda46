// The loop of CepOperator.onEventTime, with the matcher of nfa/ in the place of Flink's NFA.
// Not here: which cases there are (case.cc) and what makes two answers equal (conformance_test.cc).
#include "tests/conformance/flink_operator.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <variant>

#include "nfa/priority_array.h"
#include "nfa/snapshot_codec.h"
#include "runtime/base/check.h"

namespace lymer::conformance {
namespace {

// Timers of equal time keep their places: the heap alone decides.
constexpr auto kEarlier = [](const auto& left, const auto& right) {
  return left.time < right.time;
};

// Wraps at the end of all time, as Java's sums do: the timer is then long due, and fires at once.
EventTime timer_time(EventTime time, Duration window) {
  const auto sum =
      static_cast<std::uint64_t>(time.to_millis()) + static_cast<std::uint64_t>(window.to_millis());
  return EventTime::from_millis(static_cast<std::int64_t>(sum));
}

// Counts what is found; for the probe.
class CountingSink final : public nfa::MatchSink {
 public:
  void on_match(std::span<const nfa::PathEntry>) override { ++found_; }
  void on_timeout(std::span<const nfa::PathEntry>, EventTime) override { ++found_; }
  [[nodiscard]] int found() const { return found_; }

 private:
  int found_ = 0;
};

}  // namespace

// Evaluates the pattern's conditions for one event; histories are read from the run's path.
class FlinkOperator::Conditions final : public nfa::Conditions, private runtime::Histories {
 public:
  Conditions(const FlinkOperator& owner, const nfa::SharedBuffer& buffer, nfa::EventRef event)
      : owner_(owner), buffer_(buffer), event_(event) {}

  bool holds(nfa::AtomId atom, nfa::NodeId path) override {
    if (path != path_) {
      path_ = path;
      buffer_.read_path(path, entries_);
    }
    cep::ConditionContext context{.row = owner_.rows_[event_.value()].view(),
                                  .time = owner_.event_of(event_).time,
                                  .histories = *this,
                                  .scratch = scratch_};
    return owner_.compiled_.atoms[atom.value()]->test(context);
  }

 private:
  std::size_t count(runtime::HistoryIndex history) override {
    return static_cast<std::size_t>(std::ranges::count_if(
        entries_, [&](const nfa::PathEntry& each) { return each.stage.value() == history; }));
  }
  runtime::RowView row(runtime::HistoryIndex history, std::size_t index) override {
    for (const nfa::PathEntry& each : entries_) {
      if (each.stage.value() != history) continue;
      if (index-- == 0) return owner_.rows_[each.event.value()].view();
    }
    check_failed("index < count(history)", "");
  }

  const FlinkOperator& owner_;
  const nfa::SharedBuffer& buffer_;
  nfa::EventRef event_;
  runtime::Scratch scratch_;
  // The path read last. A node cannot be another path within one event: the runs being tested
  // hold theirs until they are done.
  nfa::NodeId path_ = nfa::kNoNode;
  std::vector<nfa::PathEntry> entries_;
};

class FlinkOperator::Sink final : public nfa::MatchSink {
 public:
  explicit Sink(FlinkOperator& owner) : owner_(owner) {}
  void on_match(std::span<const nfa::PathEntry> path) override {
    owner_.answer_.matches.push_back(owner_.finding(path));
  }
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override {
    owner_.answer_.timeouts.push_back(owner_.finding(path));
    owner_.answer_.timeouts.back().deadline = deadline;
  }

 private:
  FlinkOperator& owner_;
};

FlinkOperator::FlinkOperator(const Case& input, const cep::CompiledPattern& compiled,
                             Options options)
    : case_(input),
      compiled_(compiled),
      options_(options),
      matcher_(compiled.program, buffer_),
      probe_program_(compiled.program) {
  probe_program_.after_match = {};
  rows_.assign(input.input.size(), runtime::RowBuilder(event_schema()));
  for (std::size_t i = 0; i < input.input.size(); ++i) {
    const auto* event = std::get_if<InputEvent>(&input.input[i]);
    if (event == nullptr) continue;
    rows_[i].set(kIdSlot, runtime::Value::of(event->id));
    rows_[i].set(kTypeSlot, runtime::Value::of(event->type));
    rows_[i].set(kVSlot, runtime::Value::of(event->v));
  }
}

Answer FlinkOperator::run() {
  for (at_ = 0; at_ < case_.input.size(); ++at_) {
    if (const auto* event = std::get_if<InputEvent>(&case_.input[at_])) {
      add(*event, nfa::EventRef(static_cast<std::uint32_t>(at_)));
    } else if (const auto advanced = advance(std::get<Watermark>(case_.input[at_]).time);
               !advanced) {
      failure_ = advanced.error().message;
      answer_.failed_at = at_;
      break;
    }
  }
  return answer_;
}

std::size_t FlinkOperator::clear() {
  for (auto& [name, key] : keys_) matcher_.clear(key.runs);
  std::size_t left = buffer_.live_nodes();
  for (std::uint32_t i = 0; i < rows_.size(); ++i) left += references_.count(nfa::EventRef(i));
  return left;
}

void FlinkOperator::add(const InputEvent& event, nfa::EventRef ref) {
  if (event.time <= watermark_) {
    answer_.late.push_back(event.id);
    return;
  }
  std::vector<nfa::EventRef>& bucket = keys_[event.key].waiting[event.time];
  if (bucket.empty()) add_timer(event.time, event.key);
  bucket.push_back(ref);
}

void FlinkOperator::add_timer(EventTime time, const std::string& key) {
  if (!known_timers_.emplace(time, key).second) return;
  nfa::priority_offer(timers_, Timer{time, key}, kEarlier);
}

Result<void> FlinkOperator::advance(EventTime watermark) {
  if (watermark <= watermark_) return {};
  watermark_ = watermark;
  while (!timers_.empty() && timers_.front().time <= watermark_) {
    const Timer timer = nfa::priority_poll(timers_, kEarlier);
    known_timers_.erase({timer.time, timer.key});
    LYMER_RETURN_IF_ERROR(on_timer(timer.key));
  }
  return {};
}

// All that is due for the key, not only the events of the timer's time.
Result<void> FlinkOperator::on_timer(const std::string& name) {
  Key& key = keys_[name];
  Sink sink(*this);
  while (!key.waiting.empty() && key.waiting.begin()->first <= watermark_) {
    const auto due = key.waiting.extract(key.waiting.begin());
    LYMER_RETURN_IF_ERROR(matcher_.advance(key.runs, due.key(), sink));
    std::vector<nfa::EventRef> events = due.mapped();
    if (case_.sorts_by_v) {
      std::ranges::stable_sort(events, {}, [&](nfa::EventRef ref) { return event_of(ref).v; });
    }
    for (const nfa::EventRef event : events) LYMER_RETURN_IF_ERROR(process(name, event));
  }
  LYMER_RETURN_IF_ERROR(matcher_.advance(key.runs, watermark_, sink));
  key.new_start = false;
  return {};
}

Result<void> FlinkOperator::process(const std::string& name, nfa::EventRef event) {
  Key& key = keys_[name];
  const EventTime time = event_of(event).time;
  const nfa::StepEvent step{.event = event, .ordinal = key.next_ordinal++, .time = time};
  if (options_.snapshot_between_events) swap_through_snapshot(key.runs);
  // Flink tells by the start time, whose value for "no event yet" is -1, so a run that begins at or
  // before the epoch is overlooked.
  Conditions from_idle(*this, probe_buffer_, event);
  if (time > EventTime{} && begins_run(step, from_idle)) key.new_start = true;

  Conditions conditions(*this, buffer_, event);
  Sink sink(*this);
  LYMER_RETURN_IF_ERROR(matcher_.step(key.runs, step, conditions, sink));
  if (compiled_.program.has_window() && key.new_start) {
    add_timer(timer_time(time, compiled_.program.window), name);
  }
  return {};
}

bool FlinkOperator::begins_run(const nfa::StepEvent& event, nfa::Conditions& conditions) {
  nfa::RunState idle;
  CountingSink sink;
  (void)probe_.step(idle, event, conditions, sink);
  const bool began = idle.live_runs() > 0 || sink.found() > 0;
  probe_.clear(idle);
  return began;
}

void FlinkOperator::swap_through_snapshot(nfa::RunState& runs) {
  ByteWriter writer;
  nfa::write_run_state(writer, runs, buffer_, [](nfa::EventRef ref) { return ref.value(); });
  matcher_.clear(runs);
  ByteReader reader(writer.bytes());
  Result<nfa::RunState> read = nfa::read_run_state(
      reader, compiled_.program, buffer_,
      [](std::uint32_t number) { return std::optional(nfa::EventRef(number)); });
  LYMER_CHECK(read.has_value(), case_.id);
  LYMER_CHECK_EQ(reader.remaining(), 0U);
  runs = std::move(read).value();
}

Finding FlinkOperator::finding(std::span<const nfa::PathEntry> path) const {
  Finding made;
  made.at = at_;
  for (const nfa::PathEntry& each : path) {
    made.events[compiled_.program.stages[each.stage.value()]].push_back(event_of(each.event).id);
  }
  return made;
}

const InputEvent& FlinkOperator::event_of(nfa::EventRef ref) const {
  return std::get<InputEvent>(case_.input[ref.value()]);
}

Outcome solve(const Case& each, FlinkOperator::Options options) {
  const std::vector<cep::PatternProblem> problems = each.pattern.problems();
  if (!problems.empty()) {
    const bool at_build = cep::phase_of(problems.front().kind) == cep::PatternPhase::kBuild;
    return {.refusal = Refusal{at_build ? "build" : "compile", problems.front().message},
            .answer = {}};
  }
  const cep::CompiledPattern compiled = cep::compile(*each.pattern.build());
  FlinkOperator run(each, compiled, options);
  Outcome outcome{.refusal = {}, .answer = run.run()};
  LYMER_CHECK(run.clear() == 0, each.id);
  // Where Flink would never return we refuse: at the first event, not beforehand, since it does
  // answer as long as no run gets there.
  if (run.failure().find("for ever") != std::string::npos) {
    outcome.refusal = Refusal{"compile", run.failure()};
  }
  return outcome;
}

bool equal(const Answer& left, const Answer& right) {
  const auto sorted = [](std::vector<Finding> findings) {
    std::ranges::sort(findings, {}, [](const Finding& each) {
      return std::tie(each.at, each.deadline, each.events);
    });
    return findings;
  };
  return left.matches == right.matches && left.late == right.late &&
         left.failed_at == right.failed_at && sorted(left.timeouts) == sorted(right.timeouts);
}

}  // namespace lymer::conformance
