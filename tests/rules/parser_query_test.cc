// Tests of every kind of derived stream, of where it ends, and of the mistakes people make in it.
// Not here: windows (parser_window_test.cc) and what a query must have (the tests of the binder).
#include "rules/parser_query.h"

#include <cstddef>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "runtime/base/time.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

template <typename Query>
Query query_of(const std::string& query) {
  const Parsed parsed(in_query(query));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  EXPECT_FALSE(parsed.at<DerivedDecl>(0).has_errors);
  return std::get<Query>(parsed.at<DerivedDecl>(0).query);
}

// The codes of a query that a second stream with one mistake follows: `R0101` at the end shows that
// the parser got there.
std::string codes_before_another(const std::string& query) {
  return codes_of(in_query(query) + "stream s { idle }\n");
}

TEST(QueryParser, ReadsFromInAnyOrder) {
  const std::string clauses[] = {"where not ok", "by (ip, user)", "window tumbling 1m",
                                 "select { ip: key.ip, at: window.end }"};
  for (const auto& [a, b, c, d] :
       {std::tuple(0, 1, 2, 3), std::tuple(3, 2, 1, 0), std::tuple(2, 0, 3, 1)}) {
    const auto query = query_of<FromQuery>("from logins " + clauses[a] + " " + clauses[b] + "\n " +
                                           clauses[c] + " " + clauses[d]);
    EXPECT_EQ(query.stream.text, "logins");
    EXPECT_EQ(shape(*query.where), "(not ok)");
    EXPECT_EQ(query.by->fields.at(1).text, "user");
    EXPECT_EQ(query.window->size->value, Duration::minutes(1));
    ASSERT_EQ(query.select->fields.size(), 2U);
    EXPECT_EQ(query.select->fields[1].name.text, "at");
    EXPECT_EQ(shape(query.select->fields[1].value), "(.end window)");
  }
}

TEST(QueryParser, ReadsFromAlone) {
  const auto query = query_of<FromQuery>("from logins");
  EXPECT_FALSE(query.where || query.by || query.window || query.select);
}

TEST(QueryParser, ReadsUnions) {
  const auto query = query_of<UnionQuery>("a union b union `c d`");
  ASSERT_EQ(query.streams.size(), 3U);
  EXPECT_EQ(query.streams[2].text, "c d");
}

TEST(QueryParser, ReadsJoins) {
  const auto query = query_of<JoinQuery>(
      "join orders o, payments p on o.id == p.order_id interval -5m ..< 10m where o.n > 1 "
      "select { id: o.id }");
  EXPECT_EQ(query.left.stream.text, "orders");
  EXPECT_EQ(query.left.alias->text, "o");
  EXPECT_EQ(query.right.alias->text, "p");
  EXPECT_EQ(shape(*query.on), "(== (.id o) (.order_id p))");
  EXPECT_EQ(query.interval->lower, Duration::minutes(-5));
  EXPECT_EQ(query.interval->upper, Duration::minutes(10));
  EXPECT_FALSE(query.interval->open_low);
  EXPECT_TRUE(query.interval->open_high);
  EXPECT_TRUE(query.where && query.select);
  EXPECT_FALSE(query.kind_word);
}

TEST(QueryParser, ReadsJoinsWithoutAliases) {
  const auto query = query_of<JoinQuery>("join a, b\n  select { n: 1 }\n  on a.x == b.x");
  EXPECT_FALSE(query.left.alias || query.right.alias);
  EXPECT_TRUE(query.on && query.select);
  const auto bare = query_of<JoinQuery>("join a, b");
  EXPECT_FALSE(bare.on || bare.interval || bare.window || bare.select)
      << "the binder asks for them";
}

TEST(QueryParser, ReadsBounds) {
  const auto closed = query_of<JoinQuery>("join a, b interval -1m30s .. -0s").interval;
  EXPECT_EQ(closed->lower, Duration::seconds(-90));
  EXPECT_EQ(closed->upper, Duration::seconds(0));
  EXPECT_FALSE(closed->open_low || closed->open_high);
  const auto open = query_of<JoinQuery>("join a, b interval 0s<..<10m").interval;
  EXPECT_TRUE(open->open_low && open->open_high);
  EXPECT_TRUE(query_of<JoinQuery>("join a, b interval -5m <.. 5m").interval->open_low);
}

TEST(QueryParser, ReadsKindsOfWindowJoins) {
  const std::vector<std::string> kinds = {"inner", "left", "right", "full", "cogroup"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto query =
        query_of<JoinQuery>("join a, b on x window tumbling 10s " + kinds[i] + " select { n: 1 }");
    EXPECT_EQ(query.kind, static_cast<JoinWord>(i)) << kinds[i];
    EXPECT_TRUE(query.kind_word && query.window && query.select);
  }
  EXPECT_EQ(query_of<JoinQuery>("join a, b window tumbling 10s").kind, JoinWord::kInner);
}

TEST(QueryParser, ReadsResults) {
  EXPECT_EQ(query_of<ResultQuery>("matches of takeover").word, ResultWord::kMatches);
  EXPECT_EQ(query_of<ResultQuery>("timeouts of takeover").word, ResultWord::kTimeouts);
  EXPECT_EQ(query_of<ResultQuery>("late of logins").word, ResultWord::kLate);
  EXPECT_EQ(query_of<ResultQuery>("late of `where`").of.text, "where");
}

TEST(QueryParser, EndsWhereTheNextDeclarationStarts) {
  const Parsed parsed(
      "stream a = from s where x == y stream b = a union s list l: int = [1] stream c = join a, b "
      "on a.x == b.x macro m() = 1\nstream d = matches of r\nrule r { }");
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  ASSERT_EQ(parsed.ast.declarations.size(), 7U);
  EXPECT_EQ(parsed.at<DerivedDecl>(5).name.text, "d");
}

TEST(QueryParser, GivesPlaces) {
  const Parsed parsed(in_query("join a, b window sliding 1m every 10s left select { n: 1 }"));
  const auto& derived = parsed.at<DerivedDecl>(0);
  const auto& query = std::get<JoinQuery>(derived.query);
  EXPECT_EQ(parsed.file.text(derived.span),
            "stream x = join a, b window sliding 1m every 10s left select { n: 1 }");
  EXPECT_EQ(parsed.file.text(query.window->span), "window sliding 1m every 10s");
  EXPECT_EQ(parsed.file.text(query.window->every->span), "every 10s");
  EXPECT_EQ(parsed.file.text(*query.kind_word), "left");
  EXPECT_EQ(parsed.file.text(query.select->span), "select { n: 1 }");
}

TEST(QueryParser, LetsItsWordsNameThings) {
  EXPECT_EQ(query_of<FromQuery>("from window by select window count 3").stream.text, "window");
  EXPECT_EQ(shape(*query_of<FromQuery>("from a where window by x").where), "window");
  EXPECT_EQ(query_of<JoinQuery>("join `from` left, union late on x").right.alias->text, "late");
  EXPECT_EQ(query_of<UnionQuery>("late union timeouts union union").streams.size(), 3U);
  EXPECT_EQ(query_of<FromQuery>("from a select { where: interval, by: by, select: lateness + 1 }")
                .select->fields.size(),
            3U);
  const Parsed parsed(
      in_stream("field window: int field select: int field every: int = window + select"));
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << "none of them is reserved elsewhere";
}

TEST(QueryParser, LeavesOperatorsOfOtherLanguagesToExpressions) {
  EXPECT_EQ(codes_of(in_query("from a where window eq 5 by x")), "R0115");
  EXPECT_EQ(codes_of(in_query("from a where interval between 1 and 5 by x")), "R0115");
}

TEST(QueryParser, RefusesAClauseGivenTwice) {
  for (const char* each : {"where x", "by x", "window global", "select { n: 1 }"}) {
    EXPECT_EQ(codes_before_another("from a " + std::string(each) + " " + each), "R0108 R0101")
        << each;
  }
  for (const char* each :
       {"on x", "interval 0s .. 1s", "window global", "where x", "select { n: 1 }"}) {
    EXPECT_EQ(codes_before_another("join a, b " + std::string(each) + " " + each), "R0108 R0101")
        << each;
  }
  const Parsed parsed(in_query("from a by x by y"));
  EXPECT_EQ(std::get<FromQuery>(parsed.at<DerivedDecl>(0).query).by->fields[0].text, "x")
      << "the first one counts";
}

TEST(QueryParser, RefusesAnIntervalBesideAWindow) {
  EXPECT_EQ(marks_of(in_query("join a, b interval 0s .. 1s window tumbling 1s left on x")),
            (std::vector<std::string>{"R0101 `window`"}));
  EXPECT_EQ(marks_of(in_query("join a, b window tumbling 1s interval 0s .. 1s on x")),
            (std::vector<std::string>{"R0101 `interval`"}));
}

TEST(QueryParser, RefusesAKindOfJoinWithoutAWindow) {
  EXPECT_EQ(marks_of(in_query("join a, b on x left interval 0s .. 1s")),
            (std::vector<std::string>{"R0101 `left`"}));
  EXPECT_EQ(marks_of(in_query("join a, b interval 0s .. 1s full on x")),
            (std::vector<std::string>{"R0101 `full`"}));
  EXPECT_EQ(marks_of(in_query("join a, b window global left outer on x")),
            (std::vector<std::string>{"R0101 `outer`"}));
}

TEST(QueryParser, AsksWhatWasMeant) {
  const auto meant = [](const std::string& query) {
    EXPECT_EQ(codes_before_another(query), "R0110 R0101") << query;
    const std::string advice = advice_of(in_query(query));
    const std::size_t begin = advice.find("did you mean `");
    return begin == std::string::npos ? advice : advice.substr(begin + 13);
  };
  EXPECT_EQ(meant("form a where x"), "`from`?");
  EXPECT_EQ(meant("jion a, b on x"), "`join`?");
  EXPECT_EQ(meant("a unoin b"), "`union`?");
  EXPECT_EQ(meant("match of r"), "`matches`?");
  EXPECT_EQ(meant("timeout of r"), "`timeouts`?");
  EXPECT_EQ(meant("laet of r"), "`late`?");
  EXPECT_EQ(meant("from a wher x"), "`where`?");
  EXPECT_EQ(meant("from a filter x"), "`where`?");
  EXPECT_EQ(meant("from a\n  selct { n: 1 }"), "`select`?");
  EXPECT_EQ(meant("from a emit { n: 1 }"), "`select`?");
  EXPECT_EQ(meant("from a windw tumbling 1m"), "`window`?");
  EXPECT_EQ(meant("join a, b intervall 0s .. 1s on x"), "`interval`?");
  EXPECT_EQ(meant("join a, b window global ful on x"), "`full`?");
}

TEST(QueryParser, TakesAMistypedWordForWhatItMeans) {
  const Parsed parsed(in_query("form a filter x selct { n: 1 }"));
  const auto& query = std::get<FromQuery>(parsed.at<DerivedDecl>(0).query);
  EXPECT_TRUE(query.where && query.select);
}

TEST(QueryParser, SaysWhatIsMissing) {
  EXPECT_EQ(codes_of("stream x ="), "R0102");
  EXPECT_EQ(codes_of("stream x = from"), "R0102");
  EXPECT_EQ(codes_of("stream = from a"), "R0106");
  EXPECT_EQ(codes_of("stream where = from a"), "R0107");
  EXPECT_EQ(codes_before_another(""), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("from where x by y"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("from by y"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("from a where by y"), "R0105 R0101");
  EXPECT_EQ(codes_before_another("from a where select { n: 1 }"), "R0105 R0101");
  EXPECT_EQ(codes_before_another("from a by"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("from a window by y"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from a select"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from a select { n: 1"), "R0103 R0101");
  EXPECT_EQ(codes_before_another("from a select { n 1 } by y"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("a union"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("a, b"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("a where x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a on x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, on x"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("join a x b y on x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, b, c on x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, b on interval 0s .. 1s"), "R0105 R0101");
  EXPECT_EQ(codes_before_another("join a, b on"), "R0105 R0101");
  EXPECT_EQ(codes_before_another("join a, b interval 5m on x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, b interval -5 .. 5m on x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, b interval 0s .. select { n: 1 }"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("matches takeover"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("matches of"), "R0106 R0101");
  EXPECT_EQ(codes_before_another("hits of r"), "R0101 R0101");
}

TEST(QueryParser, SaysWhatIsTooMuch) {
  EXPECT_EQ(codes_before_another("from a group by x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from a zebra x by y"), "R0110 R0101");
  EXPECT_EQ(codes_before_another("from a, b where x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from a union b"), "R0110 R0101");
  EXPECT_EQ(codes_before_another("from a { n: 1 } by x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("from a where x }"), "R0104 R0101");
  EXPECT_EQ(codes_before_another("from a where x ) by y"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("join a as o, b as p on o.x == p.x"), "R0101 R0101 R0101");
  EXPECT_EQ(codes_before_another("join a, b by x"), "R0110 R0101");
  EXPECT_EQ(codes_before_another("a union b where x"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("matches of r select { n: 1 }"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("select { n: 1 } from a"), "R0101 R0101");
  EXPECT_EQ(codes_before_another("[1]"), "R0101 R0101");
}

TEST(QueryParser, MarksWhatItCouldNotRead) {
  for (const char* each : {"", "from", "from a where", "from a windo", "from a window tumbling 5",
                           "a union", "join a", "join a, b interval 5m", "matches r",
                           "late of r by x", "join a, b interval 0s .. 1s window global"}) {
    EXPECT_TRUE(Parsed(in_query(each)).at<DerivedDecl>(0).has_errors) << each;
  }
}

TEST(QueryParser, GoesOnWithTheNextClause) {
  EXPECT_EQ(codes_of(in_query("from a where (x\n  by 5\n  window tumbling 1\n  select { n 1 }")),
            "R0103 R0106 R0101 R0101");
  EXPECT_EQ(codes_of(in_query("join a, 5\n  on x = y\n  interval 5 .. 1m\n  window tumbling 1")),
            "R0106 R0109 R0101 R0101");
}

TEST(QueryParser, KnowsAMistypedDeclarationFromAClause) {
  EXPECT_EQ(marks_of(in_query("from a where x") + "rul r { }\n"),
            (std::vector<std::string>{"R0104 `rul`"}));
}

TEST(QueryParser, ComplainsLittleOfATruncatedQuery) {
  for (const char* each :
       {"stream x = from a where not ok by (ip, u) window sliding 10m every 1m offset 5s lateness "
        "5s select { ip: key.ip, n: count(), at: window.end }",
        "stream x = join a o, b p on o.id == p.id interval -5m ..< 10m where o.x select { n: 1 }",
        "stream x = join a, b on x window session gap 5m left", "stream x = a union b union c",
        "stream x = matches of r"}) {
    const std::string whole = each;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Parsed parsed(whole.substr(0, length));
      EXPECT_LE(parsed.diagnostics.error_count(), 2U) << whole.substr(0, length) << "\n"
                                                      << to_text(parsed.diagnostics, parsed.file);
    }
  }
}

}  // namespace
}  // namespace lymer::rules
