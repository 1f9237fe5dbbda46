// What a client that follows is sent, step by step.
// Not here: connections (tests/server/http/), the thread that wakes
// (tests/server/kept_results_test.cc).
#include "server/api/result_followers.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using http::BodySource;
using results::ResultKind;
using results::StoredResult;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Step = BodySource::Step;

class ResultFollowersTest : public ::testing::Test {
 protected:
  ResultFollowersTest() { open(); }

  void open() {
    store_ = nullptr;
    store_ = results::ResultStore::open(options(), clock_).value();
  }
  results::ResultStoreOptions options() const {
    results::ResultStoreOptions options;
    options.directory = files_.path("results");
    options.retention[0] = {.age = Duration::seconds(10), .bytes = 0};
    return options;
  }
  void add(const std::string& id, const std::string& rule = "r") {
    ASSERT_TRUE(store_->put(
        {{.kind = ResultKind::kMatch, .id = id, .rule = rule, .body = "{\"id\":\"" + id + "\"}"}}));
  }
  std::unique_ptr<BodySource> follow(std::optional<std::uint64_t> after,
                                     const results::ResultFilter& filter = {}) {
    followers_ = std::make_unique<ResultFollowers>(*store_, clock_, 4);
    return followers_->follow({.kind = ResultKind::kMatch, .filter = filter, .after = after});
  }
  // The next piece, and what is to come behind it.
  std::string next(BodySource& body, Step expected) {
    std::string out;
    EXPECT_EQ(body.next(out), expected) << out;
    return out;
  }

  const support::TempFiles files_;
  ManualClock clock_{EventTime::from_millis(1'000'000)};
  std::unique_ptr<results::ResultStore> store_;
  std::unique_ptr<ResultFollowers> followers_;
};

TEST_F(ResultFollowersTest, BeginWithWhatComesFromThenOn) {
  add("a");
  const auto body = follow({});
  EXPECT_EQ(next(*body, Step::kWait), "retry: 2000\nid: 1\n\n");
  add("b");
  EXPECT_THAT(next(*body, Step::kPiece),
              AllOf(StartsWith("id: 2\nevent: match\ndata: {\"id\":\"b\","), HasSubstr("}\n\n")));
  EXPECT_EQ(next(*body, Step::kWait), "");
}

TEST_F(ResultFollowersTest, GoOnBehindWhatTheyHave) {
  add("a");
  add("b");
  add("c");
  const auto body = follow(1);
  EXPECT_THAT(next(*body, Step::kPiece),
              AllOf(HasSubstr("id: 2\n"), HasSubstr("id: 3\n"), Not(HasSubstr("gap"))));
  const auto all = follow(0);
  EXPECT_THAT(next(*all, Step::kPiece), HasSubstr("\nid: 1\nevent: match"));
}

TEST_F(ResultFollowersTest, GetOnlyWhatTheirFilterHolds) {
  add("a", "q");
  add("b");
  const auto body = follow(0, {.rule = "r"});
  EXPECT_THAT(next(*body, Step::kPiece), AllOf(HasSubstr("\"b\""), Not(HasSubstr("\"a\""))));
  add("c", "q");
  EXPECT_EQ(next(*body, Step::kPiece), "");
  EXPECT_EQ(next(*body, Step::kWait), "");
}

TEST_F(ResultFollowersTest, ShowSignsOfLifeWithTheirPlace) {
  const auto body = follow({});
  (void)next(*body, Step::kWait);
  clock_.sleep(Duration::seconds(8));
  EXPECT_EQ(next(*body, Step::kWait), "");
  clock_.sleep(Duration::seconds(2));
  EXPECT_EQ(next(*body, Step::kWait), ": nothing new\nid: 0\n\n");
  EXPECT_EQ(next(*body, Step::kWait), "");
}

TEST_F(ResultFollowersTest, AreToldWhatTheyMissed) {
  add("a");
  add("b");
  const auto body = follow(1);
  add("c");
  clock_.sleep(Duration::seconds(11));
  add("d");
  ASSERT_TRUE(store_->apply_retention());
  EXPECT_THAT(next(*body, Step::kPiece),
              AllOf(HasSubstr("event: gap\ndata: {\"after\":\"1\",\"first\":\"4\"}\nid: 3\n\n"),
                    HasSubstr("id: 4\nevent: match")));
  const auto ahead = follow(99);  // As where the data directory is another one.
  EXPECT_THAT(next(*ahead, Step::kPiece), HasSubstr("{\"after\":\"99\",\"first\":\"4\"}"));
  const auto all = follow(0);
  EXPECT_THAT(next(*all, Step::kPiece), Not(HasSubstr("gap")));
}

// However much there is, a piece is bounded, and so is what a client that does not read holds.
TEST_F(ResultFollowersTest, AreSentBoundedPieces) {
  std::vector<StoredResult> some;
  for (int i = 0; i < 250; ++i) {
    some.push_back({.id = std::to_string(i), .rule = "r", .body = "{\"id\":1}"});
  }
  ASSERT_TRUE(store_->put(some));
  const std::string large = "{\"x\":\"" + std::string(50'000, 'x') + "\"}";
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(store_->put({{.id = "l" + std::to_string(i), .rule = "large", .body = large}}));
  }
  const auto body = follow(0, {.rule = "r"});
  int pieces = 0;
  std::string out;
  while (body->next(out) == Step::kPiece) {
    EXPECT_LT(out.size(), 20'000U);
    out.clear();
    ++pieces;
  }
  EXPECT_EQ(pieces, 3);
  const auto heavy = follow(250);
  EXPECT_LT(next(*heavy, Step::kPiece).size(), 150'000U);
}

TEST_F(ResultFollowersTest, AreWokenOnceWhenTheyWait) {
  int wakes = 0;
  int pauses = 0;
  const auto pause = [&pauses] { ++pauses; };
  const auto body = follow({});
  body->on_ready([&wakes] { ++wakes; });
  followers_->wake(pause);
  EXPECT_EQ(wakes, 0);
  (void)next(*body, Step::kWait);
  followers_->wake(pause);
  followers_->wake(pause);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(pauses, 0);
}

TEST_F(ResultFollowersTest, LeaveOthersTheirTurnWhereTheyAreMany) {
  followers_ = std::make_unique<ResultFollowers>(*store_, clock_, 250);
  std::vector<std::unique_ptr<BodySource>> bodies;
  int wakes = 0;
  for (int i = 0; i < 250; ++i) {
    bodies.push_back(followers_->follow({}));
    bodies.back()->on_ready([&wakes] { ++wakes; });
    (void)next(*bodies.back(), Step::kWait);
  }
  std::vector<int> pauses;
  followers_->wake([&] { pauses.push_back(wakes); });
  EXPECT_THAT(pauses, ::testing::ElementsAre(100, 200));
  EXPECT_EQ(wakes, 250);
}

TEST_F(ResultFollowersTest, AreNoMoreThanAllowedAndEndWithAWord) {
  followers_ = std::make_unique<ResultFollowers>(*store_, clock_, 1);
  auto body = followers_->follow({});
  EXPECT_EQ(followers_->follow({}), nullptr);
  std::string out;
  body->say_goodbye(out);
  EXPECT_EQ(out, "event: bye\ndata: {}\nid: 0\n\n");
  body = nullptr;
  EXPECT_NE(followers_->follow({}), nullptr);
}

}  // namespace
}  // namespace lymer::server
