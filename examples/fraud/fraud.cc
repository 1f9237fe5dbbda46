// A pattern over a windowed stream: payments are counted and summed by card and minute, and a card
// whose busy minutes follow each other, each with more money than the one before, is told of, as is
// one that began that way and came to rest.
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "cep/detect.h"
#include "cep/pattern_builder.h"
#include "runtime/base/clock.h"
#include "runtime/key_group.h"
#include "runtime/stream/stream.h"

using lymer::Duration;
using lymer::EventTime;
using lymer::runtime::EventView;
using lymer::runtime::RowBuilder;
using lymer::runtime::Schema;
using lymer::runtime::Type;
using lymer::runtime::TypeKind;
using lymer::runtime::Value;
namespace cep = lymer::cep;

constexpr Type kString{TypeKind::kString};
constexpr Type kInt{TypeKind::kInt};

using Fields = std::vector<lymer::runtime::Field>;
const auto kPayments =
    std::make_shared<const Schema>("payments", Fields{{"card", kString}, {"amount", kInt}});
const auto kMinutes = std::make_shared<const Schema>(
    "minutes", Fields{{"card", kString}, {"payments", kInt}, {"total", kInt}});
const auto kAlerts = std::make_shared<const Schema>(
    "alerts", Fields{{"card", kString}, {"minutes", kInt}, {"total", kInt}});

// Seconds, card, amount.
constexpr std::tuple<int, const char*, int> kGiven[] = {
    {3, "4711", 10},   {9, "4711", 15},    {20, "0815", 300},  {30, "0815", 20},
    {64, "4711", 40},  {70, "4711", 45},   {80, "0815", 100},  {130, "4711", 100},
    {140, "4711", 90}, {190, "4711", 400}, {200, "4711", 500}, {400, "0815", 20},
};

bool make_payment(std::uint64_t number, RowBuilder& row, EventTime& time) {
  if (number >= std::size(kGiven)) return false;
  const auto& [second, card, amount] = kGiven[number];
  row.set(0, Value::of(card));
  row.set(1, Value::of(std::int64_t{amount}));
  time = EventTime{} + Duration::seconds(second);
  return true;
}

// How many payments there were in a minute, and of how much.
lymer::runtime::WindowFunction count_and_sum() {
  using Sums = std::pair<std::int64_t, std::int64_t>;
  return lymer::runtime::aggregate_window<Sums>(
      {0, 0},
      [](Sums& so_far, const lymer::runtime::WindowEvent& event) {
        ++so_far.first;
        so_far.second += event.row.get(1, kInt).as_int();
      },
      [](Sums& so_far, const Sums& other) {
        so_far.first += other.first;
        so_far.second += other.second;
      },
      [](const Sums& sums, const lymer::runtime::WindowView& window,
         const lymer::runtime::EmitRow& emit) {
        std::vector<Value> key;
        if (!lymer::runtime::read_key(window.key, key)) return;
        RowBuilder row(kMinutes);
        row.set(0, key[0]);
        row.set(1, Value::of(sums.first));
        row.set(2, Value::of(sums.second));
        emit(row.bytes());
      });
}

bool is_busy(const cep::EventView& minute) { return minute["payments"].as_int() >= 2; }

bool has_grown(cep::ConditionContext& context) {
  const Value before = context.last("more", "total");
  const Value first = context.last("first", "total");
  const std::int64_t last = before.is_null() ? first.as_int() : before.as_int();
  return is_busy(context.event()) && context.event()["total"].as_int() > last;
}

cep::PatternRule growing() {
  const auto pattern = cep::PatternBuilder("growing")
                           .begin("first")
                           .where(cep::event_condition(is_busy))
                           .next("more")
                           .where(cep::iterative_condition(has_grown))
                           .times(2)
                           .consecutive()
                           .within(Duration::minutes(5))
                           .skip({.kind = cep::SkipStrategy::Kind::kPastLast})
                           .build();
  const auto make_alert = [](const cep::Match& match, RowBuilder& row) {
    const auto more = match.events("more");
    row.set(0, match.events("first").front()["card"]);
    row.set(1, Value::of(static_cast<std::int64_t>(1 + more.size())));
    row.set(2, (more.empty() ? match.events("first") : more).back()["total"]);
  };
  return {.id = {"growing", 1},
          .pattern = cep::compile(pattern.value()),
          .on_match = cep::select_function(kAlerts, make_alert),
          .on_timeout = cep::select_function(kAlerts, make_alert)};
}

int main() {
  lymer::runtime::StreamJob job;
  const auto minutes = job.generate("payments", kPayments, make_payment)
                           .key_by({0})
                           .window(lymer::runtime::WindowAssigner::tumbling(Duration::minutes(1)))
                           .aggregate("minutes", kMinutes, count_and_sum());
  const cep::Detected found = cep::detect(minutes.key_by({0}), "growing", growing);

  std::mutex mutex;  // Results come from several threads.
  std::set<std::string> lines;
  const auto keep = [&](const std::string& what) {
    return [&, what](const EventView& alert) {
      const std::lock_guard lock(mutex);
      lines.insert(what + ": card " + std::string(alert.row.get(0, kString).as_string()) + ", " +
                   std::to_string(alert.row.get(1, kInt).as_int()) + " minutes, up to " +
                   std::to_string(alert.row.get(2, kInt).as_int()));
    };
  };
  found.matches.for_each("alerts", keep("growing"));
  found.timeouts.for_each("unfinished", keep("came to rest"));

  lymer::SystemClock clock;
  if (const auto ran = job.run(clock, 2); !ran) {
    std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
    return 1;
  }
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
  return 0;
}
