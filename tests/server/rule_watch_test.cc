// What a server says and does about its rule files.
// Not here: what is found (tests/server/rule_book_test.cc), a server (tests/server/rules_test.py).
#include "server/rule_watch.h"

#include <atomic>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RuleWatchTest : public ::testing::Test {
 protected:
  RuleWatchTest() {
    write(rule_text("one", "e"));
    EXPECT_TRUE(book_.open());
  }
  void write(const std::string& rules) {
    files_.write("rules.cep", stream_text("e", "events") + rules);
  }
  void look() {
    watch_.look();
    watch_.look();
  }
  double sample(const std::string& label) const {
    for (const runtime::MetricSample& each : watch_.samples()) {
      const bool is_it = label.empty()
                             ? each.labels.empty()
                             : each.labels.contains("result") && each.labels.at("result") == label;
      if (is_it) return each.value;
    }
    return -1;
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  RuleBook book_{system_, {files_.path("rules.cep")}, ""};
  std::vector<std::string> told_;
  std::vector<RuleSetChange> asked_;
  Result<RuleSetReport> answer_ = RuleSetReport{.version = 2, .is_everywhere = true};
  RuleWatch watch_{book_,
                   [this](RuleSetChange change) {
                     asked_.push_back(std::move(change));
                     return answer_;
                   },
                   [this](const std::string& words) { told_.push_back(words); }};
};

TEST_F(RuleWatchTest, LetsTheJobChange) {
  look();
  EXPECT_THAT(asked_, IsEmpty());
  write(rule_text("two", "e"));
  answer_ = RuleSetReport{
      .version = 2,
      .is_everywhere = true,
      .rules = {{"one", cep::RuleFate::kRemoved, 3}, {"two", cep::RuleFate::kAdded, 0}}};
  look();
  look();
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0].changed, ElementsAre("two"));
  EXPECT_THAT(asked_[0].removed, ElementsAre("one"));
  EXPECT_THAT(told_, ElementsAre("rules: `one` is gone, with the partial matches of 3 keys; `two` "
                                 "is new"));
  EXPECT_EQ(book_.current()->texts[0].name, "two");
  EXPECT_EQ(sample("success"), 1);
  EXPECT_EQ(sample("failure"), 0);
  EXPECT_EQ(sample(""), 1);
}

TEST_F(RuleWatchTest, TellsOfABrokenFileOnce) {
  write("rule {");
  look();
  look();
  EXPECT_THAT(told_, ElementsAre(HasSubstr("cannot be taken")));
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_EQ(sample("failure"), 1);
}

TEST_F(RuleWatchTest, TellsOfAFileThatIsMissing) {
  std::filesystem::remove(files_.path("rules.cep"));
  look();
  look();
  EXPECT_THAT(told_, ElementsAre(HasSubstr("rules.cep")));
}

TEST_F(RuleWatchTest, LeavesTheRulesWhereTheJobCannotChange) {
  files_.write("rules.cep", stream_text("e", "others") + rule_text("one", "e"));
  look();
  EXPECT_THAT(told_, ElementsAre(HasSubstr("until the next start: streams, lists or macros")));
  write(rule_text("two", "e"));
  answer_ = Error{ErrorCode::kUnsupported, "no operator"};
  look();
  ASSERT_THAT(told_, SizeIs(2));
  EXPECT_THAT(told_[1], HasSubstr("no operator"));
  EXPECT_EQ(book_.current()->texts[0].name, "one");
}

TEST_F(RuleWatchTest, TakesOtherWordsForTheSame) {
  write("// Words.\n" + rule_text("one", "e"));
  look();
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(book_.current()->texts[0].line, 11U);
}

TEST_F(RuleWatchTest, LooksByItself) {
  std::atomic<int> changes = 0;
  RuleWatch watch(
      book_,
      [&](RuleSetChange) {
        ++changes;
        changes.notify_all();
        return answer_;
      },
      [](const std::string&) {});
  watch.start(Duration::millis(1));
  write(rule_text("two", "e"));
  changes.wait(0);
  watch.stop();
  EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace lymer::server
