// Results as JSON and CSV.
// Not here: which results (tests/server/api/result_routes_test.cc).
#include "server/api/result_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server {
namespace {

using results::ResultKind;
using results::StoredResult;

const StoredResult kMatch{.kind = ResultKind::kMatch,
                          .id = "i",
                          .rule = "r",
                          .severity = "high",
                          .tags = {"a", "b"},
                          .body = "{\"id\":\"i\",\"rule\":\"r\",\"emit\":{\"x\":\"a,\\\"b\\\"\"}}",
                          .events = "{\"s\":\n[]}",
                          .stored = EventTime::from_millis(0),
                          .sequence = 7,
                          .checkpoint = 3};

std::string json(const StoredResult& result, bool with_events) {
  std::string out;
  append_result(out, result, with_events);
  return out;
}

TEST(ResultText, PutsWhatTheStoreKnowsBehindTheBody) {
  EXPECT_EQ(json(kMatch, false),
            R"({"id":"i","rule":"r","emit":{"x":"a,\"b\""},"severity":"high","tags":["a","b"],)"
            R"("stored":"1970-01-01T00:00:00.000Z","sequence":"7","checkpoint":"3"})");
  StoredResult late = kMatch;
  late.kind = ResultKind::kLate;
  EXPECT_EQ(json(late, false).find("severity"), std::string::npos);
  StoredResult waiting = kMatch;
  waiting.is_committed = false;
  EXPECT_TRUE(json(waiting, false).ends_with(R"(,"committed":false})"));
}

TEST(ResultText, IsOneLineWithTheEvents) {
  EXPECT_NE(json(kMatch, true).find(R"(,"match":{"s": []},)"), std::string::npos);
}

TEST(ResultText, IsQuotedInCsvWhereItMustBe) {
  EXPECT_EQ(csv_head(ResultKind::kLate), "id,stream,time,event,stored\r\n");
  EXPECT_NE(csv_head(ResultKind::kTimeout).find(",deadline,"), std::string::npos);
  std::string row;
  append_csv(row, kMatch);
  EXPECT_EQ(row,
            "i,r,,,,,,\"{\"\"x\"\":\"\"a,\\\"\"b\\\"\"\"\"}\",\"{\"\"s\"\":[]}\",high,"
            "\"[\"\"a\"\",\"\"b\"\"]\",1970-01-01T00:00:00.000Z\r\n");
  StoredResult damaged = kMatch;
  damaged.body = "no JSON";
  row.clear();
  append_csv(row, damaged);
  EXPECT_EQ(row, ",,,,,,,,,,,\r\n");
}

}  // namespace
}  // namespace lymer::server
