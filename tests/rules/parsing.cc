// A second, plain way to write a tree: every part in order, every operation in brackets, so that it
// shares no idea with the printer it is used to test.
// Not here: the texts (the tests themselves).
#include "tests/rules/parsing.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

struct LiteralShape {
  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return text("{}", value); }
  std::string operator()(double value) const { return text("float {:a}", value); }
  std::string operator()(const std::string& value) const { return text("\"{}\"", value); }
  std::string operator()(const IpAddress& value) const { return value.to_string(); }
  std::string operator()(const IpNetwork& value) const {
    return text("net {} {}", value.address.to_string(), value.prefix_bits);
  }
  std::string operator()(Duration value) const { return text("{}ms", value.to_millis()); }
  std::string operator()(EventTime value) const { return text("@{}", value.to_millis()); }
};

std::string head_of(const Expr& expr) {
  const std::string negated = expr.negated ? "not " : "";
  switch (expr.kind) {
    case ExprKind::kMember:
      return "." + expr.name.text;
    case ExprKind::kCall:
      return "call " + expr.name.text;
    case ExprKind::kUnary:
    case ExprKind::kBinary:
      return negated + expr.op;
    case ExprKind::kIsNull:
      return negated + "null?";
    case ExprKind::kRange:
      return text("{}..{}", expr.open_low ? "<" : "", expr.open_high ? "<" : "");
    case ExprKind::kList:
      return "list";
    case ExprKind::kAny:
      return "any " + expr.name.text;
    case ExprKind::kAll:
      return "all " + expr.name.text;
    default:
      return "?";
  }
}

// Members, so that each sees all others whatever their order.
struct Shape {
  static std::string of(const Expr& expr) { return shape(expr); }
  static std::string of(const Name& name) { return name.text; }
  static std::string of(const std::string& value) { return text("\"{}\"", value); }
  static std::string of(Duration value) { return text("{}ms", value.to_millis()); }
  static std::string of(bool value) { return value ? "yes" : "no"; }
  static std::string of(Span) { return "yes"; }
  static std::string of(const TypeName& type) {
    return text("{}{}{}", type.is_list ? "list of " : "", type.name.text, type.nullable ? "?" : "");
  }
  static std::string of(const EmitField& field) { return field.name.text + ":" + of(field.value); }

  template <typename T>
  static std::string of(const std::optional<T>& value) {
    return value ? of(*value) : std::string("none");
  }
  template <typename T>
  static std::string of(const std::vector<T>& values) {
    std::string out = "<";
    for (const T& each : values) append_text(out, " {}", of(each));
    return out + " >";
  }

  static std::string of(const FieldDecl& field) {
    return text("(field {} {} {})", field.name.text, of(field.type), of(field.value));
  }
  static std::string of(const InputDecl& input) {
    return text("(on {} {})", input.stream.text, of(input.by));
  }
  static std::string of(const KeyDecl& key) { return of(key.fields); }
  static std::string of(const DurationDecl& duration) { return of(duration.value); }
  static std::string of(const OrderDecl& order) { return of(order.fields); }
  static std::string of(const OrderField& field) {
    return text("{}{}", field.name.text, field.is_descending ? " desc" : "");
  }
  static std::string of(const QuantifierDecl& quantifier) {
    return text("{}-{} {}", quantifier.minimum, quantifier.maximum.value_or(-1),
                quantifier.one_or_more);
  }
  static std::string of(const StageDecl& stage) {
    return text("({} {} {} {} {} {} {} {} {} {} {} {} {} {} {})",
                stage.is_group ? "group" : "stage", static_cast<int>(stage.word), stage.name.text,
                of(stage.stream), of(stage.by), of(stage.where), of(stage.quantifier),
                of(stage.optional_word), of(stage.greedy_word), of(stage.consecutive_word),
                of(stage.combinations_word), of(stage.until), of(stage.gap),
                of(stage.within_previous), of(stage.members));
  }
  static std::string of(const FileSource& source) {
    return text("(file {} {})", source.path, source.follow);
  }
  static std::string of(const FormatDecl& format) {
    return text("(format {} {} {} {} {})", static_cast<int>(format.kind), of(format.at),
                format.regex, of(format.delimiter), of(format.columns));
  }
  static std::string of(const TimeDecl& time) {
    return text("(time {} {} {} {} {} {})", static_cast<int>(time.kind), time.field.text,
                time.format, of(time.zone), time.infer_year, time.unit.text);
  }
  static std::string of(const SkipDecl& skip) {
    return text("(skip {} {} {})", static_cast<int>(skip.kind), of(skip.target), skip.or_fail);
  }
  static std::string of(const EmitDecl& emit) {
    return text("(emit {} {})", emit.bare, of(emit.fields));
  }

  static std::string of(const StreamDecl& stream) {
    return text("(stream {} {} {} {} {} {} {} {} {})", stream.name.text, of(stream.file),
                of(stream.format), of(stream.skip_unmatched), of(stream.fields), of(stream.time),
                of(stream.out_of_order), of(stream.idle), stream.has_errors);
  }
  static std::string of(const ListDecl& list) {
    return text("(list {} {} {} {})", list.name.text, of(list.type), of(list.elements),
                list.has_errors);
  }
  static std::string of(const MacroDecl& macro) {
    return text("(macro {} {} {} {})", macro.name.text, of(macro.parameters), of(macro.body),
                macro.has_errors);
  }
  static std::string of(const RuleDecl& rule) {
    return text("(rule {} {} {} {} {} {} {} {} {} {} {} {} {})", rule.name.text, of(rule.doc),
                of(rule.severity), of(rule.tags), of(rule.inputs), of(rule.order), of(rule.dialect),
                of(rule.stages), of(rule.within), of(rule.skip), of(rule.emit), of(rule.on_timeout),
                rule.has_errors);
  }

  static std::string of(const CountDecl& count) { return text("{}", count.value); }
  static std::string of(const SelectDecl& select) { return of(select.fields); }
  static std::string of(const WindowDecl& window) {
    return text("(window {} {} {} {} {} {} {})", static_cast<int>(window.word), of(window.size),
                of(window.every), of(window.offset), of(window.count), of(window.count_every),
                of(window.lateness));
  }
  static std::string of(const JoinSideDecl& side) {
    return text("(side {} {})", side.stream.text, of(side.alias));
  }
  static std::string of(const IntervalDecl& interval) {
    return text("(interval {} {} {} {})", of(interval.lower), of(interval.upper),
                of(interval.open_low), of(interval.open_high));
  }
  static std::string of(const FromQuery& query) {
    return text("(from {} {} {} {} {})", query.stream.text, of(query.where), of(query.by),
                of(query.window), of(query.select));
  }
  static std::string of(const UnionQuery& query) { return text("(union {})", of(query.streams)); }
  static std::string of(const JoinQuery& query) {
    return text("(join {} {} {} {} {} {} {} {} {})", of(query.left), of(query.right), of(query.on),
                of(query.interval), of(query.window), static_cast<int>(query.kind),
                of(query.kind_word), of(query.where), of(query.select));
  }
  static std::string of(const ResultQuery& query) {
    return text("({} of {})", static_cast<int>(query.word), query.of.text);
  }
  static std::string of(const DerivedDecl& derived) {
    const std::string query =
        std::visit([](const auto& each) { return Shape::of(each); }, derived.query);
    return text("(derived {} {} {})", derived.name.text, query, derived.has_errors);
  }
  static std::string of(const TestDecl& test) {
    std::string out = text("(test {} {} {}", test.name, of(test.of), test.has_errors);
    for (const TestRowDecl& row : test.rows) {
      append_text(out, " (at {} {} {} {} {})", row.at.to_millis(), row.stream.text, of(row.fields),
                  row.count, row.every ? row.every->to_millis() : -1);
    }
    for (const ExpectationDecl& each : test.expectations) {
      append_text(out, " (expect {} {} {} {})", static_cast<int>(each.word),
                  each.of ? each.of->text : "", of(each.fields),
                  each.at ? each.at->to_millis() : -1);
    }
    return out + (test.nothing_else ? " nothing)" : ")");
  }
};

}  // namespace

std::string shape(const Expr& expr) {
  if (expr.kind == ExprKind::kError) return "error";
  if (expr.kind == ExprKind::kNull) return "null";
  if (expr.kind == ExprKind::kName) return expr.name.text;
  if (!std::holds_alternative<std::monostate>(expr.literal)) {
    return std::visit(LiteralShape{}, expr.literal);
  }
  std::string out = "(" + head_of(expr);
  for (const Expr& each : expr.args) append_text(out, " {}", shape(each));
  return out + ")";
}

std::string shape(const FileAst& ast) {
  std::string out;
  for (const Declaration& each : ast.declarations) {
    out += std::visit([](const auto& declaration) { return Shape::of(declaration); }, each) + "\n";
  }
  return out;
}

std::string codes_of(const std::string& text) {
  const Parsed parsed(text);
  std::string out;
  for (const Diagnostic& each : parsed.diagnostics.sorted()) {
    if (!out.empty()) out += ' ';
    out += to_string(each.code);
  }
  return out;
}

std::vector<std::string> marks_of(const std::string& text) {
  const Parsed parsed(text);
  std::vector<std::string> out;
  for (const Diagnostic& each : parsed.diagnostics.sorted()) {
    out.push_back(lymer::text("{} `{}`", to_string(each.code), parsed.file.text(each.span)));
  }
  return out;
}

std::string advice_of(const std::string& text) {
  const Parsed parsed(text);
  const std::vector<Diagnostic> all = parsed.diagnostics.sorted();
  if (all.empty()) return "";
  std::string out = all.front().message + " | " + all.front().label;
  for (const std::string& each : all.front().help) out += " | " + each;
  return out;
}

std::string in_stream(std::string_view clauses) { return text("stream s {{\n  {}\n}}\n", clauses); }

std::string in_rule(std::string_view clauses) { return text("rule r {{\n  {}\n}}\n", clauses); }

std::string in_query(std::string_view query) { return text("stream x = {}\n", query); }

std::string with_condition(std::string_view condition) {
  return in_rule(text("on s by k begin a where {}", condition));
}

std::string tree_of(const std::string& expression) {
  const Parsed parsed("macro m() = " + expression);
  if (parsed.diagnostics.has_errors()) return codes_of("macro m() = " + expression);
  return shape(parsed.at<MacroDecl>(0).body);
}

}  // namespace lymer::rules
