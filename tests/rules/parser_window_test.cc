// Tests of every kind of window and of its options.
// Not here: the clauses around a window (parser_query_test.cc).
#include "rules/parser_window.h"

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "runtime/base/time.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

std::string in_window(const std::string& window) { return in_query("from a window " + window); }

WindowDecl window_of(const std::string& window) {
  const Parsed parsed(in_window(window));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return *std::get<FromQuery>(parsed.at<DerivedDecl>(0).query).window;
}

TEST(WindowParser, ReadsEveryKind) {
  EXPECT_EQ(window_of("tumbling 1m").size->value, Duration::minutes(1));
  EXPECT_EQ(window_of("tumbling 1m offset 5s").offset->value, Duration::seconds(5));
  const WindowDecl sliding = window_of("sliding 10m every 1m offset 5s");
  EXPECT_EQ(sliding.word, WindowWord::kSliding);
  EXPECT_EQ(sliding.every->value, Duration::minutes(1));
  EXPECT_EQ(sliding.offset->value, Duration::seconds(5));
  const WindowDecl session = window_of("session gap 30s");
  EXPECT_EQ(session.word, WindowWord::kSession);
  EXPECT_EQ(session.size->value, Duration::seconds(30));
  const WindowDecl count = window_of("count 100 every 10");
  EXPECT_EQ(count.word, WindowWord::kCount);
  EXPECT_EQ(count.count->value, 100);
  EXPECT_EQ(count.count_every->value, 10);
  EXPECT_FALSE(window_of("count 100").count_every);
  EXPECT_EQ(window_of("global").word, WindowWord::kGlobal);
  EXPECT_EQ(window_of("global every 7").count_every->value, 7);
}

TEST(WindowParser, ReadsOptionsInAnyOrder) {
  for (const char* each :
       {"tumbling 1m", "sliding 1m every 1s", "session gap 1m", "count 5", "global"}) {
    EXPECT_EQ(window_of(std::string(each) + " lateness 5s").lateness->value, Duration::seconds(5))
        << each;
  }
  const WindowDecl window = window_of("sliding 10m lateness 1s offset 2s every 3s");
  EXPECT_EQ(window.lateness->value, Duration::seconds(1));
  EXPECT_EQ(window.offset->value, Duration::seconds(2));
  EXPECT_EQ(window.every->value, Duration::seconds(3));
}

TEST(WindowParser, RefusesWrongWindows) {
  EXPECT_EQ(codes_of(in_window("10m")), "R0101");
  EXPECT_NE(advice_of(in_window("slidng 10m every 1m")).find("did you mean `sliding`?"),
            std::string::npos);
  EXPECT_EQ(codes_of(in_window("tumbling")), "R0102");
  EXPECT_EQ(codes_of(in_window("tumbling 10")), "R0101");
  EXPECT_EQ(codes_of(in_window("tumbling lateness 5s")), "R0101");
  EXPECT_EQ(codes_of(in_window("sliding 10m")), "R0101");
  EXPECT_EQ(codes_of(in_window("session 30s")), "R0101");
  EXPECT_NE(advice_of(in_window("session 30s")).find("write `gap`"), std::string::npos);
  EXPECT_EQ(codes_of(in_window("count 10s")), "R0101");
  EXPECT_EQ(codes_of(in_window("count 5 every 1s")), "R0101");
}

TEST(WindowParser, RefusesOptionsOfOtherWindows) {
  EXPECT_EQ(marks_of(in_window("session gap 30s offset 5s lateness 1s")),
            (std::vector<std::string>{"R0101 `offset`"}));
  EXPECT_EQ(marks_of(in_window("tumbling 1m every 5s")),
            (std::vector<std::string>{"R0101 `every`"}));
  EXPECT_EQ(codes_of(in_window("count 5 offset")), "R0101");
}

TEST(WindowParser, RefusesAnOptionGivenTwice) {
  EXPECT_EQ(codes_of(in_window("tumbling 1m lateness 1s lateness 2s")), "R0108");
  EXPECT_EQ(codes_of(in_window("global every 1 every 2")), "R0108");
}

TEST(WindowParser, AsksWhatOptionWasMeant) {
  EXPECT_EQ(codes_of(in_window("tumbling 1m latenes 5s by x")), "R0110");
  EXPECT_NE(advice_of(in_window("tumbling 1m latenes 5s")).find("did you mean `lateness`?"),
            std::string::npos);
}

}  // namespace
}  // namespace lymer::rules
