// A result store in a directory of its own, on a disk that fails where a test says so.
// Not here: what it is asked (tests/server/results/result_store_test.cc).
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/results/result_store.h"
#include "tests/server/storage/faulty_environment.h"
#include "tests/support/temp_files.h"

namespace lymer::results {

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() { open(); }

  void open() {
    store_ = nullptr;
    options_.directory = temp_.path("results");
    options_.environment = environment_.get();
    store_ = ResultStore::open(options_, clock_).value();
  }
  static EventTime at(std::int64_t millis) { return EventTime::from_millis(millis); }
  static StoredResult match(const std::string& id, std::int64_t time) {
    return {.kind = ResultKind::kMatch,
            .id = id,
            .rule = "r",
            .key = "k",
            .time = at(time),
            .severity = "high",
            .tags = {"t"},
            .body = "{\"id\":\"" + id + "\"}"};
  }
  // Commits an epoch.
  void add(const std::vector<StoredResult>& some) {
    ++epoch_;
    ASSERT_TRUE(store_->put_uncommitted("s", 1, epoch_, 0, some));
    const auto committed = store_->commit("s", 1, epoch_, 1);
    ASSERT_TRUE(committed) << committed.error().to_string();
  }
  ResultPage page(const PageRequest& request) const {
    auto page = store_->page(request);
    EXPECT_TRUE(page) << page.error().to_string();
    return *std::move(page);
  }
  static std::vector<std::string> ids(const std::vector<StoredResult>& results) {
    std::vector<std::string> ids;
    for (const StoredResult& each : results) ids.push_back(each.id);
    return ids;
  }
  static std::vector<std::string> ids(const ResultPage& page) { return ids(page.items); }

  const support::TempFiles temp_;
  ManualClock clock_{EventTime::from_millis(1'000'000)};
  storage::DiskFaults faults_;
  const std::unique_ptr<rocksdb::Env> environment_ = storage::faulty_environment(faults_);
  ResultStoreOptions options_;
  std::unique_ptr<ResultStore> store_;
  std::uint64_t epoch_ = 0;
};

}  // namespace lymer::results
