// The source of the first start, and those of later ones.
// Not here: jobs that start again (restart_test.cc beside this file).
#include "server/reopened_source.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/clock.h"
#include "runtime/row_source.h"
#include "tests/support/events.h"

namespace lymer::server {
namespace {

using runtime::EventSource;
using ::testing::HasSubstr;

std::unique_ptr<EventSource> rows() {
  return std::make_unique<runtime::RowSource>(
      runtime::RowSourceSpec{
          .schema = support::schema_of({{"n", support::kInteger}}),
          .schema_id = {},
          .split = {},
          .out_of_order = {},
          .make = [](std::uint64_t, runtime::RowBuilder&, EventTime&) { return false; }},
      runtime::SourceShare{});
}

TEST(ReopenedSource, OpensNothingForTheFirstStart) {
  auto first = rows();
  const EventSource* const opened = first.get();
  int opens = 0;
  const auto make =
      reopened_source(std::move(first), [&]() -> Result<std::unique_ptr<EventSource>> {
        ++opens;
        return rows();
      });
  EXPECT_EQ(make({}).get(), opened);
  const auto again = make({});
  EXPECT_EQ(opens, 0) << "its task opens it";
  EXPECT_EQ(again->watermark(), EventTime::min());
  again->update_metrics();
  ManualClock clock{EventTime{}};
  EXPECT_TRUE(again->open(runtime::OperatorContext{"rows", clock}));
  EXPECT_EQ(opens, 1);
  runtime::StateSnapshot state;
  EXPECT_TRUE(again->snapshot(state));
  EXPECT_TRUE(again->restore(state));
}

TEST(ReopenedSource, FailsWhereItCannotBeOpenedAgain) {
  const auto make = reopened_source(rows(), []() -> Result<std::unique_ptr<EventSource>> {
    return Error{ErrorCode::kNotFound, "it is gone"};
  });
  (void)make({});
  ManualClock clock{EventTime{}};
  const auto opened = make({})->open(runtime::OperatorContext{"rows", clock});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().to_string(), HasSubstr("it is gone"));
}

}  // namespace
}  // namespace lymer::server
