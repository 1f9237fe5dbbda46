// Names to streams, rules and fields; values to constants of the fields' types.
// Not here: the types of expressions (rules/expression_binder.h).
#include "rules/test_block_binder.h"

#include <algorithm>
#include <variant>

#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/expression_binder.h"
#include "rules/scope.h"
#include "rules/words.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

std::string hint_for(const std::string& name, const std::vector<std::string>& known) {
  const std::string hint = suggestion(name, known);
  return hint.empty() ? text("known: {}", join_names(known)) : hint;
}

// What a rule says of a match, or of a timeout.
const EmitPlan& emit_of(const RulePlan& rule, ExpectedWord word) {
  static const EmitPlan none;
  if (word == ExpectedWord::kMatch) return rule.emit;
  return rule.on_timeout ? *rule.on_timeout : none;
}

}  // namespace

std::optional<TestPlan> TestBlockBinder::bind() {
  if (decl_.has_errors || declarations_.has_parse_error(decl_.span)) return std::nullopt;
  TestPlan plan{.name = decl_.name,
                .rules = {},
                .rows = {},
                .expectations = {},
                .nothing_else = decl_.nothing_else.has_value(),
                .span = decl_.span};
  bool is_whole = true;
  for (const Name& each : decl_.of) {
    is_whole = is_known_rule(each) && is_whole;
    plan.rules.push_back(each.text);
  }
  std::int64_t events = 0;
  for (const TestRowDecl& each : decl_.rows) {
    auto row = bind_row(each);
    is_whole = is_whole && row.has_value();
    if (!row) continue;
    events += std::min(row->count, kMostEvents + 1);
    plan.rows.push_back(std::move(*row));
  }
  for (const ExpectationDecl& each : decl_.expectations) {
    auto expected = bind_expectation(each);
    is_whole = is_whole && expected.has_value();
    if (expected) plan.expectations.push_back(std::move(*expected));
  }
  if (decl_.expectations.empty() && !decl_.nothing_else) {
    declarations_.report(Code::kEmptyTest, decl_.name_span, "the test expects nothing",
                         "write `expect match ...` or `expect nothing else`");
    is_whole = false;
  }
  if (events > kMostEvents) {
    declarations_.report(Code::kEmptyTest, decl_.name_span,
                         text("the test has more than {} events", kMostEvents));
    is_whole = false;
  }
  if (!is_whole) return std::nullopt;
  return plan;
}

bool TestBlockBinder::is_known_rule(const Name& name) {
  if (rule_names_.contains(name.text)) return true;
  const std::vector<std::string> known(rule_names_.begin(), rule_names_.end());
  declarations_.report(Code::kUnknownRule, name.span, text("there is no rule `{}`", name.text),
                       suggestion(name.text, known));
  return false;
}

const StreamPlan* TestBlockBinder::find_stream(const Name& name) {
  std::vector<std::string> names;
  for (const StreamPlan& each : set_.streams) {
    if (each.name == name.text) return &each;
    names.push_back(each.name);
  }
  if (!declarations_.has_nameless) {
    declarations_.report(Code::kUnknownStream, name.span,
                         text("there is no stream `{}`", name.text), hint_for(name.text, names));
  }
  return nullptr;
}

std::optional<TestRowPlan> TestBlockBinder::bind_row(const TestRowDecl& row) {
  const StreamPlan* stream = find_stream(row.stream);
  if (stream == nullptr) return std::nullopt;
  if (!std::holds_alternative<SourcePlan>(stream->origin)) {
    declarations_.report(Code::kTestStream, row.stream.span,
                         text("stream `{}` is made of others", stream->name),
                         "give rows to the streams that it reads");
    return std::nullopt;
  }
  TestRowPlan plan{.stream = static_cast<std::size_t>(stream - set_.streams.data()),
                   .at = row.at,
                   .count = row.count,
                   .every = row.every.value_or(Duration{}),
                   .values = {},
                   .span = row.span};
  bool is_whole = true;
  std::vector<std::string> known;
  for (const runtime::Field& each : stream->schema->fields()) {
    if (!each.hidden) known.push_back(each.name);
  }
  for (const EmitField& each : row.fields) {
    const auto slot = stream->schema->slot_of(each.name.text);
    if (!slot || stream->schema->fields()[*slot].hidden) {
      is_whole = false;
      if (stream->incomplete) continue;
      declarations_.report(Code::kUnknownField, each.name.span,
                           text("stream `{}` has no field `{}`", stream->name, each.name.text),
                           hint_for(each.name.text, known));
      continue;
    }
    auto value = bind_value(each, stream->schema->fields()[*slot].type);
    is_whole = is_whole && value.has_value();
    if (value) plan.values.emplace_back(*slot, std::move(*value));
  }
  if (!is_whole) return std::nullopt;
  return plan;
}

std::optional<ExpectationPlan> TestBlockBinder::bind_expectation(const ExpectationDecl& expected) {
  const bool is_late = expected.word == ExpectedWord::kLate;
  if (expected.of && is_late && find_stream(*expected.of) == nullptr) return std::nullopt;
  if (expected.of && !is_late && !is_known_rule(*expected.of)) return std::nullopt;
  ExpectationPlan plan{.word = expected.word,
                       .of = expected.of ? expected.of->text : std::string(),
                       .fields = {},
                       .at = expected.at,
                       .span = expected.span};
  bool is_whole = true;
  for (const EmitField& each : expected.fields) {
    const auto type = is_late ? late_type_of(expected, each.name) : type_of(expected, each.name);
    auto value = type ? bind_value(each, *type) : std::nullopt;
    is_whole = is_whole && value.has_value();
    if (value) plan.fields.emplace_back(each.name.text, std::move(*value));
  }
  if (!is_whole) return std::nullopt;
  return plan;
}

std::vector<const RulePlan*> TestBlockBinder::rules_of(const ExpectationDecl& expected) const {
  std::vector<const RulePlan*> found;
  for (const RulePlan& each : set_.rules) {
    const bool is_meant =
        expected.of ? each.name == expected.of->text
                    : decl_.of.empty() || std::ranges::any_of(decl_.of, [&](const Name& name) {
                        return name.text == each.name;
                      });
    if (is_meant) found.push_back(&each);
  }
  return found;
}

std::optional<runtime::Type> TestBlockBinder::type_of(const ExpectationDecl& expected,
                                                      const Name& field) {
  std::vector<std::string> known;
  const std::vector<const RulePlan*> rules = rules_of(expected);
  for (const RulePlan* rule : rules) {
    if (const EmitPlan& emit = emit_of(*rule, expected.word)) {
      for (const cep::EmitField& each : *emit) {
        if (each.name == field.text) return each.value.type;
        known.push_back(each.name);
      }
      continue;
    }
    for (const runtime::Field& each : rule->key->fields()) {
      if (each.name == field.text) return each.type;
      known.push_back(each.name);
    }
  }
  // A rule with an error of its own is not here.
  if (rules.empty()) return std::nullopt;
  declarations_.report(Code::kUnknownResult, field.span,
                       text("a {} has no field `{}`", to_string(expected.word), field.text),
                       known.empty() ? "" : hint_for(field.text, known),
                       {"a result has the fields of `emit`, or of the key where there is none"});
  return std::nullopt;
}

std::optional<runtime::Type> TestBlockBinder::late_type_of(const ExpectationDecl& expected,
                                                           const Name& field) {
  for (const StreamPlan& each : set_.streams) {
    if (expected.of && each.name != expected.of->text) continue;
    if (const auto slot = each.schema->slot_of(field.text)) {
      return each.schema->fields()[*slot].type;
    }
  }
  declarations_.report(Code::kUnknownField, field.span,
                       text("no event that can be late has a field `{}`", field.text));
  return std::nullopt;
}

std::optional<runtime::Expression> TestBlockBinder::bind_value(const EmitField& field,
                                                               runtime::Type type) {
  Scope scope;
  ExpressionBinder binder(declarations_, scope);
  const std::string what = text("field `{}`", field.name.text);
  const bool is_empty_list = field.value.kind == ExprKind::kList && field.value.args.empty();
  auto value = is_empty_list ? binder.bind(field.value) : binder.bind_as(field.value, type, what);
  if (!value) return std::nullopt;
  // Nothing that has a name can be asked for here.
  LYMER_CHECK(value->op == runtime::Op::kConstant, "a value of a test is a constant");
  return value;
}

}  // namespace lymer::rules
