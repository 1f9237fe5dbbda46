// The commands of who writes rules, as a shell calls them.
// Not here: what they do (a test beside each).
#include "server/cli/author_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

TEST(AuthorCommands, FmtTakesItsFlags) {
  support::TempFiles files;
  const std::string path = files.write("r.cep", "list l:int=[1]\n");
  EXPECT_EQ(lymer({"fmt", path, "--check"}).status, kFindings);
  EXPECT_EQ(lymer({"fmt", "--stdout", path}).out, "list l: int = [1]\n");
  EXPECT_EQ(lymer({"fmt"}).status, kUsage);
  EXPECT_THAT(lymer({"fmt", "--help"}).out, HasSubstr("lymer fmt --check"));
}

TEST(AuthorCommands, TestTakesItsFlags) {
  support::TempFiles files;
  const std::string path = files.write(
      "r.cep",
      "stream s {\n  from file \"x\"\n  format json\n  field n: int\n  time ingestion\n}\n"
      "rule r {\n  on s\n  begin a where n > 1\n  within 1s\n}\n"
      "test \"one\" { at 0s s { n: 2 } expect match at 0s expect nothing else }\n");
  const Said said = lymer({"test", path, "--junit", files.path("j.xml"), "--coverage-min", "100"});
  EXPECT_EQ(said.status, kGood) << said.out << said.err;
  EXPECT_THAT(files.read("j.xml"), HasSubstr("<testcase"));
  EXPECT_THAT(lymer({"test", path, "--filter", "zz"}).out, HasSubstr("0 tests"));
  EXPECT_THAT(lymer({"test", "--help"}).out, HasSubstr("expect nothing else"));
}

TEST(AuthorCommands, BacktestTakesItsFlags) {
  support::TempFiles files;
  const std::string path = files.write(
      "r.cep",
      "stream s {\n  from topic \"x\"\n  format json\n  field n: int\n  time n unit s\n}\n"
      "rule r {\n  on s\n  begin a where n > 1\n  within 1s\n}\n");
  const std::string input = "s=" + files.write("e.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  const Said said =
      lymer({"backtest", path, "--input", input, "--rule", "r", "--from", "1970-01-01T00:00:03Z",
             "--to", "1970-01-01T00:00:04Z", "--against", path, "--samples", "0", "--json"});
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("\"matches\":1"));
  EXPECT_THAT(said.out, HasSubstr("\"in_both\":1"));
  EXPECT_THAT(lymer({"backtest", "--help"}).out, HasSubstr("--against"));
}

TEST(AuthorCommands, WhyTakesItsFlags) {
  support::TempFiles files;
  const std::string path = files.write(
      "r.cep",
      "stream s {\n  from topic \"x\"\n  format json\n  field n: int\n  time n unit s\n}\n"
      "rule r {\n  on s by n\n  begin a where n > 1\n  within 1s\n}\n");
  const std::string events = files.write("e.ndjson", "{\"n\":1}\n{\"n\":2}\n");
  const Said said = lymer({"why", path, "r", events, "--key", "2", "--json"});
  EXPECT_EQ(said.status, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("\"matches\":1"));
  EXPECT_EQ(lymer({"why", path, "r", "--key", "2", "--input", "s=" + events}).status, kGood);
  EXPECT_EQ(lymer({"why", path, "r", events}).status, kUsage);
  EXPECT_THAT(lymer({"why", "--help"}).out, HasSubstr("--key ann,eu"));
}

}  // namespace
}  // namespace lymer::server
