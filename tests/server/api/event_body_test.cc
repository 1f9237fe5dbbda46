// Bodies of good events, bad events, and both.
// Not here: HTTP (event_routes_test.cc), JSON's grammar (json_object_check_test.cc).
#include "server/api/event_body.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> records_of(const EventBody& body) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < body.records.size(); ++i) {
    all.emplace_back(body.records.record(i));
  }
  return all;
}

EventBody read(const std::string& body, EventForm form, const EventLimits& limits = {}) {
  auto made = read_events(body, form, limits);
  EXPECT_TRUE(made) << made.error().to_string();
  return made ? *std::move(made) : EventBody{};
}

TEST(EventLines, AreEventsEach) {
  const EventBody body = read("{\"a\":1}\r\n\n  \n {\"a\":2} \n{\"a\":3}", EventForm::kLines);
  EXPECT_THAT(records_of(body), ElementsAre(R"({"a":1})", R"({"a":2})", R"({"a":3})"));
  EXPECT_EQ(body.rejected, 0U);
  EXPECT_THAT(records_of(read("", EventForm::kLines)), IsEmpty());
}

TEST(EventLines, DoNoHarmToTheOthers) {
  const EventBody body =
      read("{\"a\":1}\n{\"a\":\"[[{\n\n[]\n{\"a\":4}\nnull\n", EventForm::kLines);
  EXPECT_THAT(records_of(body), ElementsAre(R"({"a":1})", R"({"a":4})"));
  EXPECT_EQ(body.rejected, 3U);
  ASSERT_THAT(body.errors, SizeIs(3));
  EXPECT_EQ(body.errors[0].line, 2U);
  EXPECT_THAT(body.errors[0].error, HasSubstr("it is not JSON"));
  EXPECT_EQ(body.errors[1].line, 4U);
  EXPECT_EQ(body.errors[1].error, "it is no object");
  EXPECT_EQ(body.errors[2].line, 6U);
}

TEST(EventLines, AreBounded) {
  const EventBody body =
      read("{\"a\":\"1234\"}\n{}\n0\n1\n2\n", EventForm::kLines, {.event_bytes = 11, .errors = 2});
  EXPECT_THAT(records_of(body), ElementsAre("{}"));
  EXPECT_EQ(body.rejected, 4U);
  ASSERT_THAT(body.errors, SizeIs(2));
  EXPECT_EQ(body.errors[0].error, "it has 12 bytes, and 11 may be");
}

TEST(EventDocument, IsAListOrAnObject) {
  const auto events = [](const std::string& body) {
    return records_of(read(body, EventForm::kDocument));
  };
  EXPECT_THAT(events(R"( [ {"a":"],{"} , {"b":[1,{"c":"\""}]} ] )"),
              ElementsAre(R"({"a":"],{"})", R"({"b":[1,{"c":"\""}]})"));
  EXPECT_THAT(events("[]"), IsEmpty());
  EXPECT_THAT(events("[ \n ]"), IsEmpty());
  // A record is a line, also where its event is many.
  EXPECT_THAT(events("{\n  \"a\": \"\\n\",\r\n  \"b\": 1\n}\n"),
              ElementsAre("{   \"a\": \"\\n\",    \"b\": 1 }"));
}

TEST(EventDocument, DoesNotLoseGoodEventsToBadOnes) {
  const EventBody body = read(R"([{"a":1},{"a":tru},,7,[{"a":5}],{"a":6}])", EventForm::kDocument);
  EXPECT_THAT(records_of(body), ElementsAre(R"({"a":1})", R"({"a":6})"));
  EXPECT_EQ(body.rejected, 4U);
  ASSERT_THAT(body.errors, SizeIs(4));
  EXPECT_EQ(body.errors[0].line, 2U);
  EXPECT_EQ(body.errors[3].line, 5U);
  EXPECT_EQ(read("[{},]", EventForm::kDocument).rejected, 1U);
  EXPECT_EQ(read("{\"a\":}", EventForm::kDocument).rejected, 1U);
}

TEST(EventDocument, IsRefusedWhereItDoesNotEnd) {
  for (const char* body :
       {"", "7", "[", "[{}", "[{}}", "[{}]]", "[{}] {}", "[\"]", "\"a\"", "[{\"a\":\"}]"}) {
    const auto made = read_events(body, EventForm::kDocument, {});
    ASSERT_FALSE(made) << body;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace lymer::server
