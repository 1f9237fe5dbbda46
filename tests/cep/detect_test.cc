// A pattern as a step of a stream job: matches, timeouts and late events as streams with their
// schemas, with and without keys, and what comes behind them.
// Not here: the operator (tests/cep/pattern_operator_test.cc), jobs (tests/runtime/stream/).
#include "cep/detect.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using runtime::Stream;
using runtime::StreamJob;
using support::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

const runtime::SchemaRef kCounts = support::schema_of({{"n", support::kInteger}}, "counts");

PatternRule ab() {
  return make_rule(
      {.name = "ab", .spec = {.stages = {begin("a"), then("b")}, .window = Duration::millis(10)}});
}

// A sink that writes its stream down as sorted lines.
class Written {
 public:
  explicit Written(const Stream& stream) : held_(std::make_shared<Held>()) {
    stream.for_each("written", [held = held_, schema = stream.schema(),
                                id = stream.schema_id()](const runtime::EventView& event) {
      runtime::EventBatch batch;
      batch.append(event.header, event.row.bytes(), {});
      const std::lock_guard lock(held->mutex);
      held->lines.push_back(support::lines_of(batch, schema).front());
      EXPECT_EQ(event.header.schema, id) << "rows do not say what they look like";
    });
  }
  Lines lines() const {
    Lines lines = held_->lines;
    for (std::string& line : lines) line = line.substr(0, line.find(" key "));
    std::ranges::sort(lines);
    return lines;
  }

 private:
  struct Held {
    std::mutex mutex;
    Lines lines;
  };
  std::shared_ptr<Held> held_;
};

class Detect : public ::testing::TestWithParam<std::size_t> {
 protected:
  // In one subtask: what is late must not depend on the parallelism.
  Stream letters(const std::vector<support::EventDraft>& drafts) {
    std::vector<runtime::TimedRow> rows;
    for (const support::EventDraft& each : drafts) {
      rows.push_back({each.time, support::row_of(letter_schema(), each.cells)});
    }
    return job_.from_rows("letters", letter_schema(), std::move(rows)).parallelism(1);
  }
  void run() {
    SystemClock clock;
    const auto outcome = job_.run(clock, GetParam());
    EXPECT_TRUE(outcome) << outcome.error().to_string();
  }

  StreamJob job_;
};

INSTANTIATE_TEST_SUITE_P(Parallelism, Detect, ::testing::Values(1, 2, 5));

TEST_P(Detect, GivesMatchesTimeoutsAndLateEventsOfEachKey) {
  const Detected found = detect(letters({at(1, {"u", "a"}), at(2, {"v", "b"}), at(4, {"u", "b"}),
                                         at(20, {"v", "a"}), at(3, {"u", "b"})})
                                    .key_by({kUserSlot}),
                                "ab", ab);
  EXPECT_EQ(found.matches.schema(), found_schema());
  EXPECT_EQ(found.timeouts.schema(), found_schema());
  EXPECT_EQ(found.late.schema(), letter_schema());
  const Written matches(found.matches);
  const Written timeouts(found.timeouts);
  const Written late(found.late);
  run();
  EXPECT_THAT(matches.lines(), ElementsAre(HasSubstr(R"(@4 {"found":"a0 b2")")));
  EXPECT_THAT(timeouts.lines(), ElementsAre(HasSubstr(R"(@30 {"found":"a3)")));
  EXPECT_THAT(late.lines(), ElementsAre(R"(@3 {"user":"u","letter":"b"})"));
}

TEST_P(Detect, NeedsNoKeys) {
  const Detected found = detect(letters({at(1, {"u", "a"}), at(2, {"v", "b"})}), "ab", ab);
  const Written matches(found.matches);
  const Written late(found.late);
  run();
  EXPECT_THAT(matches.lines(), ElementsAre(HasSubstr(R"(@2 {"found":"a0 b1")")));
  EXPECT_THAT(late.lines(), IsEmpty());
}

TEST_P(Detect, GivesWindowsBehindItRowsToCount) {
  const Detected found = detect(letters({at(1, {"u", "a"}), at(4, {"u", "b"}), at(5, {"v", "a"}),
                                         at(6, {"v", "b"}), at(11, {"u", "a"}), at(12, {"u", "b"})})
                                    .key_by({kUserSlot}),
                                "ab", ab);
  const runtime::WindowFunction count = runtime::aggregate_window<std::int64_t>(
      0, [](std::int64_t& n, const runtime::WindowEvent&) { ++n; },
      [](std::int64_t& n, const std::int64_t& other) { n += other; },
      [](const std::int64_t& n, const runtime::WindowView&, const runtime::EmitRow& emit) {
        emit(support::row_of(kCounts, {n}));
      });
  const Written counts(
      found.matches.window_all(runtime::WindowAssigner::tumbling(Duration::millis(10)))
          .aggregate("counts", kCounts, count));
  run();
  EXPECT_THAT(counts.lines(), ElementsAre(R"(@19 {"n":1})", R"(@9 {"n":2})"));
}

TEST_P(Detect, FindsPatternsAmongMatches) {
  const Detected inner =
      detect(letters({at(1, {"u", "a"}), at(2, {"u", "b"}), at(3, {"v", "a"}), at(4, {"v", "b"})})
                 .key_by({kUserSlot}),
             "ab", ab);
  const Detected outer = detect(inner.matches, "two", [] {
    PatternSpec spec{
        .stages = {{.name = "x"}, {.name = "y", .contiguity = Contiguity::kFollowedBy}},
        .window = Duration::millis(10)};
    spec.name = "two";
    return PatternRule{
        .id = {"two", 1},
        .pattern = compile(Pattern::make(std::move(spec)).value()),
        .on_match = select_function(kCounts, [](const Match& match, runtime::RowBuilder& row) {
          row.set(0, runtime::Value::of(static_cast<std::int64_t>(match.path().size())));
        })};
  });
  const Written matches(outer.matches);
  run();
  EXPECT_THAT(matches.lines(), ElementsAre(R"(@4 {"n":2})"));
}

TEST_P(Detect, HasNoRowsOfARuleThatOnlyCounts) {
  const Detected found = detect(letters({at(1, {"u", "a"}), at(2, {"u", "b"})}), "ab", [] {
    PatternRule rule = ab();
    rule.on_match = nullptr;
    rule.on_timeout = nullptr;
    return rule;
  });
  EXPECT_EQ(found.matches.schema(), letter_schema());
  const Written matches(found.matches);
  run();
  EXPECT_THAT(matches.lines(), IsEmpty());
}

TEST_P(Detect, PutsEventsOfOneTimeInTheGivenOrder) {
  const DetectOptions by_letter{
      .order_by = [](const ComparedEvent& left, const ComparedEvent& right) {
        return left.row.get(kLetterSlot, support::kText).as_string() <
               right.row.get(kLetterSlot, support::kText).as_string();
      }};
  const Detected found =
      detect(letters({at(5, {"u", "b"}), at(5, {"u", "a"})}), "ab", ab, by_letter);
  const Written matches(found.matches);
  run();
  EXPECT_THAT(matches.lines(), ElementsAre(HasSubstr(R"(@5 {"found":"a1 b0")")));
}

// Time is the clock's: what the events say means nothing, and none of them is late.
TEST_P(Detect, TakesEventsAsTheyComeInProcessingTime) {
  const Detected found =
      detect(letters({at(900, {"u", "a"}), at(3, {"u", "b"})}).key_by({kUserSlot}), "ab",
             [] { return make_rule({.name = "ab", .spec = {.stages = {begin("a"), then("b")}}}); },
             {.time_mode = TimeMode::kProcessingTime});
  const Written matches(found.matches);
  const Written late(found.late);
  run();
  EXPECT_THAT(matches.lines(), ElementsAre(HasSubstr(R"({"found":"a0 b1")")));
  EXPECT_THAT(late.lines(), IsEmpty());
}

}  // namespace
}  // namespace lymer::cep
