// Declarations clause by clause, expressions by the parser's own table of precedences.
// Not here: derived streams (rules/printer_query.h), the literals (rules/literal.h) and which names
// need back-quotes (rules/words.h).
#include "rules/printer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/ast.h"
#include "rules/literal.h"
#include "rules/parser_operator.h"
#include "rules/printer_parts.h"
#include "rules/printer_query.h"
#include "rules/printer_test_block.h"
#include "rules/words.h"
#include "runtime/base/check.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

void append_expr(std::string& out, const Expr& expr, Precedence lowest);

std::string write_ip(const IpAddress& address) {
  return address.is_v4() ? address.to_string() : text("ip\"{}\"", address.to_string());
}

std::string write_network(const IpNetwork& network) {
  // IpNetwork writes a network of one address as that address, which would read back as one.
  std::string plain = network.to_string();
  if (network.prefix_bits == 128) plain += network.address.is_v4() ? "/32" : "/128";
  return network.address.is_v4() ? plain : text("ip\"{}\"", plain);
}

struct LiteralWriter {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return text("{}", value); }
  std::string operator()(double value) const { return write_float(value); }
  std::string operator()(const std::string& value) const { return write_string(value); }
  std::string operator()(const IpAddress& value) const { return write_ip(value); }
  std::string operator()(const IpNetwork& value) const { return write_network(value); }
  std::string operator()(Duration value) const { return write_duration(value); }
  std::string operator()(EventTime value) const { return text("@{}", write_instant(value)); }
};

// `any(` and `all(` start an expression of their own, so a function of that name is quoted.
std::string write_function(std::string_view name) {
  return name == "any" || name == "all" ? text("`{}`", name) : write_name(name);
}

Precedence precedence_of_expr(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kUnary:
      return expr.op == "not" ? Precedence::kNot : Precedence::kUnary;
    case ExprKind::kBinary:
      return precedence_of(expr.op);
    case ExprKind::kIsNull:
    case ExprKind::kRange:
      return Precedence::kComparison;
    case ExprKind::kInt:
      // The smallest int is written with its sign.
      return std::get<std::int64_t>(expr.literal) < 0 ? Precedence::kUnary : Precedence::kPostfix;
    default:
      return Precedence::kPostfix;
  }
}

void append_elements(std::string& out, const std::vector<Expr>& elements) {
  bool is_first = true;
  for (const Expr& each : elements) {
    if (!is_first) out += ", ";
    is_first = false;
    append_expr(out, each, Precedence::kOr);
  }
}

void append_binary(std::string& out, const Expr& expr) {
  LYMER_CHECK_EQ(expr.args.size(), 2U);
  const Precedence own = precedence_of(expr.op);
  const bool groups_right = own == Precedence::kCoalesce;
  const bool groups_left = !groups_right && own != Precedence::kComparison;
  append_expr(out, expr.args[0], groups_left ? own : one_tighter(own));
  append_text(out, " {}{} ", expr.negated ? "not " : "", expr.op);
  const bool is_range = expr.args[1].kind == ExprKind::kRange;
  append_expr(out, expr.args[1], groups_right || is_range ? own : one_tighter(own));
}

void append_range(std::string& out, const Expr& expr) {
  LYMER_CHECK_EQ(expr.args.size(), 2U);
  append_expr(out, expr.args[0], Precedence::kCoalesce);
  append_text(out, "{}..{}", expr.open_low ? "<" : "", expr.open_high ? "<" : "");
  append_expr(out, expr.args[1], Precedence::kCoalesce);
}

void append_bare(std::string& out, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kName:
      out += write_name(expr.name.text);
      break;
    case ExprKind::kMember:
      append_expr(out, expr.args.at(0), Precedence::kPostfix);
      append_text(out, ".{}", write_free_name(expr.name.text));
      break;
    case ExprKind::kCall:
      append_text(out, "{}(", write_function(expr.name.text));
      append_elements(out, expr.args);
      out += ')';
      break;
    case ExprKind::kUnary:
      out += expr.op == "not" ? "not " : "-";
      append_expr(out, expr.args.at(0), precedence_of_expr(expr));
      break;
    case ExprKind::kBinary:
      append_binary(out, expr);
      break;
    case ExprKind::kIsNull:
      append_expr(out, expr.args.at(0), Precedence::kCoalesce);
      out += expr.negated ? " is not null" : " is null";
      break;
    case ExprKind::kRange:
      append_range(out, expr);
      break;
    case ExprKind::kList:
      out += '[';
      append_elements(out, expr.args);
      out += ']';
      break;
    case ExprKind::kAny:
    case ExprKind::kAll:
      append_text(out, "{}({} in ", expr.kind == ExprKind::kAny ? "any" : "all",
                  write_name(expr.name.text));
      append_expr(out, expr.args.at(0), Precedence::kCoalesce);
      out += ": ";
      append_expr(out, expr.args.at(1), Precedence::kOr);
      out += ')';
      break;
    case ExprKind::kError:
      out += "<error>";
      break;
    default:
      out += std::visit(LiteralWriter{}, expr.literal);
  }
}

// Writes `expr` where an expression of at least the precedence `lowest` may stand.
void append_expr(std::string& out, const Expr& expr, Precedence lowest) {
  const bool needs_brackets = precedence_of_expr(expr) < lowest;
  if (needs_brackets) out += '(';
  append_bare(out, expr);
  if (needs_brackets) out += ')';
}

// ---- Declarations ------------------------------------------------------------------------------

std::string write_type(const TypeName& type) {
  const std::string name = write_name(type.name.text);
  return text("{}{}", type.is_list ? text("[{}]", name) : name, type.nullable ? "?" : "");
}

void append_format(std::string& out, const FormatDecl& format) {
  out += "  format ";
  if (format.kind == FormatKind::kJson) out += "json";
  for (std::size_t i = 0; i < format.at.size(); ++i) {
    const std::string& part = format.at[i].text;
    out += i == 0 ? text(" at {}", write_name(part)) : text(".{}", write_free_name(part));
  }
  if (format.kind == FormatKind::kText) append_text(out, "text {}", write_string(format.regex));
  if (format.kind == FormatKind::kRaw) out += "raw";
  if (format.kind == FormatKind::kCsv) {
    out += "csv";
    if (format.delimiter) append_text(out, " delimiter {}", write_string(*format.delimiter));
    if (format.columns) append_text(out, " columns [{}]", joined(*format.columns, ", "));
  }
  out += '\n';
}

void append_time(std::string& out, const TimeDecl& time) {
  // The word `ingestion` stands where a field would.
  const std::string field =
      time.field.text == "ingestion" ? "`ingestion`" : write_name(time.field.text);
  append_text(out, "  time {}", time.kind == TimeKind::kIngestion ? "ingestion" : field);
  if (time.kind == TimeKind::kFieldUnit) append_text(out, " unit {}", time.unit.text);
  if (time.kind == TimeKind::kFieldFormat) {
    append_text(out, " format {}", write_string(time.format));
    if (time.zone) append_text(out, " zone {}", write_string(*time.zone));
    if (time.infer_year) out += " year infer";
  }
  out += '\n';
}

void append_topics(std::string& out, const TopicSource& source) {
  out += source.names.empty() ? "  from topics " + write_string(source.pattern) : "  from topic ";
  for (std::size_t i = 0; i < source.names.size(); ++i) {
    out += (i == 0 ? "" : ", ") + write_string(source.names[i]);
  }
  if (source.start) {
    constexpr std::array<std::string_view, 3> kWords = {"committed", "earliest", "latest"};
    const bool is_word = *source.start != TopicStart::kInstant;
    append_text(out, " start {}",
                is_word ? std::string(kWords[static_cast<std::size_t>(*source.start)])
                        : LiteralWriter{}(source.instant));
  }
  out += '\n';
}

void append_declaration(std::string& out, const StreamDecl& stream) {
  append_text(out, "stream {} {{\n", write_name(stream.name.text));
  if (stream.file) {
    append_text(out, "  from file {}{}\n", write_string(stream.file->path),
                stream.file->follow ? " follow" : "");
  }
  if (stream.topics) append_topics(out, *stream.topics);
  if (stream.log) append_text(out, "  from log {}\n", write_string(stream.log->name));
  if (stream.format) append_format(out, *stream.format);
  if (stream.skip_unmatched) {
    append_text(out, "  unmatched {}\n", *stream.skip_unmatched ? "skip" : "reject");
  }
  for (const FieldDecl& each : stream.fields) {
    append_text(out, "  field {}: {}", write_name(each.name.text), write_type(each.type));
    if (each.value) append_text(out, " = {}", print(*each.value));
    out += '\n';
  }
  if (stream.time) append_time(out, *stream.time);
  if (stream.out_of_order) {
    append_text(out, "  out_of_order {}\n", write_duration(*stream.out_of_order));
  }
  if (stream.idle) append_text(out, "  idle {}\n", write_duration(*stream.idle));
  out += "}\n";
}

void append_declaration(std::string& out, const ListDecl& list) {
  append_text(out, "list {}: {} = [", write_name(list.name.text), write_type(list.type));
  append_elements(out, list.elements);
  out += "]\n";
}

void append_declaration(std::string& out, const MacroDecl& macro) {
  append_text(out, "macro {}({}) = {}\n", write_name(macro.name.text),
              joined(macro.parameters, ", "), print(macro.body));
}

std::string write_quantifier(const QuantifierDecl& quantifier) {
  if (quantifier.one_or_more) return "oneOrMore";
  if (!quantifier.maximum) return text("times {} or more", quantifier.minimum);
  if (*quantifier.maximum == quantifier.minimum) return text("times {}", quantifier.minimum);
  return text("times {}..{}", quantifier.minimum, *quantifier.maximum);
}

void append_stage(std::string& out, const StageDecl& stage, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  append_text(out, "{}{} ", indent, to_string(stage.word));
  if (stage.is_group) {
    out += "(\n";
    for (const StageDecl& each : stage.members) append_stage(out, each, depth + 1);
    append_text(out, "{})", indent);
  } else {
    out += write_name(stage.name.text);
  }
  if (stage.stream) append_text(out, ": {}", write_name(stage.stream->text));
  if (stage.by) append_key(out, *stage.by);
  if (stage.where) append_text(out, " where {}", print(*stage.where));
  if (stage.quantifier) append_text(out, " {}", write_quantifier(*stage.quantifier));
  if (stage.optional_word) out += " optional";
  if (stage.greedy_word) out += " greedy";
  if (stage.consecutive_word) out += " consecutive";
  if (stage.combinations_word) out += " allowCombinations";
  if (stage.until) append_text(out, " until {}", print(*stage.until));
  if (stage.gap) append_text(out, " gap {}", write_duration(stage.gap->value));
  if (stage.within_previous) {
    append_text(out, " within {} of previous", write_duration(stage.within_previous->value));
  }
  out += '\n';
}

void append_skip(std::string& out, const SkipDecl& skip) {
  const std::string target = skip.target ? write_name(skip.target->text) : std::string();
  out += "  skip ";
  if (skip.kind == SkipKind::kNone) out += "none";
  if (skip.kind == SkipKind::kToNext) out += "to next";
  if (skip.kind == SkipKind::kPastLast) out += "past last";
  if (skip.kind == SkipKind::kToFirst) append_text(out, "to first({})", target);
  if (skip.kind == SkipKind::kToLast) append_text(out, "to last({})", target);
  if (skip.or_fail) out += " or fail";
  out += '\n';
}

void append_header(std::string& out, const RuleDecl& rule) {
  if (rule.doc) append_text(out, "  doc {}\n", write_string(*rule.doc));
  if (rule.severity) append_text(out, "  severity {}\n", write_name(rule.severity->text));
  if (!rule.tags.empty()) {
    std::string tags;
    for (const std::string& each : rule.tags) {
      append_text(tags, "{}{}", tags.empty() ? "" : ", ", write_string(each));
    }
    append_text(out, "  tags [{}]\n", tags);
  }
  bool is_first = true;
  for (const InputDecl& each : rule.inputs) {
    // `on timeout` alone would be the clause behind the stages.
    const bool is_timeout = is_first && !each.by && each.stream.text == "timeout";
    append_text(out, "{} {}", is_first ? "  on" : ",",
                is_timeout ? "`timeout`" : write_name(each.stream.text));
    is_first = false;
    if (each.by) append_key(out, *each.by);
  }
  if (!is_first) out += '\n';
  if (rule.order) {
    out += "  order by ";
    for (const OrderField& each : rule.order->fields) {
      append_text(out, "{}{}{}", &each == &rule.order->fields.front() ? "" : ", ",
                  write_name(each.name.text), each.is_descending ? " desc" : "");
    }
    out += '\n';
  }
  if (rule.dialect) append_text(out, "  dialect {}\n", write_name(rule.dialect->text));
}

void append_declaration(std::string& out, const RuleDecl& rule) {
  append_text(out, "rule {} {{\n", write_name(rule.name.text));
  append_header(out, rule);
  for (const StageDecl& each : rule.stages) append_stage(out, each, 1);
  if (rule.within) append_text(out, "  within {}\n", write_duration(*rule.within));
  if (rule.skip) append_skip(out, *rule.skip);
  if (rule.emit) {
    out += "  ";
    append_record(out, "emit", rule.emit->fields);
    append_sinks(out, *rule.emit);
    out += '\n';
  }
  // Last, because an `emit` behind a bare `on timeout` would be taken for its own.
  if (rule.on_timeout) {
    out += "  on timeout";
    if (!rule.on_timeout->bare) {
      out += ' ';
      append_record(out, "emit", rule.on_timeout->fields);
      append_sinks(out, *rule.on_timeout);
    }
    out += '\n';
  }
  out += "}\n";
}

void append_declaration(std::string& out, const DerivedDecl& derived) {
  append_query(out, derived);
}

void append_declaration(std::string& out, const TestDecl& test) { append_test(out, test); }

// Lists and macros of a kind stand together without empty lines.
bool stands_close(const Declaration& before, const Declaration& after) {
  return before.index() == after.index() &&
         (std::holds_alternative<ListDecl>(after) || std::holds_alternative<MacroDecl>(after));
}

}  // namespace

std::string print(const Expr& expr) {
  std::string out;
  append_expr(out, expr, Precedence::kOr);
  return out;
}

std::string print(const FileAst& ast) {
  std::string out;
  const Declaration* before = nullptr;
  for (const Declaration& each : ast.declarations) {
    if (before != nullptr && !stands_close(*before, each)) out += '\n';
    std::visit([&out](const auto& declaration) { append_declaration(out, declaration); }, each);
    before = &each;
  }
  return out;
}

}  // namespace lymer::rules
