// Tests of fields and keys by name.
// Not here: keys of rules that must fit each other (rule_inputs_test.cc), keys of joins
// (join_binder_test.cc).
#include "rules/key_binder.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Loaded keyed(const std::string& by) {
  return Loaded(sample_stream() + "stream w = from s by " + by +
                " window tumbling 1m select { n: count() }\nrule r { on w begin a where n > 1 }");
}

TEST(Keys, AreSlotsOfTheirFields) {
  const Loaded one = keyed("ip");
  ASSERT_TRUE(one.rules) << one.codes();
  EXPECT_THAT(std::get<WindowedPlan>(one.rules->streams[1].origin).input.key, ElementsAre(1U));
  const Loaded two = keyed("(country, user)");
  ASSERT_TRUE(two.rules) << two.codes();
  EXPECT_THAT(std::get<WindowedPlan>(two.rules->streams[1].origin).input.key, ElementsAre(5U, 0U));
}

TEST(Keys, NeedFieldsThatExist) {
  const Loaded bad = keyed("usr");
  EXPECT_THAT(bad.marks(), ElementsAre("R0207 `usr`"));
  EXPECT_THAT(bad.advice(), HasSubstr("did you mean `user`? | fields of s: user, ip"));
  EXPECT_THAT(keyed("(usr, contry)").marks(), ElementsAre("R0207 `usr`", "R0207 `contry`"));
}

TEST(Keys, AreSingleValues) {
  const Loaded bad = keyed("args");
  EXPECT_THAT(bad.marks(), ElementsAre("R0218 `args`"));
  EXPECT_THAT(bad.advice(), HasSubstr("`args` is of type [string], a key must be a single value"));
  for (const std::string good : {"user", "ip", "ok", "amount", "score", "country", "at"}) {
    EXPECT_EQ(keyed(good).codes(), "") << good;
  }
}

TEST(Keys, HaveEachFieldOnce) {
  EXPECT_THAT(keyed("(user, ip, user)").marks(), ElementsAre("R0205 `user`"));
}

TEST(Keys, DoNotBlameFieldsOfUnknownType) {
  const std::string stream =
      "stream s { from file \"x\" format json field user: strng field ip: ip time ingestion }\n";
  EXPECT_EQ(Loaded(stream + "stream w = from s by user window tumbling 1m "
                            "select { u: key.user, n: count() }\n"
                            "rule r { on w by u begin a where n > 1 }")
                .codes(),
            "R0204");
}

}  // namespace
}  // namespace lymer::rules
