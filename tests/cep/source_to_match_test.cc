// From lines to matches: source, key_by and patterns in one chain. What is late and what matches
// must not depend on how many records the source reads at a time.
// Not here: files and rule texts (tests/server/engine_test.cc).
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cep/pattern_operator.h"
#include "runtime/base/text.h"
#include "runtime/format/decoder.h"
#include "runtime/operator_chain.h"
#include "runtime/operators/key_by.h"
#include "runtime/record_source.h"
#include "tests/cep/letters.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::Record;
using runtime::SplitPosition;

// {user, letter, at}: the letters' schema with a time behind it.
runtime::SchemaRef timed_schema() {
  return support::schema_of(
      {{"user", support::kText}, {"letter", support::kText}, {"at", support::kInteger}});
}

class LineReader final : public runtime::SplitReader {
 public:
  explicit LineReader(const std::vector<std::string>& lines) : lines_(lines) {}
  Result<runtime::ReadState> read(std::vector<Record>& batch, std::size_t max_records) override {
    batch.clear();
    while (batch.size() < max_records && at_ < lines_.size()) {
      batch.push_back({.bytes = std::string_view(lines_[at_]).substr(0, lines_[at_].find('\n')),
                       .offset = at_ * 100,
                       .number = at_ + 1});
      ++at_;
    }
    return batch.empty() ? runtime::ReadState::kEnd : runtime::ReadState::kRecords;
  }
  SplitPosition position() const override { return {}; }
  Result<void> seek(SplitPosition) override { return {}; }

 private:
  const std::vector<std::string>& lines_;
  std::size_t at_ = 0;
};

class Deaf final : public runtime::SourceObserver {
 public:
  void on_rejected(const runtime::RejectedRecord& record) override { FAIL() << record.detail; }
};

// Matches, timeouts and late events of these lines of csv.
support::PortLines found_in(const std::vector<std::string>& lines, std::size_t batch_records) {
  const Duration window = Duration::millis(40);
  std::vector<PatternRule> rules;
  rules.push_back(
      make_rule({.name = "abc",
                 .spec = {.stages = {begin("a"), loop(then("b")), then("c")}, .window = window},
                 .with_ids = true}));
  rules.push_back(make_rule({.name = "silence",
                             .spec = {.stages = {begin("c"), then("d", Contiguity::kNotFollowedBy)},
                                      .window = window,
                                      .after_match = {.kind = SkipStrategy::Kind::kPastLast}},
                             .with_ids = true}));
  std::vector<runtime::OperatorChain::Member> members;
  members.push_back(
      {"key_by", std::make_unique<runtime::KeyBy>(
                     timed_schema(), std::vector<runtime::KeyExpression>{{kUserSlot}})});
  members.push_back({"pattern", std::make_unique<PatternOperator>(
                                    std::move(rules),
                                    std::vector<runtime::SchemaRef>{timed_schema()}, user_keys())});
  support::RecordingCollector out;  // Without a schema: rows of late events are told by their time.
  support::RecordingCollector shown(found_schema());
  struct ByPort final : public runtime::Collector {
    bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
      return (port == kLatePort ? *late : *found).try_emit(port, element);
    }
    runtime::Collector* late = nullptr;
    runtime::Collector* found = nullptr;
  } by_port;
  by_port.late = &out;
  by_port.found = &shown;
  runtime::OperatorChain chain(std::move(members), by_port);
  runtime::ChainInput input(chain);
  Deaf observer;
  ManualClock clock(support::ms(0));
  auto decoder = runtime::make_csv_decoder(timed_schema(), {.columns = {"user", "letter", "at"}},
                                           {{0, {"user"}}, {1, {"letter"}}, {2, {"at"}}});
  runtime::RecordSource source({.schema = timed_schema(),
                                .schema_id = {},
                                .split = {},
                                .computed = {},
                                .timestamp = runtime::TimeFromUnit{2, support::kInteger, 1000},
                                .out_of_order = Duration::millis(10),
                                .batch_records = batch_records},
                               std::make_unique<LineReader>(lines), std::move(decoder).value(),
                               observer, clock);
  while (source.step(input).value() != runtime::SourceState::kEnded) {
  }
  support::PortLines found = {{kLatePort, out.take_lines(kLatePort)},
                              {kTimeoutPort, shown.take_lines(kTimeoutPort)},
                              {runtime::kMainPort, shown.take_lines()}};
  std::erase_if(found[runtime::kMainPort],
                [](const std::string& line) { return !line.starts_with("@"); });
  return found;
}

TEST(SourceToMatch, FindsTheSameWhateverTheBatches) {
  std::mt19937_64 random(11);
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i < 2000; ++i) {
    const auto behind = static_cast<std::int64_t>(random() % 14);  // Up to 3 beyond the bound.
    lines.push_back(text("{},{},{}\n{:64}", static_cast<char>('u' + random() % 3),
                         static_cast<char>('a' + random() % 5), 1000 + i - behind, ""));
  }
  const support::PortLines singly = found_in(lines, 1);
  EXPECT_GT(singly.at(runtime::kMainPort).size(), 100U);
  EXPECT_GT(singly.at(kTimeoutPort).size(), 100U);
  EXPECT_GT(singly.at(kLatePort).size(), 20U);
  EXPECT_EQ(found_in(lines, 2), singly);
  EXPECT_EQ(found_in(lines, 1000), singly);
}

}  // namespace
}  // namespace lymer::cep
