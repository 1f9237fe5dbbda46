// Keys out of fields, and events that have none. Every case runs in all ways of the harness.
// Not here: the encoding of keys (tests/runtime/key_group_test.cc).
#include "runtime/operators/key_by.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/key_group.h"
#include "tests/support/collectors.h"
#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::kNull;
using support::verify;
using support::watermark;

const SchemaRef kSchema =
    support::schema_of({{"user", support::kText, true}, {"n", support::kInteger, true}});

support::OperatorMaker key_by(std::vector<Slot> slots) {
  return [slots = std::move(slots)] { return std::make_unique<KeyBy>(kSchema, slots); };
}

support::Layout layout() { return {.input = kSchema, .outputs = {{kMainPort, kSchema}}}; }

// The line of an event with the key of these cells.
std::string keyed(std::string line, const std::vector<support::Cell>& cells) {
  EventBatch batch = support::batch_of(kSchema, {at(0, {"x", 0})});
  const std::vector<std::byte> key = support::key_of(cells);
  batch.set_key(0, key, key_group_of(key));
  const std::string with_key = support::lines_of(batch, kSchema).front();
  return std::move(line) + with_key.substr(with_key.find(" key "));
}

TEST(KeyBy, GivesEventsTheKeyOfTheirFields) {
  verify(key_by({0}), layout())
      .input({at(1, {"ann", 7}), at(2, {"bob", kNull}), watermark(2), at(3, {"ann", 8})})
      .expect({keyed(R"(@1 {"user":"ann","n":7})", {"ann"}),
               keyed(R"(@2 {"user":"bob","n":null})", {"bob"}), "watermark 2",
               keyed(R"(@3 {"user":"ann","n":8})", {"ann"})});
}

TEST(KeyBy, JoinsSeveralFieldsInTheirOrder) {
  verify(key_by({1, 0}), layout())
      .input({at(1, {"ann", 7})})
      .expect({keyed(R"(@1 {"user":"ann","n":7})", {7, "ann"})});
}

TEST(KeyBy, DropsEventsWithANullInTheirKey) {
  verify(key_by({0, 1}), layout())
      .input({at(1, {"ann", kNull}), at(2, {kNull, 3}), watermark(1), at(3, {"ann", 3})})
      .expect({"watermark 1", keyed(R"(@3 {"user":"ann","n":3})", {"ann", 3})});
}

TEST(KeyBy, CountsTheEventsWithoutAKey) {
  KeyBy op(kSchema, {0});
  support::RecordingCollector out(kSchema);
  EXPECT_EQ(
      op.on_batch(support::batch_of(kSchema, {at(1, {kNull, 1}), at(2, {kNull, 2})}), out).value(),
      Progress::kDone);
  EXPECT_EQ(op.null_keys(), 2U);
  EXPECT_TRUE(out.lines().empty());
}

TEST(KeyBy, HandsMarksOn) {
  verify(key_by({0}), layout())
      .input({support::mark(IdleMark{}), support::last_watermark(), support::end_of_input()})
      .expect({"idle", "watermark max", "end of input"});
}

}  // namespace
}  // namespace lymer::runtime
