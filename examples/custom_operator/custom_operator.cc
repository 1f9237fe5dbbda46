// A function of one's own with state and timers: tells which machines have been silent for a
// minute, and which of them came back (a side output).
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/key_group.h"
#include "runtime/stream/stream.h"

using lymer::Duration;
using lymer::EventTime;
using lymer::Result;
using lymer::runtime::EventView;
using lymer::runtime::KeyedState;
using lymer::runtime::Port;
using lymer::runtime::ProcessContext;
using lymer::runtime::ProcessFunction;
using lymer::runtime::RowBuilder;
using lymer::runtime::Schema;
using lymer::runtime::Stream;
using lymer::runtime::StreamJob;
using lymer::runtime::TimeDomain;
using lymer::runtime::Type;
using lymer::runtime::TypeKind;
using lymer::runtime::Value;
using lymer::runtime::ValueState;

constexpr Type kString{TypeKind::kString};
constexpr Port kBack{1};
constexpr Duration kSilence = Duration::minutes(1);

const auto kBeats = std::make_shared<const Schema>(
    "beats", std::vector<lymer::runtime::Field>{{"machine", kString}});

class Silence final : public ProcessFunction {
 public:
  Result<void> open(KeyedState& state) override {
    last_.emplace(state.value<EventTime>("last"));
    is_silent_.emplace(state.value<bool>("silent"));
    return {};
  }

  Result<void> on_event(const EventView& beat, ProcessContext& context) override {
    const EventTime now = beat.header.time;
    if (const auto before = last_->get()) {
      const EventTime due = *before + kSilence;
      context.remove_timer(TimeDomain::kEventTime, due);
      // The watermark may not have come so far yet; the answer must not depend on that.
      const bool was_told = is_silent_->get().has_value();
      if (!was_told && now >= due) {
        context.emit(lymer::runtime::kMainPort, due, beat.row.bytes());
      }
      if (was_told || now >= due) context.emit(kBack, now, beat.row.bytes());
    }
    is_silent_->clear();
    last_->update(now);
    context.set_timer(TimeDomain::kEventTime, now + kSilence);
    return {};
  }

  Result<void> on_timer(TimeDomain, EventTime time, ProcessContext& context) override {
    is_silent_->update(true);
    std::vector<Value> key;
    if (!lymer::runtime::read_key(context.current_key(), key)) return {};
    RowBuilder row(kBeats);
    row.set(0, key[0]);
    context.emit(lymer::runtime::kMainPort, time, row.bytes());
    return {};
  }

 private:
  std::optional<ValueState<EventTime>> last_;
  std::optional<ValueState<bool>> is_silent_;
};

struct Beat {
  std::int64_t second;
  const char* machine;
};
constexpr Beat kGiven[] = {{0, "press"},   {10, "saw"},   {30, "press"},  {65, "saw"},
                           {70, "press"},  {130, "saw"},  {150, "drill"}, {190, "saw"},
                           {200, "press"}, {205, "drill"}};

bool make_beat(std::uint64_t number, RowBuilder& row, EventTime& time) {
  if (number >= std::size(kGiven)) return false;
  row.set(0, Value::of(kGiven[number].machine));
  time = EventTime{} + Duration::seconds(kGiven[number].second);
  return true;
}

int main() {
  StreamJob job;
  // One subtask tells the beats, so those of a machine come in the order of their times, which
  // Silence relies on.
  const Stream silent = job.generate("beats", kBeats, make_beat)
                            .parallelism(1)
                            .key_by({0})
                            .process("silence", kBeats, [] { return std::make_unique<Silence>(); });

  std::mutex mutex;  // Results come from several threads.
  std::set<std::string> results;
  const auto collect = [&](const std::string& what) {
    return [&, what](const EventView& event) {
      const std::string at = std::to_string(1000 + event.header.time.to_millis() / 1000).substr(1);
      const std::lock_guard lock(mutex);
      results.insert("at " + at + " s " + std::string(event.row.get(0, kString).as_string()) +
                     what);
    };
  };
  silent.for_each("silent", collect(" has been silent for a minute"));
  silent.side_output(kBack, kBeats).for_each("back", collect(" is back"));

  lymer::SystemClock clock;
  if (const auto ran = job.run(clock, 2); !ran) {
    std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
    return 1;
  }
  for (const std::string& line : results) std::printf("%s\n", line.c_str());
  return 0;
}
