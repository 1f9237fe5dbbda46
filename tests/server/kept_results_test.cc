// The thread around a store: it wakes, it removes.
// Not here: what is stored (tests/server/stored_rows_test.cc).
#include "server/kept_results.h"

#include <atomic>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

results::StoredResult match(const std::string& id) {
  return {.kind = results::ResultKind::kMatch, .id = id, .rule = "r", .body = "{}"};
}

class KeptResultsTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeptResults> open() {
    return KeptResults::open(files_.path("results"), settings_, clock_).value();
  }
  const support::TempFiles files_;
  SystemClock clock_;
  Settings settings_;
};

TEST_F(KeptResultsTest, WakesThoseWhoFollow) {
  const auto kept = open();
  std::atomic<int> wakes = 0;
  const auto body = kept->view().followers->follow({});
  body->on_ready([&wakes] {
    ++wakes;
    wakes.notify_all();
  });
  std::string out;
  ASSERT_EQ(body->next(out), http::BodySource::Step::kWait);
  ASSERT_TRUE(kept->store().put({match("a")}));
  wakes.wait(0);
  EXPECT_EQ(body->next(out), http::BodySource::Step::kPiece);
  EXPECT_NE(out.find("id: 1\nevent: match"), std::string::npos);
}

TEST_F(KeptResultsTest, RemovesWhatIsKeptNoLongerAsSettingsSay) {
  {
    ASSERT_TRUE(open()->store().put({match("a"), match("b")}));
  }
  settings_.results_matches_bytes = {1};
  const auto kept = open();
  // Retention comes with the start, on another thread; both see the same store.
  while (kept->store().totals(results::ResultKind::kMatch).first < 3) {
    ASSERT_TRUE(kept->check());
  }
  EXPECT_TRUE(kept->store().page({})->items.empty());
}

TEST_F(KeptResultsTest, CountsWhatItKeeps) {
  const auto kept = open();
  ASSERT_TRUE(kept->store().put({match("a"), match("b")}));
  double stored = 0;
  double followers = -1;
  for (const runtime::MetricSample& each : kept->samples()) {
    if (each.name == "lymer_results_stored_total" && each.labels.at("kind") == "match") {
      stored = each.value;
    }
    if (each.name == "lymer_result_followers") followers = each.value;
  }
  EXPECT_EQ(stored, 2);
  EXPECT_EQ(followers, 0);
}

TEST_F(KeptResultsTest, TellsWhyItCannotBeOpened) {
  EXPECT_FALSE(KeptResults::open(files_.path("none/there"), settings_, clock_));
}

}  // namespace
}  // namespace lymer::server
