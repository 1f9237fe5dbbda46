// What is committed is found by what it says, page by page, whatever comes meanwhile.
// Not here: what sinks do (tests/server/results/result_sink_test.cc).
#include "server/results/result_store.h"

#include <future>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/results/store_fixture.h"

namespace lymer::results {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ResultStoreTest : public StoreFixture {};

TEST_F(ResultStoreTest, GivesPagesByTimeBothWays) {
  add({match("b", 20), match("a", 10), match("c", 30)});
  EXPECT_THAT(ids(page({})), ElementsAre("c", "b", "a"));
  EXPECT_THAT(ids(page({.is_newest_first = false})), ElementsAre("a", "b", "c"));
  EXPECT_THAT(ids(page({.kind = ResultKind::kTimeout})), IsEmpty());
  EXPECT_THAT(ids(page({.limit = 0})), IsEmpty());
}

TEST_F(ResultStoreTest, FindsByEachFilterAndAllTogether) {
  StoredResult other = match("b", 20);
  other.rule = "q";
  other.key = "k2";
  other.severity = "low";
  other.tags = {"t2", "t3"};
  add({match("a", 10), other, match("c", 30)});
  EXPECT_THAT(ids(page({.filter = {.rule = "q"}})), ElementsAre("b"));
  EXPECT_THAT(ids(page({.filter = {.key = "k"}})), ElementsAre("c", "a"));
  EXPECT_THAT(ids(page({.filter = {.severity = "low"}})), ElementsAre("b"));
  EXPECT_THAT(ids(page({.filter = {.tag = "t3"}})), ElementsAre("b"));
  EXPECT_THAT(ids(page({.filter = {.from = at(10), .to = at(30)}})), ElementsAre("b", "a"));
  EXPECT_THAT(ids(page({.filter = {.rule = "r", .from = at(11)}})), ElementsAre("c"));
  EXPECT_THAT(ids(page({.filter = {.rule = "q", .tag = "t"}})), IsEmpty());
  EXPECT_THAT(ids(page({.filter = {.from = at(5), .to = at(5)}})), IsEmpty());
}

TEST_F(ResultStoreTest, KeepsCursorsGoodThroughRestartsAndWhatComesMeanwhile) {
  for (const bool is_newest_first : {true, false}) {
    std::vector<std::string> expected;
    std::vector<StoredResult> some;
    const std::string letter = is_newest_first ? "n" : "o";
    for (int i = 0; i < 7; ++i) {
      some.push_back(match(letter + std::to_string(i), 100 + i / 2));
      some.back().rule = letter;
      expected.push_back(some.back().id);
    }
    add(some);
    if (is_newest_first) std::ranges::reverse(expected);
    PageRequest request{.filter = {.rule = letter}, .is_newest_first = is_newest_first, .limit = 2};
    std::vector<std::string> all;
    do {
      const ResultPage one = page(request);
      for (const std::string& id : ids(one)) all.push_back(id);
      request.cursor = one.next;
      // Behind those who read, as seen from either side.
      StoredResult more = match(letter + "x" + std::to_string(all.size()), 0);
      more.rule = letter;
      more.time = at(is_newest_first ? 1000 : 1);
      add({more});
      open();
    } while (!request.cursor.empty());
    EXPECT_EQ(all, expected);
  }
}

TEST_F(ResultStoreTest, LooksAtNoMoreThanAllowedAndGoesOnFromThere) {
  options_.looked_at = 10;
  open();
  std::vector<StoredResult> some;
  for (int i = 0; i < 35; ++i) {
    some.push_back(match(std::to_string(i), i));
    if (i % 2 == 1) some.back().rule = "q";
    if (i % 2 == 1 || i == 0) some.back().severity = "low";
  }
  add(some);
  PageRequest request{.filter = {.rule = "r", .severity = "low"}, .limit = 5};
  int pages = 0;
  std::vector<std::string> found;
  do {
    const ResultPage one = page(request);
    for (const std::string& id : ids(one)) found.push_back(id);
    request.cursor = one.next;
    ++pages;
  } while (!request.cursor.empty() && pages < 10);
  EXPECT_THAT(found, ElementsAre("0"));
  EXPECT_THAT(pages, ::testing::AllOf(::testing::Ge(3), ::testing::Le(8)));
}

TEST_F(ResultStoreTest, FindsARareCombinationWithoutLookingAtAllOfEither) {
  std::vector<StoredResult> some;
  for (int i = 0; i < 1000; ++i) {
    some.push_back(match(std::to_string(i), i));
    some.back().rule = i % 2 == 0 ? "even" : "odd";
    some.back().severity = i == 7 || i == 150 ? "rare" : "high";
    some.back().tags = {i < 700 ? "early" : "late"};
  }
  add(some);
  options_.looked_at = 300;
  open();
  for (const bool is_newest_first : {true, false}) {
    const ResultPage rare = page({.filter = {.rule = "even", .severity = "rare", .tag = "early"},
                                  .is_newest_first = is_newest_first});
    EXPECT_THAT(ids(rare), ElementsAre("150"));
    EXPECT_EQ(rare.next, "");
    EXPECT_THAT(ids(page({.filter = {.rule = "odd", .severity = "rare"},
                          .is_newest_first = is_newest_first})),
                ElementsAre("7"));
  }
}

TEST_F(ResultStoreTest, FindsKeysByTheirValueAlone) {
  StoredResult ann = match("a", 1);
  ann.key = R"({"user":"ann"})";
  StoredResult host = match("b", 2);
  host.key = R"({"host":"ann"})";
  add({ann, host});
  EXPECT_THAT(ids(page({.filter = {.key = "ann"}})), ElementsAre("b", "a"));
  EXPECT_THAT(ids(page({.filter = {.key = ann.key}})), ElementsAre("a"));
}

TEST_F(ResultStoreTest, ShowsResultsAtOnceWhereThereAreNoCheckpoints) {
  ASSERT_TRUE(store_->put({match("a", 1), match("b", 2), match("a", 1)}));
  ASSERT_TRUE(store_->put({match("b", 2)}));
  open();
  ASSERT_TRUE(store_->put({match("c", 3)}));
  EXPECT_THAT(ids(store_->follow(ResultKind::kMatch, {}, 0)->items), ElementsAre("a", "b", "c"));
  EXPECT_EQ(store_->find(ResultKind::kMatch, "b").value()->checkpoint, 0U);
}

// As of a log that was rotated: the same places in it, other events.
TEST_F(ResultStoreTest, TakesAnIdOfAnotherTimeForAnotherResult) {
  add({match("a", 1), match("a", 2), match("aa", 3)});
  EXPECT_THAT(ids(page({})), ElementsAre("aa", "a", "a"));
  EXPECT_EQ(store_->find(ResultKind::kMatch, "a").value()->time, at(2));
}

TEST_F(ResultStoreTest, GivesThoseWhoFollowNoMoreThanTheyTake) {
  add({match("a", 1), match("b", 2), match("c", 3)});
  EXPECT_THAT(ids(store_->follow(ResultKind::kMatch, {}, 0, {.bytes = 1})->items),
              ElementsAre("a"));
  EXPECT_THAT(ids(store_->follow(ResultKind::kMatch, {}, 1, {.bytes = 20})->items),
              ElementsAre("b", "c"));
  options_.looked_at = 2;
  open();
  EXPECT_EQ(store_->follow(ResultKind::kMatch, {.rule = "q"}, 0)->last, 2U);
}

TEST_F(ResultStoreTest, EndsAPageWhereItIsLongEnough) {
  add({match("a", 1), match("b", 2), match("c", 3)});
  const ResultPage first = page({.bytes = 15});
  EXPECT_THAT(ids(first), ElementsAre("c", "b"));
  EXPECT_THAT(ids(page({.bytes = 1, .cursor = first.next})), ElementsAre("a"));
}

TEST_F(ResultStoreTest, RefusesWhatIsNoCursor) {
  for (const std::string cursor : {"x", "p123", "p0000000000000000000000000000000g"}) {
    EXPECT_EQ(store_->page({.cursor = cursor}).error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(read_cursor(cursor_of({at(-3), 9})).value(), (IndexPlace{at(-3), 9}));
}

TEST_F(ResultStoreTest, IsFollowedInTheOrderInWhichResultsBecameVisible) {
  add({match("b", 20), match("a", 10)});
  add({match("c", 5)});
  const auto first = store_->follow(ResultKind::kMatch, {}, 0, {.results = 2});
  EXPECT_THAT(ids(first->items), ElementsAre("b", "a"));
  EXPECT_EQ(first->last, 2U);
  EXPECT_THAT(ids(store_->follow(ResultKind::kMatch, {}, first->last)->items), ElementsAre("c"));
  const auto none = store_->follow(ResultKind::kMatch, {.rule = "q"}, 0);
  EXPECT_THAT(ids(none->items), IsEmpty());
  EXPECT_EQ(none->last, 3U);
  EXPECT_EQ(store_->follow(ResultKind::kMatch, {}, 3)->last, 3U);
}

TEST_F(ResultStoreTest, WakesThoseWhoFollow) {
  const std::uint64_t seen = store_->growth();
  auto waiting =
      std::async(std::launch::async, [&] { return store_->wait(seen, Duration::seconds(60)); });
  add({match("a", 1)});
  EXPECT_TRUE(waiting.get());
  EXPECT_FALSE(store_->wait(store_->growth(), Duration::millis(1)));
}

TEST_F(ResultStoreTest, FindsOneById) {
  add({match("a", 1)});
  const auto found = store_->find(ResultKind::kMatch, "a");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->body, "{\"id\":\"a\"}");
  EXPECT_EQ((*found)->stored, clock_.now());
  EXPECT_EQ(store_->find(ResultKind::kMatch, "b").value(), std::nullopt);
  EXPECT_EQ(store_->find(ResultKind::kTimeout, "a").value(), std::nullopt);
}

TEST_F(ResultStoreTest, StoresNoIdTwice) {
  add({match("a", 1), match("a", 1), match("b", 2)});
  add({match("a", 1), match("c", 3)});
  open();
  add({match("c", 3)});
  EXPECT_THAT(ids(page({})), ElementsAre("c", "b", "a"));
  StoredResult timeout = match("a", 1);
  timeout.kind = ResultKind::kTimeout;
  add({timeout});
  EXPECT_THAT(ids(page({.kind = ResultKind::kTimeout})), ElementsAre("a"));
}

TEST_F(ResultStoreTest, KeepsNoMoreThanAllowedOfEachKind) {
  options_.retention[0] = {.age = Duration::seconds(10), .bytes = 0};
  open();
  add({match("a", 1), match("b", 2)});
  StoredResult timeout = match("t", 1);
  timeout.kind = ResultKind::kTimeout;
  add({timeout});
  clock_.sleep(Duration::seconds(11));
  add({match("c", 3)});
  ASSERT_TRUE(store_->apply_retention());
  EXPECT_THAT(ids(page({})), ElementsAre("c"));
  EXPECT_THAT(ids(page({.filter = {.rule = "r", .tag = "t"}})), ElementsAre("c"));
  EXPECT_THAT(ids(page({.kind = ResultKind::kTimeout})), ElementsAre("t"));
  EXPECT_EQ(store_->find(ResultKind::kMatch, "a").value(), std::nullopt);
  EXPECT_THAT(ids(store_->follow(ResultKind::kMatch, {}, 0)->items), ElementsAre("c"));
  options_.retention[0] = {.age = {}, .bytes = 1};
  open();
  ASSERT_TRUE(store_->apply_retention());
  EXPECT_THAT(ids(page({})), IsEmpty());
  EXPECT_EQ(store_->totals(ResultKind::kMatch).bytes, 0U);
  open();
  add({match("d", 4)});
  EXPECT_EQ(page({}).items.front().sequence, 4U);
}

TEST_F(ResultStoreTest, GoesOnAfterAFullDisk) {
  add({match("a", 1)});
  faults_.is_full = true;
  EXPECT_FALSE(store_->put_uncommitted("s", 1, 99, 0, {match("b", 2)}));
  faults_.is_full = false;
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 99, 0, {match("b", 2)}));
  ASSERT_TRUE(store_->commit("s", 1, 99, 1));
  EXPECT_THAT(ids(page({})), ElementsAre("b", "a"));
}

}  // namespace
}  // namespace lymer::results
