// One function for each kind of query; fields are collected as they are bound.
// Not here: expressions (rules/expression_binder.h), joins (rules/join_binder.cc).
#include "rules/query_binder.h"

#include <algorithm>

#include "rules/expression_binder.h"
#include "rules/key_binder.h"
#include "runtime/base/text.h"
#include "runtime/window/window_operator.h"

namespace lymer::rules {

using runtime::Expression;
using runtime::Field;
using runtime::Op;
using runtime::Slot;
using runtime::Type;
using runtime::TypeKind;

namespace {

// No name has a newline.
constexpr std::string_view kMemberField = "\nmember";

// The slot of a field of this name, unless that is hidden and so of another meaning and type.
std::optional<Slot> shown_slot(const StreamPlan& stream, const std::string& name) {
  const auto slot = stream.schema->slot_of(name);
  if (!slot || stream.schema->fields()[*slot].hidden) return std::nullopt;
  return slot;
}

}  // namespace

std::optional<Slot> member_slot(const StreamPlan& stream) {
  if (!std::holds_alternative<UnionPlan>(stream.origin)) return std::nullopt;
  return stream.schema->slot_of(kMemberField);
}

std::vector<std::string> member_names(const StreamPlan& stream,
                                      const std::vector<StreamPlan>& streams) {
  std::vector<std::string> names;
  const auto* all = std::get_if<UnionPlan>(&stream.origin);
  if (all == nullptr) return names;
  for (const UnionPlan::Member& each : all->members) {
    const StreamPlan& member = streams[each.stream];
    std::vector<std::string> inner = member_names(member, streams);
    if (inner.empty()) inner.push_back(member.name);
    names.insert(names.end(), inner.begin(), inner.end());
  }
  return names;
}

void QueryBinder::report(Code code, Span span, std::string message, std::string label,
                         std::vector<std::string> help) {
  is_incomplete_ = true;
  declarations_.report(code, span, std::move(message), std::move(label), std::move(help));
}

void QueryBinder::report_missing(std::string message, std::string label) {
  is_incomplete_ = true;
  if (!is_lost_) report(Code::kQueryClause, decl_.name.span, std::move(message), std::move(label));
}

std::optional<std::size_t> QueryBinder::find_stream(const Name& name) {
  const auto found = declarations_.streams.find(name.text);
  if (found == declarations_.streams.end()) return std::nullopt;
  used_.push_back(found->second);
  is_incomplete_ |= stream(found->second).incomplete;
  return found->second;
}

std::vector<std::string> QueryBinder::stream_names() const {
  std::vector<std::string> names;
  for (const StreamPlan& each : so_far_.streams) names.push_back(each.name);
  return names;
}

std::optional<std::size_t> QueryBinder::stream_named(const Name& name) {
  if (const auto index = find_stream(name)) return index;
  is_incomplete_ = true;
  if (declarations_.has_nameless || is_lost_) return std::nullopt;
  report_unknown_stream(name, so_far_.streams, declarations_);
  return std::nullopt;
}

// All fields of another stream, and what is not known of them.
void QueryBinder::take_fields(std::size_t index) {
  is_incomplete_ |= stream(index).incomplete;
  fields_ = stream(index).schema->fields();
  for (const Field& each : fields_) {
    if (declarations_.is_untyped(stream(index).name, each.name)) {
      declarations_.mark_untyped(plan_.name, each.name);
    }
  }
}

StreamPlan QueryBinder::bind() {
  plan_.name = decl_.name.text;
  is_incomplete_ = is_lost_;
  std::visit([this](const auto& query) { bind_query(query); }, decl_.query);
  plan_.incomplete = is_incomplete_;
  plan_.schema = std::make_shared<const runtime::Schema>(decl_.name.text, std::move(fields_));
  return std::move(plan_);
}

// ---- from --------------------------------------------------------------------------------------

void QueryBinder::bind_query(const FromQuery& query) {
  if (query.stream.text.empty()) return;
  const auto stream = stream_named(query.stream);
  if (!stream) return;
  query.window ? bind_windowed(query, *stream) : bind_filter(query, *stream);
}

void QueryBinder::bind_filter(const FromQuery& query, std::size_t index) {
  FilterPlan plan{.stream = index};
  if (query.by && !is_lost_) {  // Else the window may be what is lost.
    report(Code::kQueryClause, query.by->span, "`by` needs a window",
           "add `window tumbling 1m`, or leave the key to what reads the stream");
  }
  Scope scope;
  scope.stream = scope_of(stream(index), is_lost_);
  scope.window_hint = "add a window: `window tumbling 1m`";
  if (query.where) {
    plan.where = ExpressionBinder(declarations_, scope).bind_condition(*query.where, "`where`");
  }
  if (query.select) {
    plan.select = bind_select(*query.select, scope);
  } else {
    take_fields(index);
  }
  plan_.origin = std::move(plan);
}

void QueryBinder::bind_windowed(const FromQuery& query, std::size_t index) {
  WindowedPlan plan{.input = {.stream = index}};
  Scope scope;
  scope.stream = scope_of(stream(index), is_lost_);
  if (query.where) {
    scope.window_hint = "`where` is about single events; ask in a rule or query of the result";
    plan.where = ExpressionBinder(declarations_, scope).bind_condition(*query.where, "`where`");
    scope.window_hint = {};
  }
  if (query.by) {
    auto key = bind_key(stream(index), *query.by, is_lost_, declarations_);
    scope.key_is_known = key.has_value();
    plan.input.key = std::move(key).value_or(runtime::KeyExpression{});
  }
  if (auto window = bind_window(*query.window)) plan.window = *window;
  if (!query.select) {
    report_missing(text("stream `{}` does not say what a window gives", plan_.name),
                   "add `select { NAME: count(), ... }`");
  } else {
    std::vector<ScopeKey> key;
    for (const Slot slot : plan.input.key) {
      const Field& field = stream(index).schema->fields()[slot];
      key.push_back({field.name, field.type, static_cast<Slot>(key.size())});
    }
    scope.window = scope.stream;
    const WindowWord word = query.window->word;
    if (word != WindowWord::kCount && word != WindowWord::kGlobal) {
      scope.window_slot = static_cast<Slot>(key.size());
    }
    scope.has_row = false;
    scope.key = &key;
    plan.select = bind_select(*query.select, scope);
  }
  plan_.origin = std::move(plan);
}

SelectPlan QueryBinder::bind_select(const SelectDecl& select, Scope& scope) {
  SelectPlan plan;
  if (select.fields.empty() && !is_lost_) {
    report(Code::kNoField, select.span, text("stream `{}` has no field", plan_.name),
           "add `NAME: EXPRESSION`");
  }
  for (const EmitField& field : select.fields) {
    const std::string& name = field.name.text;
    if (std::ranges::find(fields_, name, &Field::name) != fields_.end()) {
      report(Code::kDuplicateName, field.name.span,
             text("two fields of `select` are named `{}`", name));
      continue;
    }
    auto value = ExpressionBinder(declarations_, scope).bind(field.value);
    if (value && !is_field_type(value->type)) {
      report(Code::kTypeMismatch, field.value.span,
             text("a field cannot be of type {}", to_string(value->type)));
      value.reset();
    }
    if (!value) declarations_.mark_untyped(plan_.name, name);
    is_incomplete_ |= !value;
    fields_.push_back({name, value ? value->type : Type{TypeKind::kString}, true, false});
    plan.push_back(std::move(value).value_or(Expression{}));
  }
  return plan;
}

bool QueryBinder::is_field_type(Type type) const {
  const TypeKind kind = type.kind == TypeKind::kList ? type.element : type.kind;
  return kind != TypeKind::kNull && kind != TypeKind::kNetwork;
}

bool QueryBinder::check_counts(const WindowDecl& window) {
  const auto is_positive = [&](const std::optional<CountDecl>& count) {
    if (!count || count->value > 0) return true;
    report(Code::kBadWindow, count->span, "a count of events must be positive");
    return false;
  };
  if (!is_positive(window.count) || !is_positive(window.count_every)) return false;
  if (window.lateness) {
    report(Code::kBadWindow, window.lateness->span, "`lateness` is for windows of time");
    return false;
  }
  if (window.word != WindowWord::kGlobal || window.count_every) return true;
  report(Code::kBadWindow, window.span, "the global window has no end, so it would give nothing",
         "say after how many events: `global every 100`");
  return false;
}

std::optional<WindowPlan> QueryBinder::bind_window(const WindowDecl& window) {
  using runtime::WindowAssigner;
  WindowPlan plan;
  const auto length = [](const std::optional<DurationDecl>& decl) {
    return decl ? decl->value : Duration{};
  };
  switch (window.word) {
    case WindowWord::kTumbling:
      plan.windows = WindowAssigner::tumbling(length(window.size), length(window.offset));
      break;
    case WindowWord::kSliding:
      plan.windows =
          WindowAssigner::sliding(length(window.size), length(window.every), length(window.offset));
      break;
    case WindowWord::kSession:
      plan.windows = WindowAssigner::session(length(window.size));
      break;
    case WindowWord::kCount:
    case WindowWord::kGlobal:
      if (is_lost_ || !check_counts(window)) return std::nullopt;
      if (window.count) plan.count = window.count->value;
      if (window.count_every) plan.every = window.count_every->value;
      return plan;
  }
  if (is_lost_ || !check_lengths(window)) return std::nullopt;
  plan.lateness = length(window.lateness);
  if (!plan.windows.check()) {
    report(Code::kBadWindow, window.span,
           text("each event would be in {} windows at once, which is too many",
                plan.windows.size().to_millis() / plan.windows.slide().to_millis()));
    return std::nullopt;
  }
  return plan;
}

bool QueryBinder::check_lengths(const WindowDecl& window) {
  const auto is_positive = [&](const std::optional<DurationDecl>& length, std::string_view what) {
    if (!length || length->value > Duration{}) return true;
    report(Code::kBadWindow, length->span, text("{} must be positive", what));
    return false;
  };
  const bool is_session = window.word == WindowWord::kSession;
  if (!is_positive(window.size, is_session ? "the gap of a session" : "the length of a window") ||
      !is_positive(window.every, "`every`")) {
    return false;
  }
  const auto& apart = window.every ? window.every : window.size;
  if (!window.offset || !apart || window.offset->value < apart->value) return true;
  report(Code::kBadWindow, window.offset->span,
         text("windows start every {}, so an `offset` must be shorter", to_string(apart->value)));
  return false;
}

// ---- union -------------------------------------------------------------------------------------

void QueryBinder::bind_query(const UnionQuery& query) {
  std::vector<std::size_t> members;
  std::set<std::string> all_names;
  for (const Name& name : query.streams) {
    const auto index = stream_named(name);
    if (!index) continue;
    std::vector<std::string> names = member_names(stream(*index), so_far_.streams);
    if (names.empty()) names.push_back(name.text);
    const auto twice = std::ranges::find_if(
        names, [&](const std::string& each) { return all_names.contains(each); });
    if (twice != names.end()) {
      report(Code::kDuplicateName, name.span,
             text("`{}` is in the union twice, so its events would be", *twice));
      continue;
    }
    all_names.insert(names.begin(), names.end());
    members.push_back(*index);
    add_union_fields(name, *index);
  }
  for (Field& field : fields_) {
    field.nullable = std::ranges::any_of(members, [&](std::size_t index) {
      const auto slot = shown_slot(stream(index), field.name);
      return !slot || stream(index).schema->fields()[*slot].nullable;
    });
  }
  fields_.push_back({std::string(kMemberField), Type{TypeKind::kString}, false, true});
  UnionPlan plan;
  for (const std::size_t index : members) plan.members.push_back(union_member(index));
  plan_.origin = std::move(plan);
}

void QueryBinder::add_union_fields(const Name& member, std::size_t index) {
  for (const Field& field : stream(index).schema->fields()) {
    if (field.hidden) continue;
    if (declarations_.is_untyped(stream(index).name, field.name)) {
      declarations_.mark_untyped(plan_.name, field.name);
    }
    const bool is_typed = !declarations_.is_untyped(plan_.name, field.name);
    const auto known = std::ranges::find(fields_, field.name, &Field::name);
    if (known == fields_.end()) {
      fields_.push_back(field);
    } else if (is_typed && known->type != field.type) {
      declarations_.mark_untyped(plan_.name, field.name);
      report(Code::kUnionField, member.span,
             text("`{}` of `{}` is of type {}, in the streams before it is of type {}", field.name,
                  member.text, to_string(field.type), to_string(known->type)),
             "",
             {text("give it another name: stream NAME = from {} select {{ ... }}", member.text)});
    }
  }
}

// The member's fields where the union has them; null for those that it lacks.
UnionPlan::Member QueryBinder::union_member(std::size_t index) const {
  UnionPlan::Member member{.stream = index, .select = {}};
  const StreamPlan& from = stream(index);
  for (const Field& field : fields_) {
    if (field.name == kMemberField) continue;
    const auto slot = shown_slot(from, field.name);
    member.select.push_back(slot ? make_field(*slot, field.type)
                                 : runtime::make_constant(field.type, runtime::Value::null()));
  }
  const Type text{TypeKind::kString};
  const auto inner = member_slot(from);
  member.select.push_back(inner ? make_field(*inner, text)
                                : runtime::make_constant(text, runtime::Value::of(from.name)));
  return member;
}

// ---- results of rules --------------------------------------------------------------------------

void QueryBinder::bind_query(const ResultQuery& query) {
  if (query.of.text.empty()) return;
  switch (query.word) {
    case ResultWord::kMatches:
      return bind_results(query.of, ResultPlan::Kind::kMatches);
    case ResultWord::kTimeouts:
      return bind_results(query.of, ResultPlan::Kind::kTimeouts);
    case ResultWord::kLate:
      return bind_late(query.of);
  }
}

void QueryBinder::bind_results(const Name& of, ResultPlan::Kind kind) {
  const auto rule = std::ranges::find(so_far_.rules, of.text, &RulePlan::name);
  if (rule == so_far_.rules.end()) {
    is_incomplete_ = true;
    const std::vector<std::string> names(rules_.begin(), rules_.end());
    if (rules_.contains(of.text) || declarations_.has_nameless) return;
    report(Code::kUnknownRule, of.span, text("there is no rule `{}`", of.text),
           suggestion(of.text, names), {"rules: " + join_names(names)});
    return;
  }
  ResultPlan plan{.kind = kind, .rule = static_cast<std::size_t>(rule - so_far_.rules.begin())};
  const EmitPlan& emit =
      kind == ResultPlan::Kind::kMatches ? rule->emit : rule->on_timeout.value_or(EmitPlan{});
  if (emit) {
    for (const cep::EmitField& each : *emit) {
      if (!is_field_type(each.value.type)) continue;
      fields_.push_back({each.name, each.value.type, true, false});
      plan.select.push_back(each.value);
    }
  } else {
    // All that is known of a whole match is its key.
    for (const Field& each : rule->key->fields()) {
      plan.select.push_back(make_field(static_cast<Slot>(fields_.size()), each.type));
      fields_.push_back(each);
    }
  }
  if (fields_.empty()) {
    const bool is_match = kind == ResultPlan::Kind::kMatches;
    const std::string_view clause = is_match ? "emit" : "on timeout emit";
    report(Code::kQueryClause, of.span,
           text("the {} of `{}` have no fields, for it has neither key nor `{}`",
                is_match ? "matches" : "timeouts", of.text, clause),
           text("add `{} {{ ... }}` to the rule", clause));
  }
  plan_.origin = std::move(plan);
}

void QueryBinder::bind_late(const Name& of) {
  const auto rule = std::ranges::find(so_far_.rules, of.text, &RulePlan::name);
  if (rule == so_far_.rules.end() && rules_.contains(of.text)) {
    is_incomplete_ = true;
    return;
  }
  std::optional<std::size_t> source;
  if (rule != so_far_.rules.end()) {
    if (rule->inputs.size() > 1) {
      report(Code::kNoLateEvents, of.span,
             text("`{}` reads several streams, so its late events are of several kinds", of.text),
             "put a union of the streams before the rule");
      return;
    }
    source = rule->inputs.front().stream;
    plan_.origin = ResultPlan{.kind = ResultPlan::Kind::kLate,
                              .rule = static_cast<std::size_t>(rule - so_far_.rules.begin())};
  } else {
    const auto index = find_stream(of);
    if (!index) {
      report_unknown(of);
      return;
    }
    const auto* windowed = std::get_if<WindowedPlan>(&stream(*index).origin);
    const bool has_bounds = windowed != nullptr && windowed->window.windows.kind() !=
                                                       runtime::WindowAssigner::Kind::kGlobal;
    if (!has_bounds) {
      if (is_incomplete_) return;
      report(Code::kNoLateEvents, of.span, text("nothing is late for stream `{}`", of.text),
             "`late of` is for rules and for streams of windows of time");
      return;
    }
    source = windowed->input.stream;
    plan_.origin = LatePlan{.stream = *index, .port = runtime::kLatePort};
  }
  take_fields(*source);
}

// What is neither a rule nor a stream.
void QueryBinder::report_unknown(const Name& of) {
  is_incomplete_ = true;
  if (declarations_.has_nameless || is_lost_) return;
  std::vector<std::string> names = stream_names();
  const std::vector<std::string> rules(rules_.begin(), rules_.end());
  const std::string streams = join_names(names);
  names.insert(names.end(), rules.begin(), rules.end());
  report(Code::kUnknownStream, of.span, text("there is no rule or stream `{}`", of.text),
         suggestion(of.text, names), {text("rules: {}; streams: {}", join_names(rules), streams)});
}

}  // namespace lymer::rules
