// Two streams joined in two ways: orders with the payments that follow within ten minutes (interval
// join), and what was ordered and paid in each hour, also where one of them is missing (co-group).
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/stream/stream.h"

using lymer::Duration;
using lymer::EventTime;
using lymer::runtime::EmitRow;
using lymer::runtime::EventView;
using lymer::runtime::KeyedStream;
using lymer::runtime::RowBuilder;
using lymer::runtime::RowView;
using lymer::runtime::Schema;
using lymer::runtime::SchemaRef;
using lymer::runtime::Stream;
using lymer::runtime::StreamJob;
using lymer::runtime::TimedRow;
using lymer::runtime::Type;
using lymer::runtime::TypeKind;
using lymer::runtime::Value;
using lymer::runtime::WindowEvent;
using lymer::runtime::WindowView;

constexpr Type kString{TypeKind::kString};
constexpr Type kInt{TypeKind::kInt};

const SchemaRef kOrders = std::make_shared<const Schema>(
    "orders", std::vector<lymer::runtime::Field>{{"id", kInt}, {"what", kString}});
// Here the order's number is another field: the key may differ per side.
const SchemaRef kPayments = std::make_shared<const Schema>(
    "payments", std::vector<lymer::runtime::Field>{{"amount", kInt}, {"order_id", kInt}});
const SchemaRef kLines =
    std::make_shared<const Schema>("lines", std::vector<lymer::runtime::Field>{{"text", kString}});

EventTime minute(std::int64_t minutes) { return EventTime{} + Duration::minutes(minutes); }

TimedRow order(std::int64_t at, std::int64_t id, const char* what) {
  RowBuilder row(kOrders);
  row.set(0, Value::of(id));
  row.set(1, Value::of(what));
  return {minute(at), {row.bytes().begin(), row.bytes().end()}};
}

TimedRow payment(std::int64_t at, std::int64_t amount, std::int64_t order_id) {
  RowBuilder row(kPayments);
  row.set(0, Value::of(amount));
  row.set(1, Value::of(order_id));
  return {minute(at), {row.bytes().begin(), row.bytes().end()}};
}

void emit_line(const std::string& text, const EmitRow& emit) {
  RowBuilder row(kLines);
  row.set(0, Value::of(text));
  emit(row.bytes());
}

std::string what(const RowView& order) { return std::string(order.get(1, kString).as_string()); }

Stream paid_in_time(const KeyedStream& orders, const KeyedStream& payments) {
  const lymer::runtime::JoinInterval ten_minutes{Duration(), Duration::minutes(10)};
  return orders.interval_join(
      "paid in time", payments, ten_minutes, kLines,
      [](const RowView& order, const RowView& payment, const EmitRow& emit) {
        const std::int64_t amount = payment.get(0, kInt).as_int();
        emit_line("paid in time: " + what(order) + ", " + std::to_string(amount), emit);
      });
}

Stream by_hour(const KeyedStream& orders, const KeyedStream& payments) {
  return orders.window_with(payments, lymer::runtime::WindowAssigner::tumbling(Duration::hours(1)))
      .aggregate("by hour", kLines,
                 lymer::runtime::co_group([](std::span<const WindowEvent> ordered,
                                             std::span<const WindowEvent> paid,
                                             const WindowView& view, const EmitRow& emit) {
                   const std::int64_t hour = view.window.start.to_millis() / 3'600'000;
                   const std::string name =
                       ordered.empty() ? "an order of before" : what(ordered.front().row);
                   emit_line("hour " + std::to_string(hour) + ": " + name +
                                 (paid.empty() ? ", not paid" : ", paid"),
                             emit);
                 }));
}

int main() {
  StreamJob job;
  const KeyedStream orders =
      job.from_rows("orders", kOrders,
                    {order(1, 7, "a kettle"), order(5, 8, "a lamp"), order(50, 9, "a chair")})
          .key_by({0});
  const KeyedStream payments =
      job.from_rows("payments", kPayments,
                    {payment(4, 30, 7), payment(16, 20, 8), payment(65, 80, 9)})
          .key_by({1});

  std::mutex mutex;  // Results come from several threads.
  std::set<std::string> results;
  paid_in_time(orders, payments)
      .union_with(by_hour(orders, payments))
      .for_each("collect", [&](const EventView& event) {
        const std::lock_guard lock(mutex);
        results.emplace(event.row.get(0, kString).as_string());
      });

  lymer::SystemClock clock;
  if (const auto ran = job.run(clock, 2); !ran) {
    std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
    return 1;
  }
  for (const std::string& line : results) std::printf("%s\n", line.c_str());
  return 0;
}
