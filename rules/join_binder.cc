// Joins: two sides with their keys, how near they are, and what is made of pairs.
// Not here: other queries (rules/query_binder.cc).
#include <algorithm>

#include "rules/expression_binder.h"
#include "rules/key_binder.h"
#include "rules/query_binder.h"
#include "runtime/base/text.h"

namespace lymer::rules {

using runtime::Slot;

namespace {

runtime::JoinKind kind_of(JoinWord word) {
  switch (word) {
    case JoinWord::kLeft:
      return runtime::JoinKind::kLeft;
    case JoinWord::kRight:
      return runtime::JoinKind::kRight;
    case JoinWord::kFull:
      return runtime::JoinKind::kFull;
    case JoinWord::kInner:
    case JoinWord::kCoGroup:
      break;
  }
  return runtime::JoinKind::kInner;
}

// `side.field`.
bool is_field_of(const Expr& expr, std::string_view side) {
  return expr.kind == ExprKind::kMember && expr.args[0].kind == ExprKind::kName &&
         expr.args[0].name.text == side;
}

}  // namespace

std::optional<QueryBinder::Side> QueryBinder::bind_side(const JoinSideDecl& side) {
  if (side.stream.text.empty()) return std::nullopt;
  const auto index = stream_named(side.stream);
  if (!index) return std::nullopt;
  return Side{side.alias.value_or(side.stream).text, {.stream = *index}};
}

void QueryBinder::bind_query(const JoinQuery& query) {
  auto left = bind_side(query.left);
  auto right = bind_side(query.right);
  if (!left || !right) return;
  if (left->name == right->name) {
    report(Code::kDuplicateName, query.right.alias.value_or(query.right.stream).span,
           text("both sides are named `{}`", right->name),
           text("write `join {0} first, {0} second on ...`", query.left.stream.text));
    return;
  }
  // Expressions would never reach such a side.
  for (const JoinSideDecl* side : {&query.left, &query.right}) {
    const Name& name = side->alias.value_or(side->stream);
    if (name.text != "window") continue;
    report(Code::kReservedName, name.span, "`window` cannot be the name of a side",
           text("write `{} ALIAS`", side->stream.text));
    return;
  }
  JoinPlan plan;
  plan.is_co_group = query.kind == JoinWord::kCoGroup;
  plan.kind = kind_of(query.kind);
  if (query.on) {
    bind_join_key(*query.on, *left, *right);
  } else {
    report_missing(text("join `{}` does not say which events belong together", plan_.name),
                   text("add `on {}.FIELD == {}.FIELD`", left->name, right->name));
  }
  bind_join_limits(query, plan);
  Scope scope = join_scope(*left, *right, plan.is_co_group);
  if (query.where) {
    plan.where = ExpressionBinder(declarations_, scope).bind_condition(*query.where, "`where`");
  }
  if (query.select) {
    plan.select = bind_select(*query.select, scope);
  } else {
    report_missing(text("join `{}` does not say what a pair gives", plan_.name),
                   text("add `select {{ NAME: {}.FIELD, ... }}`", left->name));
  }
  plan.left = std::move(left->input);
  plan.right = std::move(right->input);
  plan_.origin = std::move(plan);
}

// Equal fields of both sides, any number of them.
void QueryBinder::bind_join_key(const Expr& on, Side& left, Side& right) {
  if (on.kind == ExprKind::kBinary && on.op == "and") {
    bind_join_key(on.args[0], left, right);
    bind_join_key(on.args[1], left, right);
    return;
  }
  if (on.kind == ExprKind::kError || bind_join_equality(on, left, right)) return;
  report(Code::kJoinCondition, on.span, "`on` takes fields of both sides that are to be equal",
         text("write `{}.FIELD == {}.FIELD`, joined by `and`", left.name, right.name),
         {"other conditions go into `where`"});
}

// False if it is none.
bool QueryBinder::bind_join_equality(const Expr& equality, Side& left, Side& right) {
  if (equality.kind != ExprKind::kBinary || equality.op != "==") return false;
  const Expr* first = &equality.args[0];
  const Expr* second = &equality.args[1];
  if (is_field_of(*first, right.name)) std::swap(first, second);
  if (!is_field_of(*first, left.name) || !is_field_of(*second, right.name)) return false;
  const auto left_slot = side_field(*first, left);
  const auto right_slot = side_field(*second, right);
  if (!left_slot || !right_slot) {
    is_incomplete_ = true;
    return true;
  }
  const runtime::Type left_type = stream(left.input.stream).schema->fields()[*left_slot].type;
  const runtime::Type right_type = stream(right.input.stream).schema->fields()[*right_slot].type;
  if (left_type != right_type) {
    report(Code::kTypeMismatch, equality.span,
           text("`{}.{}` is of type {}, `{}.{}` of type {}", left.name, first->name.text,
                to_string(left_type), right.name, second->name.text, to_string(right_type)),
           "fields that are to be equal must be of one type");
    return true;
  }
  left.input.key.push_back(*left_slot);
  right.input.key.push_back(*right_slot);
  return true;
}

std::optional<Slot> QueryBinder::side_field(const Expr& expr, const Side& side) {
  const KeyDecl key{.fields = {expr.name}, .span = expr.span};
  const auto slots = bind_key(stream(side.input.stream), key, is_lost_, declarations_);
  if (!slots) return std::nullopt;
  return slots->front();
}

void QueryBinder::bind_join_limits(const JoinQuery& query, JoinPlan& plan) {
  if (query.interval) {
    const IntervalDecl& interval = *query.interval;
    const Duration lowest = interval.lower + Duration::millis(interval.open_low ? 1 : 0);
    if (lowest > interval.upper - Duration::millis(interval.open_high ? 1 : 0)) {
      report(Code::kBadWindow, interval.span, "no time lies in this interval",
             interval.lower > interval.upper ? "the lower bound comes first" : "");
    }
    plan.by = runtime::JoinInterval{.lower = interval.lower,
                                    .upper = interval.upper,
                                    .lower_is_open = interval.open_low,
                                    .upper_is_open = interval.open_high};
  } else if (query.window) {
    const WindowWord word = query.window->word;
    if (word == WindowWord::kCount || word == WindowWord::kGlobal) {
      report(Code::kBadWindow, query.window->span, "a join needs windows of time",
             "`tumbling`, `sliding` or `session`");
    } else if (auto window = bind_window(*query.window)) {
      plan.by = *window;
    }
  } else {
    report_missing(text("join `{}` does not say how near its events are in time", plan_.name),
                   "add `interval -5m .. 10m` or `window tumbling 1m`");
  }
}

Scope QueryBinder::join_scope(const Side& left, const Side& right, bool is_co_group) const {
  Scope scope;
  for (const Side* side : {&left, &right}) {
    scope.stages.push_back({.name = side->name,
                            .repeated = is_co_group,
                            .negated = false,
                            .stream = scope_of(stream(side->input.stream), is_lost_)});
  }
  scope.stream = scope.stages.front().stream;
  for (const ScopeStage& each : scope.stages) scope.stream.incomplete |= each.stream.incomplete;
  scope.has_row = false;
  scope.visible_stages = 2;
  scope.place = "`select`";
  scope.stage_word = "side";
  if (is_co_group) scope.window_slot = 0;
  return scope;
}

}  // namespace lymer::rules
