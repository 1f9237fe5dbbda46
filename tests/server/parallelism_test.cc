// A job gives the same results at any parallelism, down to the ids of its matches; what comes too
// late is told, and nothing is lost.
// Not here: threads and channels (tests/runtime/exec/).
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "tests/server/engine_run.h"

namespace lymer::server {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::int64_t kStart = 1'767'225'600'000;
constexpr std::int64_t kStep = 40;  // Between two events of a stream, in milliseconds.

// Windows, a join, a union, and rules behind them.
constexpr const char* kRules = R"(
stream low = from e where n < 50
stream busy = from e by k window tumbling 5s select { k: key.k, c: count(), s: sum(n) }
stream slides = from e window sliding 6s every 2s select { c: count(), l: last(n) }
stream calm = from f by k window session gap 300ms select { k: key.k, c: count(), a: window.start }
stream near = join e, f on e.k == f.k interval -200ms .. 400ms where e.n > 20
  select { k: e.k, n: e.n, t: f.t }
stream pairs = join e, f on e.k == f.k window tumbling 1s full select { k: e.k, n: e.n, t: f.t }
stream both = low union f

rule ab {
  on f by k
  begin a where t == "a"
  followedBy b where t == "b"
  within 2s
  skip past last
  emit { k: key.k, n: count(a) }
  on timeout emit { k: key.k }
}
stream seen = matches of ab
stream lost = timeouts of ab
rule chained {
  on seen by k
  begin x
  followedBy y
  next z
  within 10s
  skip past last
  emit { at: key.k, n: x.n + y.n + z.n }
}
rule mixed {
  on both by k
  begin x: low where n < 25
  next y: f where t == "b"
  within 5s
  emit { n: x.n, t: y.t }
}
rule busier {
  on busy by k
  begin x
  next y where c > x.c and s > x.s
  within 1m
}
rule joined {
  on near by k
  begin x where t == "a"
  next y where t == "c" and n > x.n
  within 1s
  emit { from: x.n, to: y.n }
}
rule after_loss {
  on lost by k
  begin x
  followedBy y
  within 5s
  skip past last
}
)";

class Parallelism : public EngineRun {
 protected:
  // So many events of some users, each up to `disorder` behind the one before it at most.
  std::string events(std::uint64_t seed, int count, std::int64_t disorder, bool has_numbers) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t limit) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    };
    std::string lines;
    for (int i = 0; i < count; ++i) {
      const std::int64_t time = kStart + kStep * i - below(disorder);
      const std::int64_t user = below(7);
      const std::string value =
          has_numbers ? text("\"n\":{}", below(100)) : text("\"t\":\"{}\"", "abc"[below(3)]);
      lines += text("{{\"k\":\"u{}\",{},\"at\":\"{}\"}}\n", user, value,
                    to_rfc3339(EventTime::from_millis(time)));
    }
    return lines;
  }

  // The results in order.
  std::vector<std::string> results(const std::string& rule_text, std::size_t parallelism) {
    options_.parallelism = parallelism;
    counters_ = run(rule_text);
    std::vector<std::string> lines = files_.lines("results");
    std::ranges::sort(lines);
    return lines;
  }
  std::vector<std::string> timeouts() {
    std::vector<std::string> lines = files_.lines("timeouts");
    std::ranges::sort(lines);
    return lines;
  }

  RunCounters counters_;
};

TEST_F(Parallelism, ChangesNothingInTheResults) {
  options_.shown_streams = {"busy", "slides", "calm", "near", "pairs", "both", "lost"};
  const std::string rules = numbers("e", events(1, 2000, 5000, true)) +
                            stream("f", events(2, 2000, 5000, false)) + kRules;
  const std::vector<std::string> expected = results(rules, 1);
  const std::vector<std::string> expected_timeouts = timeouts();
  const RunCounters counters = counters_;
  EXPECT_EQ(counters.events, 4000U);
  EXPECT_EQ(counters.late, 0U);
  for (const std::string rule : {"ab", "chained", "mixed", "busier", "joined", "after_loss"}) {
    EXPECT_THAT(expected, Contains(HasSubstr(R"("rule":")" + rule + '"')));
  }
  for (const std::string& stream : options_.shown_streams) {
    EXPECT_THAT(expected, Contains(HasSubstr(R"("stream":")" + stream + '"')));
  }
  for (const std::size_t parallelism : {2U, 3U, 8U}) {
    EXPECT_EQ(results(rules, parallelism), expected) << parallelism;
    EXPECT_EQ(timeouts(), expected_timeouts) << parallelism;
    EXPECT_EQ(counters_.events, counters.events) << parallelism;
    EXPECT_EQ(counters_.matches, counters.matches) << parallelism;
    EXPECT_EQ(counters_.timeouts, counters.timeouts) << parallelism;
    EXPECT_EQ(counters_.late, 0U) << parallelism;
  }
}

TEST_F(Parallelism, LosesNoEventBeyondTheBound) {
  constexpr int kEvents = 3000;
  const std::string rules = numbers("e", events(3, kEvents, 9000, true)) +
                            "rule each {\n  on e by k\n  begin x where n >= 0\n}\n"
                            "rule of_n {\n  on e by n\n  begin x where n < 50\n}\n";
  for (const std::size_t parallelism : {1U, 2U, 3U, 8U}) {
    const std::vector<std::string> lines = results(rules, parallelism);
    const auto accepted = static_cast<std::size_t>(std::ranges::count_if(
        lines, [](const std::string& line) { return line.find(R"("rule":"each")") != line.npos; }));
    EXPECT_GT(counters_.late, 0U) << parallelism;
    EXPECT_EQ(accepted + counters_.late, static_cast<std::size_t>(kEvents)) << parallelism;
    EXPECT_THAT(files_.lines("late"), SizeIs(counters_.late)) << parallelism;
  }
}

}  // namespace
}  // namespace lymer::server
