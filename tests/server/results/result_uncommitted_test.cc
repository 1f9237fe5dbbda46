// What no checkpoint holds yet, among what one does.
// Not here: what sinks hand over (tests/server/results/result_sink_test.cc).
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/results/store_fixture.h"

namespace lymer::results {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class UncommittedResultsTest : public StoreFixture {};

TEST_F(UncommittedResultsTest, AreShownToThoseWhoAsk) {
  add({match("a", 10), match("b", 20)});
  ASSERT_TRUE(store_->put_uncommitted("s", 1, 2, 0, {match("w", 15), match("b", 20)}));
  const auto buffer = store_->open_buffer();
  buffer->add(match("m", 25));
  StoredResult other = match("o", 25);
  other.kind = ResultKind::kTimeout;
  buffer->add(other);
  EXPECT_THAT(ids(page({})), ElementsAre("b", "a"));
  const ResultPage all = page({.shows_uncommitted = true});
  EXPECT_THAT(ids(all), ElementsAre("m", "b", "w", "a"));
  EXPECT_FALSE(all.items[0].is_committed || all.items[2].is_committed);
  EXPECT_TRUE(all.items[1].is_committed && all.items[3].is_committed);
  for (const bool is_newest_first : {true, false}) {
    PageRequest request{.is_newest_first = is_newest_first, .limit = 1, .shows_uncommitted = true};
    std::vector<std::string> found;
    do {
      const ResultPage one = page(request);
      for (const std::string& id : ids(one)) found.push_back(id);
      request.cursor = one.next;
    } while (!request.cursor.empty() && found.size() < 10);
    if (!is_newest_first) std::ranges::reverse(found);
    EXPECT_THAT(found, ElementsAre("m", "b", "w", "a"));
  }
  EXPECT_THAT(ids(page({.filter = {.from = at(15), .to = at(25)}, .shows_uncommitted = true})),
              ElementsAre("b", "w"));
}

TEST_F(UncommittedResultsTest, OfSinksThatAreGoneAreForgotten) {
  store_->open_buffer()->add(match("m", 25));
  EXPECT_THAT(ids(page({.shows_uncommitted = true})), IsEmpty());
}

}  // namespace
}  // namespace lymer::results
