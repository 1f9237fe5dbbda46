// Functions of one event. Every case runs in all ways of the harness.
// Not here: functions with state (tests/runtime/operators/process_test.cc).
#include "runtime/operators/transform.h"

#include <memory>
#include <optional>
#include <set>
#include <variant>

#include <gtest/gtest.h>

#include "tests/support/operator_harness.h"

namespace lymer::runtime {
namespace {

using support::at;
using support::verify;
using support::watermark;

const SchemaRef kEvents = support::schema_of({{"user", support::kText}, {"n", support::kInteger}});
const SchemaRef kNumbers = support::schema_of({{"n", support::kInteger}});
constexpr Type kInt{TypeKind::kInt};

support::Layout layout(const SchemaRef& output) {
  return {.input = kEvents, .outputs = {{kMainPort, output}}};
}

TEST(Filter, KeepsWhatItsFunctionHoldsFor) {
  const auto make = [] {
    return std::make_unique<Filter>(
        kEvents, [](const EventView& event) { return event.row.get(1, kInt).as_int() > 1; });
  };
  verify(make, layout(kEvents))
      .input({at(1, {"a", 1}), at(2, {"b", 2}), watermark(2), at(3, {"c", 0}),
              support::end_of_input()})
      .expect({R"(@2 {"user":"b","n":2})", "watermark 2", "end of input"});
}

TEST(Map, MakesARowOfEach) {
  const auto make = [] {
    return std::make_unique<Map>(kEvents, kNumbers, SchemaId(1),
                                 [](const EventView& event, RowBuilder& row) {
                                   row.set(0, Value::of(event.row.get(1, kInt).as_int() * 2));
                                 });
  };
  verify(make, layout(kNumbers))
      .input({at(1, {"a", 1}), at(2, {"b", 2}), watermark(2)})
      .expect({R"(@1 {"n":2})", R"(@2 {"n":4})", "watermark 2"});
}

// The id that the only event gets.
EventId mapped_id(std::optional<std::uint64_t> branch) {
  class Taking final : public Collector {
   public:
    bool try_emit(Port, StreamElement& element) override {
      id = std::get<EventBatch>(element).headers()[0].id;
      return true;
    }
    EventId id;
  } out;
  Map map(kEvents, kNumbers, SchemaId(1), [](const EventView&, RowBuilder&) {}, branch);
  EXPECT_TRUE(map.on_batch(support::batch_of(kEvents, {at(1, {"a", 1}).from(3, 4)}), out));
  return out.id;
}

TEST(Map, GivesBranchesIdsOfTheirOwn) {
  const EventId own{SplitId(3), 4};
  EXPECT_EQ(mapped_id({}), own);
  EXPECT_EQ(mapped_id(1), mapped_id(1));
  EXPECT_EQ((std::set<EventId>{own, mapped_id(0), mapped_id(1), mapped_id(2)}.size()), 4U);
}

TEST(FlatMap, MakesAnyNumberOfRows) {
  const auto make = [] {
    return std::make_unique<FlatMap>(
        kEvents, SchemaId(1), [](const EventView& event, const FlatMap::Emit& emit) {
          RowBuilder row(kNumbers);
          for (std::int64_t i = 0; i < event.row.get(1, kInt).as_int(); ++i) {
            row.reset();
            row.set(0, Value::of(i));
            emit(row.bytes());
          }
        });
  };
  verify(make, layout(kNumbers))
      .input({at(1, {"a", 2}), at(2, {"b", 0}), at(3, {"c", 1}), watermark(2)})
      .expect({R"(@1 {"n":0})", R"(@1 {"n":1})", R"(@3 {"n":0})", "watermark 2"});
}

}  // namespace
}  // namespace lymer::runtime
