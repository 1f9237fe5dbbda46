// Keys out of fields, and events that have none. Every case runs in all ways of the harness.
// Not here: the encoding of keys (tests/runtime/key_group_test.cc).
#include "runtime/operators/key_by.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

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
using ::testing::ElementsAre;

const SchemaRef kSchema =
    support::schema_of({{"user", support::kText, true}, {"n", support::kInteger, true}});

support::OperatorMaker key_by(KeyExpression key) {
  return [key = std::move(key)] {
    return std::make_unique<KeyBy>(kSchema, std::vector<KeyExpression>{key});
  };
}

support::Layout layout() { return {.input = kSchema, .outputs = {{kMainPort, kSchema}}}; }

// The line of an event with the key of these cells.
std::string keyed(std::string line, const std::vector<support::Cell>& cells) {
  EventBatch batch = support::batch_of(kSchema, {at(0, {"x", 0})});
  batch.set_key_hash(0, key_hash_of(support::key_of(cells)));
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
  KeyBy op(kSchema, {{0}});
  support::RecordingCollector out(kSchema);
  EXPECT_EQ(
      op.on_batch(support::batch_of(kSchema, {at(1, {kNull, 1}), at(2, {kNull, 2})}), out).value(),
      Progress::kDone);
  EXPECT_EQ(op.null_keys(), 2U);
  EXPECT_TRUE(out.lines().empty());
}

class Keeper final : public Collector {
 public:
  bool try_emit(Port, StreamElement& element) override {
    elements.push_back(std::exchange(element, EventBatch{}));
    return true;
  }
  std::vector<StreamElement> elements;
};

// "KEY:MASK" of each event, and "copy" behind those that went on before. The key is the one of
// `known` that has the event's hash.
std::vector<std::string> deliveries(KeyBy& op, EventBatch batch,
                                    const std::vector<std::string>& known) {
  Keeper out;
  EXPECT_EQ(op.on_batch(std::move(batch), out).value(), Progress::kDone);
  std::vector<std::string> lines;
  for (const StreamElement& element : out.elements) {
    const auto& keyed = std::get<EventBatch>(element);
    for (const EventHeader& header : keyed.headers()) {
      const auto key = std::ranges::find_if(known, [&](const std::string& each) {
        const auto cells =
            each.empty() ? std::vector<support::Cell>{} : std::vector<support::Cell>{each};
        return key_hash_of(support::key_of(cells)) == header.key_hash;
      });
      std::string line = key == known.end() ? "?" : *key;
      line += ":" + std::to_string(header.key_mask);
      lines.push_back(line + (header.is_copy ? " copy" : ""));
    }
  }
  return lines;
}

TEST(KeyBy, DeliversAnEventUnderEachOfItsKeys) {
  const SchemaRef schema = support::schema_of(
      {{"id", support::kText, true}, {"parent", support::kText, true}, {"n", support::kInteger}});
  KeyBy op(schema, {{0}, {1}, {0}});
  const auto of = [&](const support::Cell& id, const support::Cell& parent) {
    return deliveries(op, support::batch_of(schema, {at(1, {id, parent, 1})}), {"a", "b"});
  };
  EXPECT_THAT(of("a", "b"), ElementsAre("a:5", "b:2 copy"));
  EXPECT_THAT(of("a", "a"), ElementsAre("a:7"));
  EXPECT_THAT(of(kNull, "b"), ElementsAre("b:2"));
  EXPECT_THAT(of(kNull, kNull), ElementsAre());
  EXPECT_EQ(op.null_keys(), 1U);
}

TEST(KeyBy, MarksAllThatAnotherOneLetsPassToo) {
  KeyBy op(kSchema, {{0}}, true);
  EXPECT_THAT(deliveries(op, support::batch_of(kSchema, {at(1, {"x", 1})}), {"x"}),
              ElementsAre("x:1 copy"));
}

TEST(KeyBy, GivesAllEventsOneKeyWithoutFields) {
  KeyBy op(kSchema, {{}});
  EXPECT_THAT(
      deliveries(op, support::batch_of(kSchema, {at(1, {"x", 1}), at(2, {kNull, 1})}), {""}),
      ElementsAre(":1", ":1"));
}

TEST(MarkSchema, SaysWhatRowsAre) {
  MarkSchema op(SchemaId(7));
  Keeper out;
  ASSERT_TRUE(op.on_batch(support::batch_of(kSchema, {at(1, {"x", 1}).from(3, 4)}), out));
  const EventHeader& header = std::get<EventBatch>(out.elements.front()).headers()[0];
  EXPECT_EQ(header.schema, SchemaId(7));
  EXPECT_EQ(header.id, (EventId{SplitId(3), 4}));
}

TEST(MarkInput, SaysForWhichInputEventsAre) {
  MarkInput op(1);
  Keeper out;
  ASSERT_TRUE(op.on_batch(support::batch_of(kSchema, {at(1, {"x", 1})}), out));
  EXPECT_EQ(std::get<EventBatch>(out.elements.front()).headers()[0].key_mask, 2);
  // Behind another key_by they are as any others.
  KeyBy next(kSchema, {{0}});
  Keeper last;
  ASSERT_TRUE(next.on_batch(std::get<EventBatch>(std::move(out.elements.front())), last));
  EXPECT_EQ(std::get<EventBatch>(last.elements.front()).headers()[0].key_mask, 1);
}

TEST(KeyBy, HandsMarksOn) {
  verify(key_by({0}), layout())
      .input({support::mark(IdleMark{}), support::last_watermark(), support::end_of_input()})
      .expect({"idle", "watermark max", "end of input"});
}

}  // namespace
}  // namespace lymer::runtime
