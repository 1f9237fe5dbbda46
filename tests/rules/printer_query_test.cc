// Tests of the canonical text of derived streams.
// Not here: the law parse(print(tree)) == tree over random trees (printer_test.cc).
#include "rules/printer_query.h"

#include <string>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/printer.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

// Prints what was parsed, and checks that the text stands for the same tree.
std::string reprinted(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  std::string printed = print(parsed.ast);
  EXPECT_EQ(shape(Parsed(printed).ast), shape(parsed.ast)) << printed;
  return printed;
}

TEST(PrinterQuery, WritesAClauseALine) {
  EXPECT_EQ(reprinted("stream busy=from logins select{ip:key.ip,n:count(),at:window.end}by ip "
                      "window sliding 600s lateness 5s every 1m where(not ok)"),
            "stream busy = from logins\n"
            "  where not ok\n"
            "  by ip\n"
            "  window sliding 10m every 1m lateness 5s\n"
            "  select { ip: key.ip, n: count(), at: window.end }\n");
  EXPECT_EQ(reprinted("stream x = from a select{} by(b,c)"),
            "stream x = from a\n  by (b, c)\n  select {}\n");
}

TEST(PrinterQuery, WritesWindows) {
  for (const std::string each :
       {"tumbling 1m offset 5s", "sliding 10m every 1m offset 5s lateness 2s",
        "session gap 30s lateness 1s", "count 100 every 10", "count 5",
        "global every 3 lateness 1s", "global"}) {
    const std::string text = "stream x = from a\n  window " + each + "\n";
    EXPECT_EQ(reprinted(text), text);
  }
}

TEST(PrinterQuery, WritesJoins) {
  EXPECT_EQ(reprinted("stream pays = join orders o, payments p select{n:o.n}where o.n>p.n "
                      "interval -5m..10m on o.id==p.order_id"),
            "stream pays = join orders o, payments p\n"
            "  on o.id == p.order_id\n"
            "  interval -5m .. 10m\n"
            "  where o.n > p.n\n"
            "  select { n: o.n }\n");
  EXPECT_EQ(reprinted("stream pair = join a,b window tumbling 10s left on x"),
            "stream pair = join a, b\n  on x\n  window tumbling 10s left\n");
  for (const std::string each : {"-5m <.. 10m", "0s ..< 10m", "-1h <..< -5m"}) {
    const std::string text = "stream x = join a, b\n  interval " + each + "\n";
    EXPECT_EQ(reprinted(text), text);
  }
}

TEST(PrinterQuery, WritesUnionsAndResults) {
  const std::string text =
      "stream a = b union c union d\n\nstream e = matches of r\n\nstream f = timeouts of r\n\n"
      "stream g = late of a\n";
  EXPECT_EQ(reprinted(text), text);
}

TEST(PrinterQuery, QuotesTheWordsOfQueries) {
  EXPECT_EQ(reprinted("stream window = `from` union `late` union user"),
            "stream window = `from` union `late` union user\n");
  EXPECT_EQ(reprinted("stream x = join a `window`, b `as` on `select`.y"),
            "stream x = join a `window`, b `as`\n  on select.y\n");
}

}  // namespace
}  // namespace lymer::rules
