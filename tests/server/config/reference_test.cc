// References to variables and files.
// Not here: whole configurations (tests/server/config/config_test.cc).
#include "server/config/reference.h"

#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

TEST(Reference, StandsForAVariableOrAFile) {
  const support::TempFiles files;
  PosixFileSystem system;
  const std::string path = files.write("secret", "s3\r\n\n");
  const auto expanded = [&](const std::string& value) {
    return expand_references(value, {{"A", "1${env:B}"}, {"EMPTY", ""}}, system);
  };
  EXPECT_EQ(*expanded("plain $ {x}"), "plain $ {x}");
  EXPECT_EQ(*expanded("<${env:A}|${env:EMPTY}>"), "<1${env:B}|>");
  EXPECT_EQ(*expanded("${file:" + path + "}"), "s3");
  EXPECT_EQ(*expanded("a$${env:A}"), "a${env:A}");
  EXPECT_EQ(expanded("${env:B}").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(expanded("${file:" + path + ".no}").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(expanded("${vault:x}").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(expanded("${env:A").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lymer::server
