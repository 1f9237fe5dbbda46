// `lymer fmt`: files rewritten, checked, shown.
// Not here: the layout (tests/rules/formatter_test.cc).
#include "server/cli/fmt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cli/captured.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLoose = "list  l :int=[ 1 ] // one\n";
constexpr const char* kTidy = "list l: int = [1]  // one\n";

class FmtTest : public ::testing::Test {
 protected:
  Said fmt(FmtOptions options) {
    return captured([&] { return server::fmt(options, system_); });
  }
  support::TempFiles files_;
  PosixFileSystem system_;
};

TEST_F(FmtTest, RewritesWhatIsNotCanonicalAndNamesIt) {
  const std::string loose = files_.write("loose.cep", kLoose);
  const std::string tidy = files_.write("tidy.cep", kTidy);
  const Said said = fmt({.paths = {loose, tidy}});
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.out, loose + "\n");
  EXPECT_EQ(files_.read("loose.cep"), kTidy);
  EXPECT_THAT(fmt({.paths = {loose, tidy}}).out, IsEmpty());
}

TEST_F(FmtTest, ChecksWithoutWriting) {
  const std::string loose = files_.write("loose.cep", kLoose);
  const Said said = fmt({.paths = {loose}, .check = true});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_EQ(said.out, loose + "\n");
  EXPECT_EQ(files_.read("loose.cep"), kLoose);
  EXPECT_EQ(fmt({.paths = {files_.write("tidy.cep", kTidy)}, .check = true}).status, kGood);
}

TEST_F(FmtTest, ShowsTheTextInPlaceOfWritingIt) {
  const Said said = fmt({.paths = {files_.write("loose.cep", kLoose)}, .to_stdout = true});
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.out, kTidy);
  EXPECT_EQ(files_.read("loose.cep"), kLoose);
}

TEST_F(FmtTest, LeavesAFileWithErrorsAloneAndGoesOn) {
  const std::string bad = files_.write("bad.cep", "rule r { on }\n");
  const std::string loose = files_.write("loose.cep", kLoose);
  const Said said = fmt({.paths = {bad, loose}});
  EXPECT_EQ(said.status, kFindings);
  EXPECT_THAT(said.err, HasSubstr("bad.cep:1"));
  EXPECT_EQ(files_.read("bad.cep"), "rule r { on }\n");
  EXPECT_EQ(files_.read("loose.cep"), kTidy);
  EXPECT_EQ(fmt({.paths = {files_.path("gone.cep")}}).status, kInputOutput);
}

}  // namespace
}  // namespace lymer::server
