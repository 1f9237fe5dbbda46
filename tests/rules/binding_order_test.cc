// Tests of the order in which streams and rules are bound, and of what is made of itself.
// Not here: what queries mean (query_binder_test.cc).
#include "rules/binding_order.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The names of the declarations in the order in which they are to be bound.
std::string order_of(const std::string& text) {
  const Parsed parsed(text);
  Diagnostics diagnostics;
  Declarations declarations(parsed.file, diagnostics);
  std::vector<Bindable> all;
  for (const Declaration& each : parsed.ast.declarations) {
    if (const auto* stream = std::get_if<StreamDecl>(&each)) all.emplace_back(stream);
    if (const auto* derived = std::get_if<DerivedDecl>(&each)) all.emplace_back(derived);
    if (const auto* rule = std::get_if<RuleDecl>(&each)) all.emplace_back(rule);
  }
  std::string order;
  for (const Bindable& each : binding_order(all, declarations)) {
    order += (order.empty() ? "" : " ") +
             std::visit([](const auto* decl) { return decl->name.text; }, each);
  }
  return order;
}

Loaded loaded(const std::string& text) { return Loaded(sample_stream() + text); }

TEST(BindingOrder, IsThatOfTheFileWhereItCanBe) {
  EXPECT_EQ(order_of(""), "");
  EXPECT_EQ(order_of("stream a = from s stream s { time ingestion } stream b = from a"), "s a b");
  EXPECT_EQ(order_of("rule r { on a } stream a = b union c stream c = from s stream b = from s "
                     "stream s { time ingestion }"),
            "s b c a r");
}

TEST(BindingOrder, PutsEachBehindWhatItNames) {
  EXPECT_EQ(order_of("stream j = join a x, b y stream b = from s stream a = from s"), "a b j");
  EXPECT_EQ(order_of("stream m = matches of r rule r { on a, b } stream a = from s"), "a r m");
  EXPECT_EQ(order_of("stream m = timeouts of r rule r { on a } stream a = from s"), "a r m");
  EXPECT_EQ(order_of("stream l = late of w stream w = from s"), "w l");
  EXPECT_EQ(order_of("stream l = late of r rule r { on a } stream a = from s"), "a r l");
}

TEST(BindingOrder, KnowsRulesAndStreamsOfOneName) {
  EXPECT_EQ(order_of("stream r = matches of r rule r { on s }"), "r r");
  // What is late is so for the rule where both have the name.
  EXPECT_EQ(order_of("stream r = late of r rule r { on s }"), "r r");
  EXPECT_EQ(loaded("stream r = late of r rule r { on s by user begin a where ok }").codes(),
            "W0405");
}

TEST(BindingOrder, DoesNotMindNamesThatAreUnknown) {
  EXPECT_EQ(order_of("stream a = from nothing rule r { on a, other } stream m = matches of q"),
            "a r m");
}

TEST(Circles, AreReportedOnce) {
  const Loaded self = loaded("stream a = from a");
  EXPECT_THAT(self.marks(), ElementsAre("R0501 `a`"));
  EXPECT_EQ(self.advice(), "stream `a` is made of itself |  | a -> a");
  const Loaded two = loaded("stream a = from b where ok stream b = a union s");
  EXPECT_THAT(two.marks(), ElementsAre("R0501 `a`"));
  EXPECT_THAT(two.advice(), HasSubstr("a -> b -> a"));
  EXPECT_THAT(loaded("stream l = late of l").marks(), ElementsAre("R0501 `l`"));
  EXPECT_THAT(loaded("stream j = join s, j on s.user == j.user interval 0s .. 1s "
                     "select { user: s.user }")
                  .marks(),
              ElementsAre("R0501 `j`"));
}

TEST(Circles, MayGoThroughRules) {
  const Loaded rule = loaded(
      "rule r { on s by user, m by user begin a: s where ok next b: m }\n"
      "stream m = matches of r");
  EXPECT_THAT(rule.marks(), ElementsAre("R0501 `r`"));
  EXPECT_EQ(rule.advice(), "rule `r` is made of itself |  | r -> m -> r");
  const Loaded longer = loaded(
      "stream a = from m where ok\n"
      "stream b = from a by user window tumbling 1m select { user: key.user }\n"
      "rule r { on b by user begin x }\n"
      "stream m = timeouts of r");
  EXPECT_THAT(longer.marks(), ElementsAre("R0501 `a`"));
  EXPECT_THAT(longer.advice(), HasSubstr("a -> m -> r -> b -> a"));
}

TEST(Circles, AreReportedEach) {
  EXPECT_THAT(loaded("stream a = from b stream b = from a stream c = from c").marks(),
              ElementsAre("R0501 `a`", "R0501 `c`"));
}

TEST(Circles, SilenceThoseWhoNameTheirMembers) {
  EXPECT_EQ(loaded("stream a = from a where nothing\n"
                   "stream b = from a where other == 5 select { x: y }\n"
                   "stream c = b union a\n"
                   "stream d = join a, s on a.x == s.user interval 0s .. 1s select { x: a.x }\n"
                   "stream e = late of a\n"
                   "rule r { on b by x begin q where z > 1 }\n"
                   "stream f = matches of r\n"
                   "stream g = late of r\n"
                   "rule t { on a by x begin q }")
                .codes(),
            "R0501");
}

TEST(Circles, LeaveTheRestToBeChecked) {
  EXPECT_THAT(loaded("stream a = from a rule r { on s by usr begin q where ok }").marks(),
              ElementsAre("R0501 `a`", "R0207 `usr`"));
}

// A chain of streams, each behind the one that it reads, or before it.
std::string chain(std::size_t length, bool backwards) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t own = backwards ? length - i : i + 1;
    out += text("stream a{} = from {}\n", own, own == 1 ? "s" : text("a{}", own - 1));
  }
  return out;
}

TEST(Chains, HaveALimit) {
  for (const bool backwards : {false, true}) {
    const Loaded good = loaded(chain(99, backwards));
    EXPECT_EQ(good.codes(), "W0405");
    const Loaded bad = loaded(chain(100, backwards));
    EXPECT_THAT(bad.codes(), "R0112");
    EXPECT_THAT(bad.advice(), HasSubstr("more than 100 streams and rules"));
    EXPECT_EQ(loaded(chain(9'000, backwards)).codes(), "R0112");
  }
  EXPECT_THAT(loaded(chain(100, false)).marks(), ElementsAre("R0112 `a100`"));
}

TEST(Chains, OfAnyNumberSideBySideAreFine) {
  std::string many;
  for (int i = 0; i < 500; ++i) many += text("stream a{} = from s where amount > {}\n", i, i);
  const Loaded good = loaded(many);
  EXPECT_TRUE(good.rules);
  EXPECT_EQ(good.diagnostics.error_count(), 0U);
}

}  // namespace
}  // namespace lymer::rules
