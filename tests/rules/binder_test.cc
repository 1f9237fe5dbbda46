// Tests of whole files: names of declarations, lists, what is unused, and what users really write
// wrong, each of which must be one message.
// Not here: what each declaration means (stream_binder_test.cc, rule_binder_test.cc).
#include "rules/binder.h"

#include <array>
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

TEST(Binder, TakesDeclarationsInAnyOrder) {
  const Loaded loaded(
      "rule r { on s by user begin a where failed() and ip in bad }\n"
      "macro failed() = not ok\nlist bad: ip = [10.0.0.0/8]\n" +
      sample_stream());
  ASSERT_TRUE(loaded.rules) << loaded.codes();
  EXPECT_EQ(loaded.codes(), "");
  EXPECT_EQ(loaded.rules->rules.size(), 1U);
  EXPECT_EQ(loaded.rules->streams.size(), 1U);
}

TEST(Binder, TakesAnEmptyFile) {
  for (const std::string text : {"", "\n", "// only words\n", "/* more */", "\xEF\xBB\xBF"}) {
    const Loaded loaded(text);
    EXPECT_TRUE(loaded.rules);
    EXPECT_EQ(loaded.codes(), "");
  }
}

TEST(Binder, GivesNoRulesAfterAnError) {
  const Loaded loaded(with_where("amonut > 1") + "rule q { on s by user begin a where ok }");
  EXPECT_FALSE(loaded.rules);
}

TEST(Binder, KeepsNamesOfAKindApart) {
  EXPECT_THAT(Loaded(sample_stream() + sample_stream()).marks(), ElementsAre("R0205 `s`"));
  EXPECT_THAT(Loaded(with_where("ok") + "rule r { on s by user begin a where ok }").marks(),
              ElementsAre("R0205 `r`"));
  EXPECT_THAT(Loaded("list x: int = [1]\nmacro x() = 1\nmacro x() = 2").marks(),
              ElementsAre("R0205 `x`", "R0205 `x`"));
  EXPECT_EQ(Loaded(sample_stream() + "list s: int = [1] rule s { on s by user begin s where amount "
                                     "in s within 1m }")
                .codes(),
            "");
}

TEST(Binder, KeepsParametersOfAMacroApart) {
  EXPECT_THAT(Loaded("macro f(x, y, x) = x").marks(), ElementsAre("R0205 `x`"));
}

TEST(Binder, DoesNotBlameWhoUsesWhatHasNoReadableName) {
  EXPECT_EQ(Loaded("stream 5s { from file \"x\" format json field k: int time ingestion }\n"
                   "rule r { on s by k begin a where k > 1 }")
                .diagnostics.error_count(),
            1U);
  EXPECT_EQ(Loaded(sample_stream() + "macro (x) = x > 1\n"
                                     "rule r { on s by user begin a where big(amount) }")
                .codes(),
            "R0106");
}

// ---- Lists

TEST(Lists, HoldConstantsOfTheirType) {
  const auto codes = [](std::string_view list) { return Loaded(text("list x: {}", list)).codes(); };
  EXPECT_EQ(codes("int = [1, 2, null]"), "W0401");
  EXPECT_EQ(codes("float = [1, 2.5]"), "W0401");
  EXPECT_EQ(codes("float = [1, 2]"), "W0401");
  EXPECT_EQ(codes("ip = [10.0.0.1, 10.0.0.0/8, ip\"::1\"]"), "W0401");
  EXPECT_EQ(codes("string = []"), "W0401");
  EXPECT_EQ(codes("duration = [5m]"), "W0401");
  EXPECT_EQ(codes("int = [2.5]"), "R0226");
  EXPECT_EQ(codes("string = [1]"), "R0226");
  EXPECT_EQ(codes("int = [\"x\", 1]"), "R0226");
  EXPECT_EQ(codes("sting = [\"x\"]"), "R0204");
  EXPECT_EQ(codes("int = [1 / 0]"), "R0233");
}

TEST(Lists, AreOfTheTypeOfTheirElements) {
  const Loaded loaded("list x: [string] = [\"a\"]");
  EXPECT_THAT(loaded.marks(), ElementsAre("R0226 `[string]`"));
  EXPECT_THAT(loaded.advice(), HasSubstr("write `string`"));
}

TEST(Lists, CannotHoldOtherLists) {
  const auto marks = [](std::string_view lists) {
    return Loaded(sample_stream() + std::string(lists) +
                  " rule r { on s by user begin q where user in a and user in b }")
        .marks();
  };
  EXPECT_THAT(marks("list a: string = [\"x\"] list b: string = [a]"), ElementsAre("R0226 `a`"));
  EXPECT_THAT(marks("list a: string = [b] list b: string = [\"x\"]"), ElementsAre("R0226 `b`"));
  EXPECT_THAT(marks("list a: string = [a] list b: string = [\"x\"]"), ElementsAre("R0226 `a`"));
  EXPECT_THAT(marks("list a: string = [m()] macro m() = string(1 in b) list b: string = [\"x\"]"),
              ElementsAre("R0226 `b`"));
}

TEST(Lists, OfNamesWithoutQuotesGetAHint) {
  const Loaded loaded("list admins: string = [root, null]");
  EXPECT_THAT(loaded.marks(), ElementsAre("R0206 `root`"));
  EXPECT_THAT(loaded.advice(), HasSubstr("write \"root\" if a string is meant"));
}

TEST(Lists, WithAnErrorSilenceTheirUsers) {
  EXPECT_EQ(Loaded(sample_stream() + "list x: int = [\"a\"]\n"
                                     "rule r { on s by user begin a where amount in x }")
                .codes(),
            "R0226");
  EXPECT_EQ(Loaded("list x: ip = [1").diagnostics.error_count(), 1U);
}

// ---- What is unused

TEST(Unused, IsWarnedOf) {
  EXPECT_THAT(Loaded("list x: int = [1]\nmacro f() = nothing\n" + sample_stream()).marks(),
              ElementsAre("W0401 `x`", "W0402 `f`", "W0405 `s`"));
}

TEST(Unused, IsNoNewsBesideErrors) {
  EXPECT_EQ(Loaded("list x: int = [1]\n" + with_where("amonut > 1")).codes(), "R0207");
}

TEST(Unused, CountsUseInMacrosAndComputedFields) {
  EXPECT_EQ(Loaded("list x: int = [1]\nmacro f(n) = n in x\n" + with_where("f(amount)")).codes(),
            "");
}

// ---- What people write: one mistake, one message, at its place

TEST(Mistakes, AreOneMessageEach) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"begin a where amonut > 5", "R0207 `amonut`"},
      {"begin a where user = \"root\"", "R0109 `=`"},
      {"begin a where user <> \"root\"", "R0115 `<>`"},
      {"begin a where ok && ok", "R0115 `&&`"},
      {"begin a where amount between 5", "R0115 `between`"},
      {"begin a where (ok ? 1 : 2) == 1", "R0101 `?`"},
      {"begin a where user + \"x\" == \"ax\"", "R0208 `+`"},
      {"begin a where user matches \"\\d+\"", "R0004 `\\d`"},
      {"begin a where ok times 3 emit { n: count(*) }", "R0105 `*`"},
      {"begin a where at > now()", "R0203 `now`"},
      {"begin a where user == “root”", "R0002 `“`"},
      {"begin fälle where ok", "R0002 `ä`"},
      {"begin a where ok emmit { x: 1 }", "R0110 `emmit`"},
      {"begin a where ok within 5min", "R0006 `5min`"},
      {"begin a where ok within 5 minutes", "R0101 `5`"},
      {"begin a where ok times five", "R0114 `five`"},
      {"begin `a where ok", "R0009 ``a where ok within 1m }`"},
      {"begin a where amount in [1, 2", "R0103 `[`"},
  };
  for (const auto& [clauses, mark] : mistakes) {
    EXPECT_THAT(Loaded(with_rule(clauses)).marks(), ElementsAre(mark)) << clauses;
  }
}

TEST(Mistakes, AreFoundInLargeFiles) {
  std::string many = sample_stream();
  for (int each = 0; each < 1000; ++each) {
    many += text("rule r{} {{ on s by usr begin a where amonut > 5 within 1m }}\n", each);
  }
  const Loaded loaded(many);
  EXPECT_EQ(loaded.diagnostics.error_count(), 2000U);
  EXPECT_THAT(to_text(loaded.diagnostics, loaded.file),
              HasSubstr("2000 errors, 0 warnings; 1800 of them not shown"));
}

TEST(Mistakes, OnAVeryLongLineAreShownInPart) {
  std::string list;
  for (int each = 0; each < 50'000; ++each) list += text("\"{:08}\",", each);
  const Loaded loaded(with_where("user in [" + list + "] and amonut > 5"));
  EXPECT_THAT(loaded.marks(), ElementsAre("R0207 `amonut`"));
  EXPECT_LT(to_text(loaded.diagnostics, loaded.file).size(), 1000U);
}

// ---- Derived streams

TEST(DerivedStreams, StandInAnyOrder) {
  const Loaded loaded(
      "rule q { on d by user begin a where n > 2 }\nstream d = from m where n > 1\n"
      "stream m = matches of r\n"
      "rule r { on s by user begin a where ok times 2 within 1m emit { user: key.user, n: count(a) "
      "} "
      "}\n" +
      sample_stream());
  ASSERT_TRUE(loaded.rules) << to_text(loaded.diagnostics, loaded.file);
  EXPECT_EQ(loaded.codes(), "");
  EXPECT_EQ(loaded.rules->streams.size(), 3U);
  EXPECT_EQ(loaded.rules->rules.at(0).name, "r");
  EXPECT_EQ(loaded.rules->rules.at(1).name, "q");
}

TEST(DerivedStreams, ShareTheirNamesWithOtherStreams) {
  EXPECT_THAT(Loaded(sample_stream() + "stream s = from s").marks(), ElementsAre("R0205 `s`"));
  EXPECT_THAT(Loaded(sample_stream() + "stream d = from s stream d = from s where ok").marks(),
              ElementsAre("R0205 `d`"));
}

TEST(DerivedStreams, WithoutAReadableNameSilenceTheirReaders) {
  EXPECT_EQ(Loaded(sample_stream() + "stream 5d = from s where ok\n"
                                     "rule r { on d by user begin a where ok }\n"
                                     "stream e = d union f\n")
                .diagnostics.error_count(),
            1U);
}

TEST(DerivedStreams, AreNotMoreThanTenThousandOfAFile) {
  std::string most = sample_stream() + "rule r { on d2 by user begin a where ok }\n";
  for (int each = 2; each <= 10'000; ++each) most += text("stream d{} = from s\n", each);
  EXPECT_EQ(Loaded(most).diagnostics.error_count(), 0U);
  // Those beyond are left out, and nobody is blamed for naming them.
  EXPECT_THAT(Loaded(most + "stream one = from s\nstream two = from one\n"
                            "rule q { on two by user begin a where ok }")
                  .marks(),
              ElementsAre("R0116 `one`"));
}

}  // namespace
}  // namespace lymer::rules
