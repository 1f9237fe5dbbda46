// Tests of derived streams: their fields, windows, unions and results of rules, and what is said of
// wrong ones.
// Not here: joins (join_binder_test.cc), what streams give (tests/golden/derived/).
#include "rules/query_binder.h"

#include <array>
#include <string>
#include <string_view>
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

// Behind `stream s`: t with a field of its own and one that s has too, but another type of `score`.
std::string streams() {
  return sample_stream() + R"(stream t {
  from file "t.ndjson"
  format json
  field user: string?
  field size: float
  field parent: string
  field at: time
  time at
}
stream u {
  from file "u.ndjson"
  format json
  field user: string
  field score: int
  time ingestion
}
)";
}

Loaded loaded(std::string_view text) { return Loaded(streams() + std::string(text)); }

// What is said of a file in which some streams may be unused.
std::string errors(std::string_view text) {
  std::string codes;
  for (const Diagnostic& each : loaded(text).diagnostics.sorted()) {
    if (each.code == Code::kUnusedStream) continue;
    codes += (codes.empty() ? "" : " ") + std::string(to_string(each.code));
  }
  return codes;
}

std::vector<std::string> marks(std::string_view text) { return loaded(text).marks(); }

const StreamPlan& last_stream(const Loaded& file) { return file.rules->streams.back(); }

// "user: string, n: int?" of the last stream; hidden ones in brackets.
std::string fields(std::string_view text) {
  const Loaded file = loaded(text);
  if (!file.rules) return file.codes();
  std::string out;
  for (const runtime::Field& each : last_stream(file).schema->fields()) {
    const std::string name = each.hidden ? "[hidden]" : each.name;
    out += lymer::text("{}{}: {}{}", out.empty() ? "" : ", ", name, to_string(each.type),
                       each.nullable ? "?" : "");
  }
  return out;
}

template <typename Plan>
Plan plan_of(std::string_view text) {
  const Loaded file = loaded(text);
  EXPECT_TRUE(file.rules) << to_text(file.diagnostics, file.file);
  return file.rules ? std::get<Plan>(last_stream(file).origin) : Plan{};
}

// ---- from --------------------------------------------------------------------------------------

TEST(From, KeepsTheFieldsOfItsStream) {
  EXPECT_EQ(fields("stream d = from t where size > 1.0"),
            "user: string?, size: float, parent: string, at: time");
  const auto plan = plan_of<FilterPlan>("stream d = from t where size > 1.0");
  EXPECT_EQ(plan.stream, 1U);
  EXPECT_TRUE(plan.where);
  EXPECT_FALSE(plan.select);
  EXPECT_FALSE(plan_of<FilterPlan>("stream d = from t").where);
}

TEST(From, SelectsFieldsThatMayAllBeNull) {
  EXPECT_EQ(fields("stream d = from s select { who: upper(user), more: amount + 0.5, big: amount > "
                   "5, all: args, since: at - @2026-01-01T00:00:00Z, ip: ip, where: 1 }"),
            "who: string?, more: float?, big: bool?, all: [string]?, since: duration?, ip: ip?, "
            "where: int?");
  EXPECT_EQ(plan_of<FilterPlan>("stream d = from s select { a: 1, b: 2 }").select->size(), 2U);
}

TEST(From, ReadsOtherDerivedStreams) {
  EXPECT_EQ(fields("stream b = from s select { who: user }\n"
                   "stream d = from b where who != \"x\" select { name: who }"),
            "name: string?");
  EXPECT_EQ(errors("stream d = from b where who != \"x\" select { name: who }\n"
                   "stream b = from s select { who: user }\nrule r { on d by name begin a }"),
            "");
  EXPECT_THAT(marks("stream b = from s select { who: user } stream d = from b where user == who"),
              ElementsAre("R0207 `user`"));
}

TEST(From, UsesListsAndMacros) {
  EXPECT_EQ(errors("list bad: string = [\"x\"] macro is_bad(n) = n in bad\n"
                   "stream d = from s where is_bad(user) select { bad: is_bad(country) }"),
            "");
}

TEST(From, IsRefusedWhereItIsWrong) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"from q where nothing == 1", "R0201 `q`"},
      {"from s where usr == \"x\"", "R0207 `usr`"},
      {"from s where amount", "R0209 `amount`"},
      {"from s select { a: usr }", "R0207 `usr`"},
      {"from s select { a: user, a: ip }", "R0205 `a`"},
      {"from s select { a: null }", "R0208 `null`"},
      {"from s select { a: [] }", "R0208 `[]`"},
      {"from s select { a: 10.0.0.0/8 }", "R0208 `10.0.0.0/8`"},
      {"from s select { a: [10.0.0.0/8] }", "R0208 `[10.0.0.0/8]`"},
      {"from s select { }", "R0230 `select { }`"},
      {"from s by user", "R0504 `by user`"},
      {"from s select { a: key.user }", "R0207 `key`"},
      {"from s select { a: window.start }", "R0502 `window`"},
      {"from s select { n: count() }", "R0502 `count()`"},
      {"from s select { n: sum(amount) }", "R0502 `sum(amount)`"},
      {"from s where count() > 5", "R0502 `count()`"},
      {"from s where first(user).x == 1", "R0202 `user`"},
  };
  for (const auto& [query, mark] : mistakes) {
    EXPECT_THAT(marks("stream d = " + query), ElementsAre(mark)) << query;
  }
}

TEST(From, IsNotBlamedForAWindowThatWasLost) {
  for (const std::string window : {"sliding 10m", "session 10m", "tumbling 1m every 5s", "count"}) {
    const Loaded bad = loaded(
        text("stream d = from s by user window {} select {{ u: key.user, n: count() }}", window));
    EXPECT_EQ(bad.diagnostics.error_count(), 1U) << to_text(bad.diagnostics, bad.file);
  }
}

TEST(From, GivesAdvice) {
  EXPECT_EQ(loaded("stream d = from logins").advice(),
            "there is no stream `logins` |  | streams: s, t, u");
  EXPECT_THAT(loaded("stream busy = from s stream d = from bsy").advice(),
              HasSubstr("did you mean `busy`?"));
  EXPECT_EQ(loaded("stream d = from s by user").advice(),
            "`by` needs a window | add `window tumbling 1m`, or leave the key to what reads the "
            "stream");
  EXPECT_EQ(loaded("stream d = from s select { n: count() }").advice(),
            "`count` is of the events of a window, and there is none here | add a window: `window "
            "tumbling 1m`");
  EXPECT_EQ(loaded("stream d = from s select { a: null }").advice(),
            "a field cannot be of type null | ");
}

TEST(From, ReportsEveryMistake) {
  EXPECT_THAT(marks("stream d = from s where usr == 1 by (ipp, args) window tumbling 0s "
                    "select { a: amonut, b: sum(user), c: key.x }"),
              ElementsAre("R0207 `usr`", "R0207 `ipp`", "R0218 `args`", "R0506 `tumbling 0s`",
                          "R0207 `amonut`", "R0211 `user`"));
}

// ---- Windows -----------------------------------------------------------------------------------

constexpr std::string_view kCount = " select { n: count() }";

WindowPlan window(std::string_view text) {
  return plan_of<WindowedPlan>(lymer::text("stream d = from s window {}{}", text, kCount)).window;
}

TEST(Windows, AreOfFiveKinds) {
  using Kind = runtime::WindowAssigner::Kind;
  const WindowPlan tumbling = window("tumbling 1m offset 5s lateness 2s");
  EXPECT_EQ(tumbling.windows.kind(), Kind::kTumbling);
  EXPECT_EQ(tumbling.windows.size(), Duration::minutes(1));
  EXPECT_EQ(tumbling.windows.offset(), Duration::seconds(5));
  EXPECT_EQ(tumbling.lateness, Duration::seconds(2));
  EXPECT_FALSE(tumbling.count || tumbling.every);
  const WindowPlan sliding = window("sliding 1m every 5s offset 1s");
  EXPECT_EQ(sliding.windows.kind(), Kind::kSliding);
  EXPECT_EQ(sliding.windows.slide(), Duration::seconds(5));
  EXPECT_EQ(sliding.windows.offset(), Duration::seconds(1));
  EXPECT_EQ(sliding.lateness, Duration());
  const WindowPlan session = window("session gap 30s lateness 1s");
  EXPECT_EQ(session.windows.kind(), Kind::kSession);
  EXPECT_EQ(session.windows.size(), Duration::seconds(30));
  EXPECT_EQ(session.lateness, Duration::seconds(1));
  const WindowPlan count = window("count 100");
  EXPECT_EQ(count.windows.kind(), Kind::kGlobal);
  EXPECT_EQ(count.count, 100);
  EXPECT_FALSE(count.every);
  EXPECT_EQ(window("count 100 every 10").every, 10);
  const WindowPlan global = window("global every 10");
  EXPECT_FALSE(global.count);
  EXPECT_EQ(global.every, 10);
}

TEST(Windows, HaveLimits) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"tumbling 0s", "R0506 `tumbling 0s`"},
      {"sliding 0s every 1s", "R0506 `sliding 0s`"},
      {"sliding 1m every 0s", "R0506 `every 0s`"},
      {"session gap 0s", "R0506 `gap 0s`"},
      {"tumbling 1m offset 1m", "R0506 `offset 1m`"},
      {"sliding 1m every 5s offset 5s", "R0506 `offset 5s`"},
      {"sliding 1d every 1s", "R0506 `window sliding 1d every 1s`"},
      {"count 0", "R0506 `count 0`"},
      {"count 5 every 0", "R0506 `every 0`"},
      {"global every 0", "R0506 `every 0`"},
      {"count 5 lateness 3s", "R0506 `lateness 3s`"},
      {"global every 5 lateness 3s", "R0506 `lateness 3s`"},
      {"global", "R0506 `window global`"},
  };
  for (const auto& [window, mark] : mistakes) {
    EXPECT_THAT(marks(text("stream d = from s window {}{}", window, kCount)), ElementsAre(mark))
        << window;
  }
  EXPECT_EQ(window("sliding 5s every 1m").windows.slide(), Duration::minutes(1));
  EXPECT_EQ(window("tumbling 1m offset 59s").windows.offset(), Duration::seconds(59));
  EXPECT_EQ(window("count 1").count, 1);
}

TEST(Windows, GiveAdvice) {
  const auto advice = [](std::string_view clause) {
    return loaded(text("stream d = from s window {}{}", clause, kCount)).advice();
  };
  EXPECT_EQ(advice("tumbling 0s"), "the length of a window must be positive | ");
  EXPECT_EQ(advice("sliding 1m every 0s"), "`every` must be positive | ");
  EXPECT_EQ(advice("session gap 0s"), "the gap of a session must be positive | ");
  EXPECT_EQ(advice("tumbling 1m offset 2m"),
            "windows start every 1m, so an `offset` must be shorter | ");
  EXPECT_EQ(advice("global"),
            "the global window has no end, so it would give nothing | say after how many events: "
            "`global every 100`");
  EXPECT_EQ(advice("count 5 lateness 1s"), "`lateness` is for windows of time | ");
}

TEST(Windows, SelectAggregatesOfTheirEvents) {
  EXPECT_EQ(
      fields("stream d = from s by (user, ip) window tumbling 1m select { user: key.user, ip: "
             "key.ip, n: count(), known: count(country), sum: sum(amount), avg: avg(amount), "
             "least: min(user), most: max(at), first: first(args), last: last(ok), mean: "
             "sum(score) / count(), start: window.start, end: window.end }"),
      "user: string?, ip: ip?, n: int?, known: int?, sum: int?, avg: float?, least: string?, "
      "most: time?, first: [string]?, last: bool?, mean: float?, start: time?, end: time?");
  const auto plan = plan_of<WindowedPlan>(
      "stream d = from s where ok by ip window tumbling 1m select { ip: key.ip, at: window.end }");
  EXPECT_THAT(plan.input.key, ElementsAre(1U));
  EXPECT_TRUE(plan.where);
  // The window's own row: the key, then its bounds.
  EXPECT_EQ(plan.select[0].slot, 0U);
  EXPECT_EQ(plan.select[1].slot, 2U);
}

TEST(Windows, NeedASelect) {
  const Loaded bad = loaded("stream d = from s by user window tumbling 1m");
  EXPECT_THAT(bad.marks(), ElementsAre("R0504 `d`"));
  EXPECT_EQ(bad.advice(),
            "stream `d` does not say what a window gives | add `select { NAME: count(), ... }`");
}

TEST(Windows, RefuseWhatIsOfNoWindow) {
  const std::vector<std::array<std::string, 2>> mistakes = {
      {"user", "R0213 `user`"},
      {"amount + count()", "R0213 `amount`"},
      {"key.ip", "R0229 `ip`"},
      {"window.strat", "R0502 `strat`"},
      {"usr", "R0207 `usr`"},
      {"sum(amonut)", "R0207 `amonut`"},
      {"sum(user)", "R0211 `user`"},
      {"avg()", "R0210 `avg()`"},
      {"count(user, ip)", "R0210 `count(user, ip)`"},
      {"max(count())", "R0227 `count()`"},
      {"sum(amount + last(amount))", "R0227 `last(amount)`"},
      {"max(window.start)", "R0502 `window`"},
      {"max(key.user)", "R0207 `key`"},
      {"last(events).user", "R0207 `events`"},
      {"last(user).name", "R0208 `name`"},
      {"count(logins.user)", "R0207 `logins`"},
  };
  for (const auto& [value, mark] : mistakes) {
    EXPECT_THAT(
        marks(text("stream d = from s by user window tumbling 1m select {{ v: {} }}", value)),
        ElementsAre(mark))
        << value;
  }
}

TEST(Windows, GiveAdviceOnValues) {
  const auto advice = [](std::string_view value) {
    return loaded(text("stream d = from s by user window tumbling 1m select {{ v: {} }}", value))
        .advice();
  };
  EXPECT_EQ(advice("amount"),
            "a window has many events, so `amount` says nothing | which one? `last(amount)`, "
            "`max(amount)`, `count(amount)` ...");
  EXPECT_THAT(advice("user"), HasSubstr("write `key.user`"));
  EXPECT_EQ(advice("key.usr"),
            "the key of this window has no field `usr` | did you mean `user`? | fields of the key: "
            "user");
  EXPECT_EQ(advice("window.begin"), "a window has no `begin` |  | a window has: start, end");
  EXPECT_THAT(advice("amuont"), HasSubstr("did you mean `amount`? | fields of s: user"));
  EXPECT_THAT(loaded("stream d = from s window tumbling 1m select { v: key.user }").advice(),
              HasSubstr("this window has no key | add `by FIELD`"));
}

TEST(Windows, OfCountsHaveNoBounds) {
  for (const std::string window : {"count 5", "count 5 every 2", "global every 5"}) {
    const Loaded bad = loaded(text(
        "stream d = from s by user window {} select {{ u: key.user, a: window.start }}", window));
    EXPECT_THAT(bad.marks(), ElementsAre("R0502 `window`")) << window;
    EXPECT_THAT(bad.advice(), HasSubstr("a window of counts has no bounds"));
  }
}

TEST(Windows, TakeWhereAsAConditionOnEvents) {
  const Loaded bad =
      loaded("stream d = from s where count() > 5 window tumbling 1m" + std::string(kCount));
  EXPECT_THAT(bad.marks(), ElementsAre("R0502 `count()`"));
  EXPECT_THAT(bad.advice(), HasSubstr("`where` is about single events"));
  EXPECT_THAT(
      marks("stream d = from s where window.start > at window tumbling 1m" + std::string(kCount)),
      ElementsAre("R0502 `window`"));
}

TEST(Windows, KeepMacrosToWhatTheyMayAsk) {
  const std::string macros = "macro most(x) = max(x) macro total() = sum(amount) ";
  const auto of = [&](std::string_view value) {
    return marks(macros + text("stream d = from s by ip window tumbling 1m select {{ v: {}, w: "
                               "total(), x: most(5) }}",
                               value));
  };
  EXPECT_THAT(of("total() + 1"), ElementsAre("W0405 `t`", "W0405 `u`", "W0405 `d`"));
  EXPECT_THAT(of("most(3) + total()"), ElementsAre("W0405 `t`", "W0405 `u`", "W0405 `d`"));
  // An argument is bound where it stands, which is at the window and not at an event of it.
  EXPECT_THAT(of("most(amount)"), ElementsAre("R0213 `amount`"));
  EXPECT_THAT(of("most(count())"), ElementsAre("R0227 `x`"));
  EXPECT_THAT(of("most(key.ip)"), ElementsAre("R0227 `x`"));
  EXPECT_THAT(of("most(window.end)"), ElementsAre("R0227 `x`"));
  EXPECT_THAT(of("any(a in args: count() > 1)"), ElementsAre("R0213 `args`"));
  EXPECT_THAT(of("any(a in first(args): count() > 1)"), ElementsAre("R0227 `count()`"));
}

// ---- Unions ------------------------------------------------------------------------------------

TEST(Unions, HaveTheFieldsOfAllMembers) {
  // What some member lacks may be null, and so may what is null in one of them.
  EXPECT_EQ(fields("stream d = s union t"),
            "user: string?, ip: ip?, ok: bool?, amount: int?, score: float?, country: string?, "
            "args: [string]?, at: time, size: float?, parent: string?, [hidden]: string");
  const auto plan = plan_of<UnionPlan>("stream d = t union s");
  ASSERT_EQ(plan.members.size(), 2U);
  EXPECT_EQ(plan.members[0].stream, 1U);
  EXPECT_EQ(plan.members[0].select.size(), 11U);  // With the one that names the member.
  EXPECT_EQ(plan.members[0].select[4].op, runtime::Op::kConstant);
  EXPECT_EQ(plan.members[1].select[0].op, runtime::Op::kField);
  EXPECT_EQ(evaluated(plan.members[1].select[10], {}), "\"s\"");
}

// A time that is not among the fields is read into a hidden one, `$` and its name.
TEST(Unions, DoNotReadHiddenFieldsOfOneName) {
  const std::string shown =
      "stream a { from file \"a\" format json field `$t`: string field user: string time ts unit "
      "ms "
      "}\n";
  const std::string hidden =
      "stream b { from file \"b\" format json field user: string time t unit ms }\n";
  for (const std::string query : {"stream d = a union b", "stream d = b union a"}) {
    const Loaded file = loaded(shown + hidden + query);
    ASSERT_TRUE(file.rules) << file.codes();
    const StreamPlan& made = last_stream(file);
    const auto slot = made.schema->slot_of("$t");
    ASSERT_TRUE(slot);
    EXPECT_TRUE(made.schema->fields()[*slot].nullable);
    EXPECT_EQ(made.schema->fields()[*slot].type.kind, runtime::TypeKind::kString);
    for (const UnionPlan::Member& each : std::get<UnionPlan>(made.origin).members) {
      const StreamPlan& member = file.rules->streams[each.stream];
      ASSERT_TRUE(member.schema->slot_of("$t")) << member.name;
      EXPECT_EQ(each.select[*slot].op,
                member.name == "a" ? runtime::Op::kField : runtime::Op::kConstant);
    }
  }
}

TEST(Unions, NameTheMembersOfUnionsInThem) {
  const Loaded file =
      loaded("stream x = from s where ok stream a = s union t stream d = a union x");
  ASSERT_TRUE(file.rules) << file.codes();
  const std::vector<StreamPlan>& all = file.rules->streams;
  EXPECT_THAT(member_names(all.back(), all), ElementsAre("s", "t", "x"));
  EXPECT_THAT(member_names(all.front(), all), IsEmpty());
  EXPECT_FALSE(member_slot(all.front()));
  EXPECT_EQ(member_slot(all.back()), 10U);
}

TEST(Unions, RefuseFieldsOfDifferentTypes) {
  const Loaded bad = loaded("stream d = s union t union u");
  EXPECT_THAT(bad.marks(), ElementsAre("R0507 `u`"));
  EXPECT_EQ(bad.advice(),
            "`score` of `u` is of type int, in the streams before it is of type float |  | give it "
            "another name: stream NAME = from u select { ... }");
  EXPECT_EQ(errors("stream v = from u select { user: user, points: score } stream d = s union v"),
            "");
}

TEST(Unions, HaveEachEventOnce) {
  EXPECT_THAT(marks("stream d = s union t union s"), ElementsAre("R0205 `s`"));
  const Loaded hidden = loaded("stream a = s union t stream d = a union s");
  EXPECT_THAT(hidden.marks(), ElementsAre("R0205 `s`"));
  EXPECT_THAT(hidden.advice(), HasSubstr("`s` is in the union twice, so its events would be"));
  EXPECT_THAT(marks("stream a = s union t stream b = t union u2 stream u2 = from u select { user: "
                    "user } stream d = a union b"),
              ElementsAre("R0205 `b`"));
  EXPECT_EQ(errors("stream a = from s where ok stream d = s union a"), "");
}

TEST(Unions, OfUnionsDoNotGrowWithoutEnd) {
  std::string many = "stream u0 = s union t stream v0 = s union t\n";
  for (int i = 1; i < 40; ++i) {
    many += text("stream u{0} = u{1} union v{1}\nstream v{0} = v{1} union u{1}\n", i, i - 1);
  }
  const Loaded bad = loaded(many + "rule r { on u39 begin x: s where ok }");
  EXPECT_THAT(bad.codes(), HasSubstr("R0205"));
}

TEST(Unions, NeedStreamsThatExist) {
  EXPECT_THAT(marks("stream d = s union q rule r { on d begin x: q where other == 1 }"),
              ElementsAre("R0201 `q`"));
}

// ---- Results of rules --------------------------------------------------------------------------

std::string with_results(std::string_view rule, std::string_view query) {
  return text("rule r {{ on s {} within 1m }}\n", rule) + text("stream d = {}", query);
}
std::string with_results(std::string_view head, std::string_view tail, std::string_view query) {
  return text("rule r {{ on s {} within 1m {} }}\nstream d = {}", head, tail, query);
}

TEST(Results, HaveTheFieldsOfEmit) {
  const std::string emit =
      "emit { user: key.user, n: count(a), at: last(a).at, net: 10.0.0.0/8, none: null }";
  EXPECT_EQ(fields(with_results("by user begin a where ok times 2", emit, "matches of r")),
            "user: string?, n: int?, at: time?");
  const auto plan =
      plan_of<ResultPlan>(with_results("by user begin a where ok times 2", emit, "matches of r"));
  EXPECT_EQ(plan.kind, ResultPlan::Kind::kMatches);
  EXPECT_EQ(plan.rule, 0U);
  EXPECT_EQ(plan.select.size(), 3U);
}

TEST(Results, HaveTheKeyWhereThereIsNoEmit) {
  EXPECT_EQ(fields(with_results("by (country, ip) begin a where ok", "matches of r")),
            "country: string?, ip: ip");
  EXPECT_EQ(fields(with_results("by user begin a where ok next b", "on timeout", "timeouts of r")),
            "user: string");
  EXPECT_EQ(fields(with_results("by user begin a where ok next b", "timeouts of r")),
            "user: string");
  const auto plan = plan_of<ResultPlan>(
      with_results("by (ip, user) begin a where ok next b", "emit { x: 1 }", "timeouts of r"));
  EXPECT_EQ(plan.kind, ResultPlan::Kind::kTimeouts);
  EXPECT_EQ(plan.select[1].slot, 1U);
}

TEST(Results, HaveTheFieldsOfOnTimeout) {
  EXPECT_EQ(fields(with_results("by user begin a where ok next b",
                                "emit { x: 1 } on timeout emit { began: a.at }", "timeouts of r")),
            "began: time?");
}

TEST(Results, MustHaveFields) {
  const Loaded bad = loaded(with_results("begin a where ok", "matches of r"));
  EXPECT_THAT(bad.marks(), ElementsAre("R0504 `r`"));
  EXPECT_THAT(bad.advice(), HasSubstr("neither key nor `emit` | add `emit { ... }` to the rule"));
  EXPECT_THAT(loaded(with_results("begin a where ok next b", "timeouts of r")).advice(),
              HasSubstr("add `on timeout emit { ... }` to the rule"));
}

TEST(Results, AreOfRulesThatExist) {
  const Loaded bad =
      loaded("rule takeover { on s begin a where ok } stream d = matches of takover");
  EXPECT_THAT(bad.marks(), ElementsAre("R0503 `takover`"));
  EXPECT_EQ(bad.advice(),
            "there is no rule `takover` | did you mean `takeover`? | rules: takeover");
  EXPECT_THAT(marks("stream d = timeouts of s"), ElementsAre("R0503 `s`"));
}

TEST(Results, MayStandBeforeTheirRule) {
  EXPECT_EQ(errors("rule q { on d by user begin a where n > 2 }\nstream d = matches of r\n"
                   "rule r { on s by user begin a where ok times 2 within 1m\n"
                   "  emit { user: key.user, n: count(a) } }"),
            "");
}

TEST(Results, OfAWrongRuleSayNothing) {
  EXPECT_THAT(marks("rule r { on s by user begin a where amonut > 1 emit { n: count(a) } }\n"
                    "stream d = matches of r stream e = timeouts of r stream f = late of r\n"
                    "stream g = from d where m > 5 select { x: n + 1 }\n"
                    "rule q { on g by y begin a where x == \"z\" }"),
              ElementsAre("R0207 `amonut`"));
}

// ---- late of -----------------------------------------------------------------------------------

TEST(LateOf, HasTheFieldsOfTheStreamThatWasRead) {
  EXPECT_EQ(fields("rule r { on t begin a where size > 1.0 } stream d = late of r"),
            "user: string?, size: float, parent: string, at: time");
  EXPECT_EQ(fields("stream w = from t by user window tumbling 1m select { n: count() }\n"
                   "stream d = late of w"),
            "user: string?, size: float, parent: string, at: time");
  const auto plan = plan_of<LatePlan>(
      "stream w = from t window session gap 1m select { n: count() } stream d = late of w");
  EXPECT_EQ(plan.stream, 3U);
}

TEST(LateOf, IsForWhatLetsEventsBeLate) {
  EXPECT_THAT(marks("stream d = late of s"), ElementsAre("R0508 `s`"));
  EXPECT_THAT(marks("stream f = from s where ok stream d = late of f"), ElementsAre("R0508 `f`"));
  EXPECT_THAT(marks("stream f = s union t stream d = late of f"), ElementsAre("R0508 `f`"));
  for (const std::string window : {"count 5", "global every 5"}) {
    const Loaded bad = loaded(
        text("stream f = from s window {} select {{ n: count() }} stream d = late of f", window));
    EXPECT_THAT(bad.marks(), ElementsAre("R0508 `f`"));
    EXPECT_EQ(bad.advice(),
              "nothing is late for stream `f` | `late of` is for rules and for streams of windows "
              "of time");
  }
  const Loaded several = loaded(
      "rule r { on s by user, t by parent begin a: s where ok next b: t within 1m }\n"
      "stream d = late of r");
  EXPECT_THAT(several.marks(), ElementsAre("R0508 `r`"));
  EXPECT_THAT(several.advice(), HasSubstr("put a union of the streams before the rule"));
}

TEST(LateOf, NeedsARuleOrAStream) {
  const Loaded bad = loaded("rule takeover { on s begin a where ok } stream d = late of takover");
  EXPECT_THAT(bad.marks(), ElementsAre("R0201 `takover`"));
  EXPECT_EQ(bad.advice(),
            "there is no rule or stream `takover` | did you mean `takeover`? | rules: takeover; "
            "streams: s, t, u");
}

// ---- One mistake, one message ------------------------------------------------------------------

TEST(BrokenStreams, SilenceThoseWhoReadThem) {
  const std::string readers =
      "stream f = from d where other == 5 select { y: x + 1 }\n"
      "stream w = from d by x window tumbling 1m select { x: key.x, s: sum(x), z: max(zz) }\n"
      "stream j = join d, s on d.x == s.user interval 0s .. 1s select { x: d.x, q: d.q, r: qq }\n"
      "stream k = d union s\n"
      "stream l = late of d\n"
      "rule r { on d by x order by x begin a where x == 5 and other > 2 emit { x: a.y } }\n"
      "rule p { on f by x begin a where y == 5 }\n"
      "rule q { on k by x begin a: d where x == 5 next b: elsewhere where c > 1 }\n"
      "stream m = matches of r\n"
      "rule v { on m by x begin a where x > 5 }\n";
  for (const std::string broken :
       {"stream d = from nowhere", "stream d = from nowhere window tumbling 1m select { x: 1 }",
        "stream d = from s select { x: usr }",
        "stream d = from s by usr window tumbling 1m select "
        "{ x: key.usr }",
        "stream d = from s window tumbling 1m select { x: sum(usr) }", "stream d = t union nowhere",
        "stream d = matches of nothing", "stream d = late of nothing",
        "stream d = join s, nowhere on s.user == nowhere.x interval "
        "0s .. 1s select { x: nowhere.y }",
        "stream d = from s window tumbling 1m", "stream d = from s selct { y: 1 }",
        "stream d = from s windw tumbling 1m select "
        "{ y: count() }",
        "stream d = from", "stream d =", "stream d = matches of"}) {
    const Loaded file = loaded(broken + "\n" + readers);
    EXPECT_EQ(file.diagnostics.error_count(), 1U) << to_text(file.diagnostics, file.file);
  }
}

TEST(BrokenStreams, PassOnWhatIsNotKnownOfTheirFields) {
  const std::string broken =
      "stream b { from file \"b\" format json field user: strng field n: int field at: time "
      "time at }\n";
  for (const std::string reader :
       {"from b", "b union s", "s union b", "late of q", "late of w",
        "from b window tumbling 1m select { user: last(user) }",
        "join b, s on b.n == s.amount interval 0s .. 1s select { user: b.user }"}) {
    const Loaded file = loaded(broken + "rule q { on b by n begin a where n > 1 }\n" +
                               "stream w = from b window tumbling 1m select { n: count() }\n" +
                               "stream d = " + reader +
                               "\nrule r { on d by user begin a where user > 5 or user == true }");
    EXPECT_EQ(file.codes(), "R0204") << reader;
  }
}

TEST(BrokenStreams, OfWhichAllFieldsAreKnownAreCheckedOn) {
  EXPECT_THAT(marks("stream d = from s select { x: usr, y: amount }\n"
                    "rule r { on d begin a where y == \"z\" }"),
              ElementsAre("R0207 `usr`", "R0208 `==`"));
}

TEST(Unused, AreStreamsThatNobodyReads) {
  const auto unused = [](std::string_view text) {
    return Loaded(sample_stream() + std::string(text)).marks();
  };
  EXPECT_THAT(unused("stream d = from s"), ElementsAre("W0405 `d`"));
  EXPECT_THAT(unused("stream d = from s stream e = d union f stream f = from s"),
              ElementsAre("W0405 `e`"));
  EXPECT_THAT(unused("stream d = from s window tumbling 1m select { n: count() } "
                     "stream e = late of d rule r { on e begin a where ok }"),
              IsEmpty());
  EXPECT_THAT(unused("rule r { on s by user begin a where ok } stream m = matches of r"),
              ElementsAre("W0405 `m`"));
}

TEST(Beginnings, OfDerivedStreamsMayTakeEveryEvent) {
  EXPECT_EQ(errors("stream d = from s where ok rule r { on d by user begin a }"), "");
  EXPECT_EQ(errors("stream d = s union t rule r { on d begin a: t }"), "");
}

}  // namespace
}  // namespace lymer::rules
