// Pairs within windows, and rows without a partner. Every case runs in all ways of the harness.
// Not here: windows as such (tests/runtime/window/window_operator_test.cc).
#include "runtime/join/window_join.h"

#include <utility>

#include <gtest/gtest.h>

#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::verify;

const SchemaRef kOrders = support::schema_of({{"id", support::kInteger}, {"what", support::kText}});
const SchemaRef kPayments =
    support::schema_of({{"sum", support::kInteger}, {"order", support::kInteger}});
const SchemaRef kResults =
    support::schema_of({{"what", support::kText, true}, {"sum", support::kInteger, true}});

constexpr Type kInt{TypeKind::kInt};
constexpr Type kString{TypeKind::kString};

void put_pair(const RowView* order, const RowView* payment, const EmitRow& emit) {
  RowBuilder row(kResults);
  if (order != nullptr) row.set(0, order->get(1, kString));
  if (payment != nullptr) row.set(1, payment->get(0, kInt));
  emit(row.bytes());
}

support::OperatorVerification joined(std::function<WindowProcess()> function) {
  const auto make = [function = std::move(function)] {
    return std::make_unique<WindowOperator>(
        WindowSpec{.inputs = {{kOrders, SchemaId(0), {0}}, {kPayments, SchemaId(1), {1}}},
                   .output = SchemaId(2),
                   .windows = WindowAssigner::tumbling(Duration::millis(10)),
                   .function = function()});
  };
  return verify(make, {.input = kOrders,
                       .key = {0},
                       .outputs = {{kMainPort, kResults}, {kLatePort, kPayments}},
                       .others = {{kPayments, {1}}}});
}

support::OperatorVerification window_joined(JoinKind kind) {
  return joined([kind] {
    return window_join(kind, [](const JoinSides& sides, const EmitRow& emit) {
      put_pair(sides.left, sides.right, emit);
    });
  });
}

// Of order 1 both sides, in the first window; of 2 the order and of 3 the payment alone.
std::vector<support::Input> some_input() {
  return {at(1, {1, "tea"}),     at(2, {30, 1}).of(1),     at(3, {1, "cup"}),
          at(4, {40, 1}).of(1),  at(5, {2, "pot"}),        at(6, {50, 3}).of(1),
          at(11, {60, 1}).of(1), support::last_watermark()};
}

const std::vector<std::string> kPairs = {
    R"(@9 {"what":"tea","sum":30})", R"(@9 {"what":"tea","sum":40})",
    R"(@9 {"what":"cup","sum":30})", R"(@9 {"what":"cup","sum":40})"};
const std::string kOrderAlone = R"(@9 {"what":"pot","sum":null})";
const std::string kPaymentAlone = R"(@9 {"what":null,"sum":50})";
const std::string kLaterPayment = R"(@19 {"what":null,"sum":60})";

// By key, in the order of their hashes.
std::vector<std::string> expected(bool order_alone, bool payment_alone) {
  std::vector<std::string> lines = kPairs;
  if (payment_alone) lines.push_back(kPaymentAlone);
  if (order_alone) lines.push_back(kOrderAlone);
  if (payment_alone) lines.push_back(kLaterPayment);
  lines.emplace_back("watermark max");
  return lines;
}

TEST(WindowJoin, GivesPairs) {
  window_joined(JoinKind::kInner).input(some_input()).expect(expected(false, false));
}

TEST(WindowJoin, GivesOrdersWithoutPayment) {
  window_joined(JoinKind::kLeft).input(some_input()).expect(expected(true, false));
}

TEST(WindowJoin, GivesPaymentsWithoutOrder) {
  window_joined(JoinKind::kRight).input(some_input()).expect(expected(false, true));
}

TEST(WindowJoin, GivesBoth) {
  window_joined(JoinKind::kFull).input(some_input()).expect(expected(true, true));
}

TEST(CoGroup, SeesBothSidesAtOnce) {
  joined([] {
    return co_group([](std::span<const WindowEvent> orders, std::span<const WindowEvent> payments,
                       const WindowView&, const EmitRow& emit) {
      RowBuilder row(kResults);
      row.set(0, Value::of(std::to_string(orders.size()) + " orders"));
      row.set(1, Value::of(static_cast<std::int64_t>(payments.size())));
      emit(row.bytes());
    });
  })
      .input({at(1, {1, "tea"}), at(2, {30, 1}).of(1), at(3, {1, "cup"}), at(12, {40, 1}).of(1),
              support::last_watermark()})
      .expect({R"(@9 {"what":"2 orders","sum":1})", R"(@19 {"what":"0 orders","sum":1})",
               "watermark max"});
}

}  // namespace
}  // namespace lymer::runtime
