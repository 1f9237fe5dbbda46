// Not here: the tests themselves.
// The sample row and the sample stream stand in the header's comments; keep them alike.
#include "tests/rules/binding.h"

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/expression_binder.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::rules {

using runtime::Type;
using runtime::TypeKind;
using runtime::Value;

namespace {

runtime::SchemaRef make_sample_schema() {
  return std::make_shared<const runtime::Schema>(
      "s", std::vector<runtime::Field>{{"b", {TypeKind::kBool}},
                                       {"i", {TypeKind::kInt}},
                                       {"f", {TypeKind::kFloat}},
                                       {"s", {TypeKind::kString}},
                                       {"ip", {TypeKind::kIp}},
                                       {"t", {TypeKind::kTime}},
                                       {"d", {TypeKind::kDuration}},
                                       {"li", Type::list_of(TypeKind::kInt)},
                                       {"ls", Type::list_of(TypeKind::kString)},
                                       {"lip", Type::list_of(TypeKind::kIp)},
                                       {"nb", {TypeKind::kBool}, true},
                                       {"ni", {TypeKind::kInt}, true},
                                       {"ns", {TypeKind::kString}, true},
                                       {"nls", Type::list_of(TypeKind::kString), true}});
}

void set_list(runtime::RowBuilder& row, std::string_view field, TypeKind element,
              const std::vector<Value>& values) {
  std::vector<std::byte> bytes;
  for (const Value& each : values) runtime::append_list_element(bytes, each);
  row.set(*row.schema().slot_of(field),
          Value::of(runtime::ListView(element, static_cast<std::uint32_t>(values.size()), bytes)));
}

std::vector<std::byte> sample_row() {
  runtime::RowBuilder row(sample_schema());
  row.reset();
  const auto set = [&](std::string_view field, const Value& value) {
    row.set(*sample_schema()->slot_of(field), value);
  };
  set("b", Value::of(true));
  set("i", Value::of(std::int64_t{7}));
  set("f", Value::of(2.5));
  set("s", Value::of("Ann"));
  set("ip", Value::of(*IpAddress::parse("10.1.2.3")));
  set("t", Value::of(*parse_rfc3339("2026-01-01T00:00:00Z")));
  set("d", Value::of(Duration::minutes(5)));
  set_list(row, "li", TypeKind::kInt,
           {Value::of(std::int64_t{1}), Value::of(std::int64_t{2}), Value::of(std::int64_t{3})});
  set_list(row, "ls", TypeKind::kString, {Value::of("a"), Value::of("bc")});
  set_list(row, "lip", TypeKind::kIp, {Value::of(*IpAddress::parse("10.0.0.1"))});
  return {row.bytes().begin(), row.bytes().end()};
}

std::string joined_codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& each : diagnostics.sorted()) {
    out += (out.empty() ? "" : " ") + std::string(to_string(each.code));
  }
  return out;
}

std::vector<std::string> all_marks(const Diagnostics& diagnostics, const SourceFile& file) {
  std::vector<std::string> out;
  for (const Diagnostic& each : diagnostics.sorted()) {
    out.push_back(text("{} `{}`", to_string(each.code), file.text(each.span)));
  }
  return out;
}

}  // namespace

const runtime::SchemaRef& sample_schema() {
  static const runtime::SchemaRef schema = make_sample_schema();
  return schema;
}

Binding::Binding(std::string_view expression, std::string_view declarations)
    : parsed_(text("macro tested() = {}\n{}", expression, declarations)),
      declarations_(parsed_.file, parsed_.diagnostics) {
  EXPECT_FALSE(parsed_.diagnostics.has_errors()) << to_text(parsed_.diagnostics, parsed_.file);
  Scope constants;
  for (const Declaration& each : parsed_.ast.declarations) {
    if (const auto* macro = std::get_if<MacroDecl>(&each)) {
      declarations_.macros[macro->name.text].decl = macro;
    } else if (const auto* list = std::get_if<ListDecl>(&each)) {
      Expr literal;
      literal.kind = ExprKind::kList;
      literal.args = list->elements;
      auto value = ExpressionBinder(declarations_, constants).bind(literal);
      declarations_.lists[list->name.text] = {list, true, std::move(value)};
    }
  }
  scope_.stream = {.name = "s", .fields = &sample_schema()->fields()};
  bound_ = ExpressionBinder(declarations_, scope_).bind(parsed_.at<MacroDecl>(0).body);
  EXPECT_EQ(bound_.has_value(), !parsed_.diagnostics.has_errors())
      << expression << ": " << to_text(parsed_.diagnostics, parsed_.file);
}

std::string Binding::codes() const { return joined_codes(parsed_.diagnostics); }

std::string Binding::type() const {
  if (!bound_) return codes();
  return bound_->type.kind == TypeKind::kNull ? "null" : to_string(bound_->type);
}

std::string Binding::value() const {
  if (!bound_) return codes();
  const std::vector<std::byte> row = sample_row();
  return evaluated(*bound_, runtime::RowView(row, sample_schema()->size()));
}

std::vector<std::string> Binding::marks() const {
  return all_marks(parsed_.diagnostics, parsed_.file);
}

std::string Binding::label() const {
  const std::vector<Diagnostic> all = parsed_.diagnostics.sorted();
  return all.empty() ? "" : all.front().label;
}

std::string type_of(std::string_view expression, std::string_view declarations) {
  return Binding(expression, declarations).type();
}

std::string value_of(std::string_view expression, std::string_view declarations) {
  return Binding(expression, declarations).value();
}

Loaded::Loaded(std::string text)
    : file("rules.cep", std::move(text)), rules(load(file, diagnostics)) {}

std::string Loaded::codes() const { return joined_codes(diagnostics); }

std::vector<std::string> Loaded::marks() const { return all_marks(diagnostics, file); }

std::string Loaded::advice() const {
  const std::vector<Diagnostic> all = diagnostics.sorted();
  if (all.empty()) return "";
  std::string out = all.front().message + " | " + all.front().label;
  for (const std::string& each : all.front().help) out += " | " + each;
  return out;
}

std::string sample_stream() {
  return R"(stream s {
  from file "s.ndjson"
  format json
  field user: string
  field ip: ip
  field ok: bool
  field amount: int
  field score: float
  field country: string?
  field args: [string]
  field at: time
  time at
}
)";
}

std::string with_rule(std::string_view clauses) {
  const bool bounded = clauses.find("within") != std::string_view::npos;
  // Before `emit` and the like or behind them: the clauses of the end stand in any order.
  return sample_stream() +
         text("rule r {{ on s by user {}{} }}\n", clauses, bounded ? "" : " within 1m");
}

std::string with_where(std::string_view condition) {
  return with_rule(text("begin a where {}", condition));
}

void History::add(runtime::HistoryIndex stage, const runtime::SchemaRef& schema,
                  std::string_view user, std::optional<std::int64_t> amount) {
  runtime::RowBuilder row(schema);
  row.reset();
  row.set(*schema->slot_of("user"), Value::of(user));
  if (amount) row.set(*schema->slot_of("amount"), Value::of(*amount));
  events_.push_back({stage, {row.bytes().begin(), row.bytes().end()}, schema->size()});
}

std::size_t History::count(runtime::HistoryIndex history) {
  std::size_t count = 0;
  for (const Event& each : events_) count += each.stage == history ? 1 : 0;
  return count;
}

runtime::RowView History::row(runtime::HistoryIndex history, std::size_t index) {
  for (const Event& each : events_) {
    if (each.stage == history && index-- == 0) return {each.bytes, each.fields};
  }
  return {};
}

std::string evaluated(const runtime::Expression& expression, runtime::RowView row,
                      runtime::Histories* histories) {
  runtime::Scratch scratch;
  runtime::EvaluationContext context{.row = row, .histories = histories, .scratch = scratch};
  const Value value = runtime::evaluate(expression, context);
  std::string out;
  runtime::append_json(out, value);
  return out + std::string(context.errors, '!');
}

}  // namespace lymer::rules
