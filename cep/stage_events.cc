// Names to histories, fields to expressions.
// Not here: keeping what they come to (cep/path_aggregates.cc).
#include "cep/stage_events.h"

#include <algorithm>
#include <utility>

namespace lymer::cep {
namespace {

using runtime::Expression;
using runtime::Op;
using runtime::Type;
using runtime::TypeKind;
using runtime::Value;

bool can_aggregate(Op op, TypeKind kind) {
  switch (op) {
    case Op::kSum:
    case Op::kAvg:
      return kind == TypeKind::kInt || kind == TypeKind::kFloat || kind == TypeKind::kDuration;
    case Op::kMin:
    case Op::kMax:
      return kind != TypeKind::kBool && kind != TypeKind::kList && kind != TypeKind::kJson;
    default:
      return true;
  }
}

}  // namespace

std::optional<runtime::HistoryIndex> StageEvents::index_of(std::string_view stage) const {
  const auto found = std::ranges::find(stages_, stage);
  if (found == stages_.end()) return std::nullopt;
  return static_cast<runtime::HistoryIndex>(found - stages_.begin());
}

std::vector<EventView> StageEvents::events(std::string_view stage) {
  const auto index = index_of(stage);
  if (!index) return {};
  return history_.events(*index);
}

// The aggregate for the events of one stream; over nothing but nulls where the field does not fit.
Expression StageEvents::make(Op op, runtime::HistoryIndex stage, const runtime::Schema& schema,
                             std::string_view field) const {
  Expression made{.op = op, .type = {}, .history = stage};
  if (op == Op::kCount) return made;
  const auto slot = schema.slot_of(field);
  const Type type = slot ? schema.fields()[*slot].type : Type{};
  if (!slot || !can_aggregate(op, type.kind)) {
    made.args = {Expression{.op = Op::kConstant, .type = {}}};
    return made;
  }
  made.type = op == Op::kAvg && type.kind == TypeKind::kInt ? Type{TypeKind::kFloat} : type;
  made.args = {Expression{.op = Op::kField, .type = type, .slot = *slot}};
  return made;
}

const StageEvents::Named& StageEvents::named(Op op, runtime::HistoryIndex stage,
                                             std::string_view field) {
  for (const auto& each : named_) {
    if (each->op == op && each->stage == stage && each->field == field) return *each;
  }
  auto made = std::make_unique<Named>(Named{op, stage, std::string(field), {}});
  std::optional<Type> type;  // That of the first stream with the field; others must agree.
  for (const runtime::SchemaRef& schema : history_.schemas()) {
    Expression expression = make(op, stage, *schema, field);
    const bool reads_field = !expression.args.empty() && expression.args[0].op == Op::kField;
    if (reads_field && type.value_or(expression.type) != expression.type) {
      expression.args = {Expression{.op = Op::kConstant, .type = {}}};
    }
    if (reads_field && !type) type = expression.type;
    made->by_schema.push_back(std::move(expression));
  }
  named_.push_back(std::move(made));
  return *named_.back();
}

Value StageEvents::aggregate(Op op, std::string_view stage, std::string_view field,
                             runtime::EvaluationContext& context) {
  const auto index = index_of(stage);
  if (!index) return op == Op::kCount ? Value::of(std::int64_t{0}) : Value::null();
  return history_.aggregate(named(op, *index, field).by_schema, numbers_, context);
}

}  // namespace lymer::cep
