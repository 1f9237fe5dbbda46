// Tests of the canonical text, and of the law parse(print(tree)) == tree over samples and over
// random trees.
// Not here: the parser's answers to wrong text (parser_test.cc).
#include "rules/printer.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/time.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

std::string reprinted(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return print(parsed.ast);
}

std::string expression(const std::string& text) {
  const Parsed parsed("macro m() = " + text);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << to_text(parsed.diagnostics, parsed.file);
  return print(parsed.at<MacroDecl>(0).body);
}

TEST(Printer, WritesTopics) {
  const auto from = [](const std::string& clause) {
    const std::string printed = reprinted("stream s { " + clause + " }");
    return printed.substr(printed.find("from"), printed.find('\n', 12) - printed.find("from"));
  };
  EXPECT_EQ(from("from topic \"a\",\"b\" start latest"), "from topic \"a\", \"b\" start latest");
  EXPECT_EQ(from("from topics \"a.*\" start @1970-01-01T00:00:05Z"),
            "from topics \"a.*\" start @1970-01-01T00:00:05Z");
  EXPECT_EQ(from("from topic \"a\""), "from topic \"a\"");
}

TEST(Printer, WritesAClauseALine) {
  EXPECT_EQ(reprinted("stream s{idle 90s field a:[string]?=b field `and`:int from file \"x\" "
                      "time a format \"%b\" year infer zone \"UTC\" format csv columns[a] "
                      "delimiter\";\" unmatched skip out_of_order 0s}"),
            "stream s {\n"
            "  from file \"x\"\n"
            "  format csv delimiter \";\" columns [a]\n"
            "  unmatched skip\n"
            "  field a: [string]? = b\n"
            "  field `and`: int\n"
            "  time a format \"%b\" zone \"UTC\" year infer\n"
            "  out_of_order 0s\n"
            "  idle 1m30s\n"
            "}\n");
}

TEST(Printer, WritesLogsBehindWhatComesFromAndGoesToThem) {
  EXPECT_EQ(reprinted("stream s{from log\"x\"}"), "stream s {\n  from log \"x\"\n}\n");
  EXPECT_EQ(
      reprinted("rule r{on s begin a emit{}to log\"x\",log\"y\"on timeout emit{}to log\"z\"}"),
      "rule r {\n  on s\n  begin a\n  emit {} to log \"x\", log \"y\"\n"
      "  on timeout emit {} to log \"z\"\n}\n");
}

TEST(Printer, WritesAStageALine) {
  EXPECT_EQ(reprinted("rule r{tags[\"a\",\"b\"]severity high doc\"d\"on s by(a,b)"
                      "begin x:s greedy until y times 2..2 where z consecutive "
                      "next w optional oneOrMore allowCombinations notNext v times 3 or more "
                      "on timeout emit{} skip to last(x)or fail emit{a:1,where:b}within 60m}"),
            "rule r {\n"
            "  doc \"d\"\n"
            "  severity high\n"
            "  tags [\"a\", \"b\"]\n"
            "  on s by (a, b)\n"
            "  begin x: s where z times 2 greedy consecutive until y\n"
            "  next w oneOrMore optional allowCombinations\n"
            "  notNext v times 3 or more\n"
            "  within 1h\n"
            "  skip to last(x) or fail\n"
            "  emit { a: 1, where: b }\n"
            "  on timeout emit {}\n"
            "}\n");
}

TEST(Printer, SeparatesDeclarations) {
  EXPECT_EQ(reprinted("list a:int=[1,2] list b:ip=[] macro m()=x macro n(p,q)=p+q stream s{} "
                      "rule r{}"),
            "list a: int = [1, 2]\nlist b: ip = []\n\nmacro m() = x\nmacro n(p, q) = p + q\n\n"
            "stream s {\n}\n\nrule r {\n}\n");
}

TEST(Printer, PutsABareOnTimeoutLast) {
  const std::string text = "rule r {\n  on s by k\n  begin a\n  emit { n: 1 }\n  on timeout\n}\n";
  EXPECT_EQ(reprinted("rule r { on s by k begin a emit { n: 1 } on timeout }"), text);
  const std::string topics =
      "rule r {\n  on s by k\n  begin a\n  emit { n: 1 } to topic \"t\", topic \"u\"\n"
      "  on timeout emit {} to topic \"v\"\n}\n";
  EXPECT_EQ(reprinted(topics), topics);
  EXPECT_EQ(reprinted(text), text);
}

TEST(Printer, KeepsOnlyTheBracketsThatMatter) {
  EXPECT_EQ(expression("((a or (b and c)))"), "a or b and c");
  EXPECT_EQ(expression("(a or b) and c"), "(a or b) and c");
  EXPECT_EQ(expression("a - (b - c)"), "a - (b - c)");
  EXPECT_EQ(expression("(a - b) - c"), "a - b - c");
  EXPECT_EQ(expression("(a ?? b) ?? (c ?? d)"), "(a ?? b) ?? c ?? d");
  EXPECT_EQ(expression("not (a == b)"), "not a == b");
  EXPECT_EQ(expression("(not a) == b"), "(not a) == b");
  EXPECT_EQ(expression("(a < b) == (c < d)"), "(a < b) == (c < d)");
  EXPECT_EQ(expression("(a is null) is not null"), "(a is null) is not null");
  EXPECT_EQ(expression("-(a.b) * (-c)"), "-a.b * -c");
  EXPECT_EQ(expression("(-a).b"), "(-a).b");
  EXPECT_EQ(expression("(a + b).c"), "(a + b).c");
  EXPECT_EQ(expression("x in (1)..(2 + 3)"), "x in 1..2 + 3");
}

TEST(Printer, WritesLiteralsAsTheyAreRead) {
  EXPECT_EQ(expression("[1, 1.0, 1e300, \"a\\nb\", r\"\\d\", true, null]"),
            "[1, 1.0, 1e+300, \"a\\nb\", r\"\\d\", true, null]");
  EXPECT_EQ(expression("[90m, @2026-01-31T01:00:00.50+01:00]"),
            "[1h30m, @2026-01-31T00:00:00.500Z]");
  EXPECT_EQ(expression("[10.0.0.1, 10.0.0.1/32, 10.0.0.0/8, ip\"2001:DB8::1\", ip\"::1/128\"]"),
            "[10.0.0.1, 10.0.0.1/32, 10.0.0.0/8, ip\"2001:db8::1\", ip\"::1/128\"]");
  EXPECT_EQ(expression("-9223372036854775808 - 1"), "-9223372036854775808 - 1");
  EXPECT_EQ(expression("(-9223372036854775808).x"), "(-9223372036854775808).x");
}

TEST(Printer, QuotesNamesOnlyWhereTheyNeedIt) {
  EXPECT_EQ(expression("`user` + `where` + x.`where` + x.`a b`"),
            "user + `where` + x.where + x.`a b`");
  EXPECT_EQ(expression("`any`(x) or any(`in` in y: `in`)"), "`any`(x) or any(`in` in y: `in`)");
  EXPECT_EQ(expression("`NOT` and `NOT`(x)"), "`NOT` and `NOT`(x)");
}

TEST(Printer, KeepsTheTreeOfSampleTexts) {
  for (const std::string each :
       {"x in 1..2 and y not in a<..<b", "any(a in [1, 2]: a in 1..<2) or all(b in c.d: not b)",
        "f(a, g(), [h]).b.c is not null", "not not a", "- - a", "a not like \"x\" and not b",
        "(a, b)", "1 + 2 * 3 - 4 / 5 % 6 ?? 7 < 8"}) {
    const Parsed parsed("macro m() = " + each);
    if (parsed.diagnostics.has_errors()) continue;
    const std::string printed = print(parsed.ast);
    EXPECT_EQ(shape(Parsed(printed).ast), shape(parsed.ast)) << printed;
    EXPECT_EQ(reprinted(printed), printed);
  }
}

// ---- Random trees ------------------------------------------------------------------------------

class RandomTree {
 public:
  explicit RandomTree(std::uint32_t seed) : random_(seed) {}

  FileAst file() {
    FileAst ast;
    for (std::size_t i = up_to(4); i > 0; --i) {
      switch (up_to(5)) {
        case 0:
          ast.declarations.emplace_back(ListDecl{name(), type(), exprs(3), {}});
          break;
        case 1:
          ast.declarations.emplace_back(MacroDecl{name(), names(0), expr(4), {}});
          break;
        case 2:
          ast.declarations.emplace_back(stream());
          break;
        case 3:
          ast.declarations.emplace_back(derived());
          break;
        default:
          ast.declarations.emplace_back(rule());
      }
    }
    return ast;
  }

 private:
  std::size_t up_to(std::size_t end) { return random_() % end; }
  bool coin() { return up_to(2) == 0; }

  Name name() {
    static const std::vector<std::string> names_to_pick = {
        "a",    "user",     "where",     "and",     "time",  "x y",      "any",   "all",
        "NOT",  "first",    "ingestion", "timeout", "gap",   "\xC3\xA4", "r",     "ip",
        "_",    "e5",       "between",   "has",     "to",    "emit",     "1",     "from",
        "by",   "window",   "select",    "join",    "union", "late",     "of",    "as",
        "left", "lateness", "interval",  "matches", "group", "every",    "stream"};
    return Name{names_to_pick[up_to(names_to_pick.size())], {}};
  }
  std::vector<Name> names(std::size_t least) {
    std::vector<Name> out;
    for (std::size_t i = least + up_to(3); i > 0; --i) out.push_back(name());
    return out;
  }
  std::string string() {
    static const std::vector<std::string> strings_to_pick = {
        "",         "a b",   "\\d+", "say \"x\"", "\n\t\r", "\\\"", "\xC3\xA4\xF0\x9F\x98\x80",
        "\x01\x7F", "// no", "`",    "{}"};
    return strings_to_pick[up_to(strings_to_pick.size())];
  }
  TypeName type() { return TypeName{name(), coin(), coin(), {}}; }
  Duration duration() { return Duration::millis(static_cast<std::int64_t>(random_() % 200000000)); }

  template <typename T>
  std::optional<T> maybe(T value) {
    if (coin()) return std::nullopt;
    return value;
  }
  std::vector<Expr> exprs(int depth) {
    std::vector<Expr> out;
    for (std::size_t i = up_to(4); i > 0; --i) out.push_back(expr(depth - 1));
    return out;
  }

  Expr make(ExprKind kind, std::vector<Expr> args) {
    Expr out;
    out.kind = kind;
    out.args = std::move(args);
    return out;
  }

  Expr literal() {
    Expr out;
    switch (up_to(9)) {
      case 0:
        out.kind = ExprKind::kNull;
        break;
      case 1:
        out.kind = ExprKind::kBool;
        out.literal = coin();
        break;
      case 2:
        out.kind = ExprKind::kInt;
        out.literal = up_to(5) == 0 ? std::numeric_limits<std::int64_t>::min()
                                    : static_cast<std::int64_t>(random_());
        break;
      case 3:
        out.kind = ExprKind::kFloat;
        out.literal = static_cast<double>(random_()) / (coin() ? 7.0 : 1e200);
        break;
      case 4:
        out.kind = ExprKind::kString;
        out.literal = string();
        break;
      case 5:
        out.kind = ExprKind::kIp;
        out.literal = *IpAddress::parse(coin() ? "192.0.2.1" : "2001:db8::1");
        break;
      case 6:
        out.kind = ExprKind::kNetwork;
        out.literal = *IpNetwork::parse(coin()   ? "10.0.0.0/8"
                                        : coin() ? "10.0.0.1/32"
                                                 : "fe80::/10");
        break;
      case 7:
        out.kind = ExprKind::kDuration;
        out.literal = duration();
        break;
      default:
        out.kind = ExprKind::kTime;
        out.literal = EventTime::from_millis(static_cast<std::int64_t>(random_()) * 1000 +
                                             static_cast<std::int64_t>(up_to(2)));
    }
    return out;
  }

  Expr expr(int depth) {
    if (depth <= 0 || up_to(8) == 0) {
      if (coin()) return literal();
      Expr out = make(ExprKind::kName, {});
      out.name = name();
      return out;
    }
    switch (up_to(8)) {
      case 0:
        return unary(depth);
      case 1: {
        Expr out = make(ExprKind::kMember, {expr(depth - 1)});
        out.name = name();
        return out;
      }
      case 2: {
        Expr out = make(ExprKind::kCall, exprs(depth));
        out.name = name();
        return out;
      }
      case 3: {
        Expr out = make(ExprKind::kIsNull, {expr(depth - 1)});
        out.negated = coin();
        return out;
      }
      case 4:
        return make(ExprKind::kList, exprs(depth));
      case 5: {
        Expr out =
            make(coin() ? ExprKind::kAny : ExprKind::kAll, {expr(depth - 1), expr(depth - 1)});
        out.name = name();
        return out;
      }
      default:
        return binary(depth);
    }
  }

  Expr unary(int depth) {
    const bool is_not = coin();
    Expr operand = expr(depth - 1);
    // `-9223372036854775808` is a literal, so a minus before its amount cannot be in a tree.
    Expr out = make(ExprKind::kUnary, {std::move(operand)});
    out.op = is_not ? "not" : "-";
    return out;
  }

  Expr binary(int depth) {
    static const std::vector<std::string> operators = {
        "or", "and",  "==",    "!=",      "<",        "<=",       ">",           ">=",
        "in", "like", "ilike", "matches", "imatches", "contains", "starts_with", "ends_with",
        "??", "+",    "-",     "*",       "/",        "%"};
    Expr out = make(ExprKind::kBinary, {expr(depth - 1), expr(depth - 1)});
    const std::size_t index = up_to(operators.size());
    out.op = operators[index];
    out.negated = index >= 8 && index <= 15 && coin();
    if (out.op == "in" && coin()) {
      Expr range = make(ExprKind::kRange, {expr(depth - 1), expr(depth - 1)});
      range.open_low = coin();
      range.open_high = coin();
      out.args[1] = std::move(range);
    }
    return out;
  }

  StreamDecl stream() {
    StreamDecl out;
    out.name = name();
    out.file = maybe(FileSource{string(), {}, coin()});
    if (!out.file) out.log = maybe(LogName{string(), {}});
    if (coin()) out.format = format();
    out.skip_unmatched = maybe(coin());
    for (std::size_t i = up_to(4); i > 0; --i) {
      out.fields.push_back(FieldDecl{name(), type(), maybe(expr(3)), {}});
    }
    if (coin()) out.time = time();
    out.out_of_order = maybe(duration());
    out.idle = maybe(duration());
    return out;
  }

  FormatDecl format() {
    FormatDecl out;
    out.kind = static_cast<FormatKind>(up_to(3));
    if (out.kind == FormatKind::kJson) out.at = names(0);
    if (out.kind == FormatKind::kText) out.regex = string();
    if (out.kind == FormatKind::kCsv) {
      out.delimiter = maybe(string());
      out.columns = maybe(names(0));
    }
    return out;
  }

  TimeDecl time() {
    TimeDecl out;
    out.kind = static_cast<TimeKind>(up_to(4));
    if (out.kind != TimeKind::kIngestion) out.field = name();
    if (out.kind == TimeKind::kFieldUnit) out.unit.text = coin() ? "ms" : "s";
    if (out.kind == TimeKind::kFieldFormat) {
      out.format = string();
      out.zone = maybe(string());
      out.infer_year = coin();
    }
    return out;
  }

  KeyDecl key() { return KeyDecl{names(1), {}}; }

  StageDecl stage(int depth) {
    StageDecl out;
    out.word = static_cast<StageWord>(up_to(6));
    out.is_group = depth > 0 && up_to(4) == 0;
    if (out.is_group) {
      for (std::size_t i = 1 + up_to(3); i > 0; --i) out.members.push_back(stage(depth - 1));
    } else {
      out.name = name();
      out.stream = maybe(name());
    }
    out.by = maybe(key());
    out.where = maybe(expr(4));
    if (coin()) out.gap = DurationDecl{duration(), {}};
    if (coin()) out.within_previous = DurationDecl{duration(), {}};
    if (coin()) {
      const auto least = static_cast<std::int64_t>(1 + up_to(5));
      out.quantifier =
          QuantifierDecl{least, maybe(least + static_cast<std::int64_t>(up_to(3))), false, {}};
      if (up_to(3) == 0) out.quantifier = QuantifierDecl{1, std::nullopt, true, {}};
    }
    out.optional_word = maybe(Span{});
    out.greedy_word = maybe(Span{});
    out.consecutive_word = maybe(Span{});
    out.combinations_word = maybe(Span{});
    out.until = maybe(expr(3));
    return out;
  }

  EmitDecl emit() {
    EmitDecl out;
    for (std::size_t i = up_to(4); i > 0; --i) out.fields.push_back(EmitField{name(), expr(3)});
    for (std::size_t i = up_to(2); i > 0; --i) out.logs.push_back(LogName{string(), {}});
    for (std::size_t i = up_to(2); i > 0; --i) out.topics.push_back(string());
    return out;
  }

  RuleDecl rule() {
    RuleDecl out;
    out.name = name();
    out.doc = maybe(string());
    out.severity = maybe(name());
    for (std::size_t i = up_to(3); i > 0; --i) out.tags.push_back(string());
    for (std::size_t i = up_to(3); i > 0; --i) {
      out.inputs.push_back(InputDecl{name(), maybe(key()), {}});
    }
    out.dialect = maybe(name());
    if (coin()) {
      out.order = OrderDecl{};
      for (std::size_t i = 1 + up_to(2); i > 0; --i) {
        out.order->fields.push_back(OrderField{name(), coin()});
      }
    }
    for (std::size_t i = up_to(4); i > 0; --i) out.stages.push_back(stage(2));
    out.within = maybe(duration());
    if (coin()) {
      SkipDecl skip;
      skip.kind = static_cast<SkipKind>(up_to(5));
      const bool has_target = skip.kind == SkipKind::kToFirst || skip.kind == SkipKind::kToLast;
      if (has_target) skip.target = name();
      skip.or_fail = has_target && coin();
      out.skip = skip;
    }
    out.emit = maybe(emit());
    if (coin()) out.on_timeout = coin() ? emit() : EmitDecl{true, {}, {}, {}, {}};
    return out;
  }

  CountDecl count() { return CountDecl{static_cast<std::int64_t>(random_()), {}}; }

  WindowDecl window() {
    WindowDecl out;
    out.word = static_cast<WindowWord>(up_to(5));
    const bool slides = out.word == WindowWord::kSliding;
    const bool counts = out.word == WindowWord::kCount || out.word == WindowWord::kGlobal;
    if (!counts) out.size = DurationDecl{duration(), {}};
    if (slides) out.every = DurationDecl{duration(), {}};
    if (slides || out.word == WindowWord::kTumbling)
      out.offset = maybe(DurationDecl{duration(), {}});
    if (out.word == WindowWord::kCount) out.count = count();
    if (counts) out.count_every = maybe(count());
    out.lateness = maybe(DurationDecl{duration(), {}});
    return out;
  }

  std::optional<SelectDecl> select() { return maybe(SelectDecl{emit().fields, {}}); }

  JoinQuery join() {
    JoinQuery out;
    out.left = JoinSideDecl{name(), maybe(name())};
    out.right = JoinSideDecl{name(), maybe(name())};
    out.on = maybe(expr(3));
    if (coin()) {
      const Duration lower = Duration::millis(duration().to_millis() - 100000000);
      out.interval = IntervalDecl{lower, duration(), coin(), coin(), {}};
    } else if (coin()) {
      out.window = window();
      out.kind_word = maybe(Span{});
      if (out.kind_word) out.kind = static_cast<JoinWord>(up_to(5));
    }
    out.where = maybe(expr(3));
    out.select = select();
    return out;
  }

  DerivedDecl derived() {
    DerivedDecl out;
    out.name = name();
    switch (up_to(4)) {
      case 0:
        out.query = FromQuery{name(), maybe(expr(3)), maybe(key()), maybe(window()), select()};
        break;
      case 1:
        out.query = UnionQuery{names(2)};
        break;
      case 2:
        out.query = join();
        break;
      default:
        out.query = ResultQuery{static_cast<ResultWord>(up_to(3)), name()};
    }
    return out;
  }

  std::mt19937 random_;
};

TEST(Printer, WritesRandomTreesThatReadBackTheSame) {
  for (std::uint32_t seed = 0; seed < 4000; ++seed) {
    const FileAst ast = RandomTree(seed).file();
    const std::string printed = print(ast);
    const Parsed parsed(printed);
    ASSERT_FALSE(parsed.diagnostics.has_errors())
        << "seed " << seed << "\n"
        << printed << to_text(parsed.diagnostics, parsed.file);
    ASSERT_EQ(shape(parsed.ast), shape(ast)) << "seed " << seed << "\n" << printed;
    ASSERT_EQ(print(parsed.ast), printed) << "seed " << seed;
  }
}

}  // namespace
}  // namespace lymer::rules
