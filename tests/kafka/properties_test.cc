// What is passed through, what is refused, and that no secret is shown.
// Not here: real brokers.
#include "kafka/properties.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<Properties> parse(std::vector<std::string> given,
                         Guarantee guarantee = Guarantee::kExactlyOnce) {
  return Properties::parse(
      {.brokers = "here:9092", .properties = std::move(given), .guarantee = guarantee});
}

std::string refusal(const std::string& property, Guarantee guarantee = Guarantee::kExactlyOnce) {
  const auto parsed = parse({property}, guarantee);
  return parsed ? "" : parsed.error().to_string();
}

TEST(Properties, AreKeptAsTheyWereGiven) {
  const auto properties = parse({"linger.ms=7", "ssl.cipher.suites=a=b"});
  ASSERT_TRUE(properties);
  EXPECT_EQ(*properties->find("linger.ms"), "7");
  EXPECT_EQ(*properties->find("ssl.cipher.suites"), "a=b");
  EXPECT_EQ(*properties->find("bootstrap.servers"), "here:9092");
  EXPECT_EQ(properties->find("acks"), nullptr);
}

TEST(Properties, HaveDefaultsThatTheUserOverrules) {
  auto properties = parse({"linger.ms=7"});
  ASSERT_TRUE(properties);
  properties->set_default("linger.ms", "1");
  properties->set_default("batch.size", "2");
  properties->set("client.id", "x");
  properties->set("client.id", "y");
  EXPECT_EQ(properties->to_string(),
            "batch.size=2, bootstrap.servers=here:9092, client.id=y, linger.ms=7");
}

TEST(Properties, AreRefusedWhereTheyContradict) {
  for (const char* each :
       {"transactional.id=mine", "enable.auto.commit=true", "enable.auto.offset.store=true",
        "bootstrap.servers=there:1", "enable.idempotence=false", "acks=all", "acks=1",
        "request.required.acks=-1", "isolation.level=read_uncommitted",
        "enable.partition.eof=false"}) {
    const std::string name(each, std::string_view(each).find('='));
    EXPECT_THAT(refusal(each), HasSubstr("`" + name + "`")) << each;
  }
  EXPECT_EQ(refusal("enable.auto.commit=false"), "");
  EXPECT_EQ(refusal("isolation.level=read_committed"), "");
}

TEST(Properties, AreRefusedByWhatTheGuaranteeNeeds) {
  EXPECT_THAT(refusal("enable.idempotence=false", Guarantee::kAtLeastOnce), HasSubstr("idempot"));
  EXPECT_THAT(refusal("acks=1", Guarantee::kAtLeastOnce), HasSubstr("replicas"));
  EXPECT_EQ(refusal("acks=all", Guarantee::kAtLeastOnce), "");
  EXPECT_EQ(refusal("isolation.level=read_uncommitted", Guarantee::kAtLeastOnce), "");
  EXPECT_EQ(refusal("enable.idempotence=false", Guarantee::kNone), "");
  EXPECT_EQ(refusal("acks=0", Guarantee::kNone), "");
}

TEST(Properties, AreRefusedWhereTheyAreNone) {
  const auto forgotten = parse({"hunter2"});
  ASSERT_FALSE(forgotten);
  EXPECT_EQ(forgotten.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(forgotten.error().to_string(), Not(HasSubstr("hunter2")));
  EXPECT_FALSE(parse({"=x"}));
  EXPECT_FALSE(parse({"linger.ms=1", "linger.ms=2"}));
  for (const char* each : {"a=x${env:B}", "a=${env:}", "a=${file:", "a=${b}", "a=${env:B}c"}) {
    EXPECT_THAT(refusal(each), HasSubstr("a reference is all of the value")) << each;
  }
}

TEST(Properties, FindSecretsWhenTheyAreNeeded) {
  support::TempFiles folder;
  PosixFileSystem files;
  const std::string path = folder.path("secret");
  const auto properties = parse({"sasl.password=${file:" + path + "}", "linger.ms=7"});
  ASSERT_TRUE(properties);
  const auto missing = properties->resolve(files);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("`sasl.password`"));
  (void)folder.write("secret", "hunter2\n");
  const auto resolved = properties->resolve(files);
  ASSERT_TRUE(resolved);
  const auto password =
      std::ranges::find(*resolved, std::string("sasl.password"), &ResolvedProperty::name);
  EXPECT_EQ(password->value, "hunter2");
  EXPECT_TRUE(password->is_secret);
  EXPECT_THAT(properties->to_string(), Not(HasSubstr("hunter2")));
  EXPECT_EQ(without_secrets("no hunter2, hunter2", *resolved), "no ***, ***");
}

TEST(Properties, FindSecretsInTheEnvironment) {
  PosixFileSystem files;
  ::setenv("LYMER_TEST_SECRET", "hunter3", 1);
  const auto properties = parse({"sasl.password=${env:LYMER_TEST_SECRET}"});
  ASSERT_TRUE(properties);
  const auto resolved = properties->resolve(files);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(without_secrets("hunter3", *resolved), "***");
  ::unsetenv("LYMER_TEST_SECRET");
  const auto gone = properties->resolve(files);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().to_string(), HasSubstr("`LYMER_TEST_SECRET`"));
}

TEST(Properties, HidePasswordsThatAreWrittenOut) {
  const auto properties = parse({"sasl.password=hunter2", "ssl.key.pem=hunter3"});
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->to_string(),
            "bootstrap.servers=here:9092, sasl.password=***, ssl.key.pem=***");
}

}  // namespace
}  // namespace lymer::kafka
