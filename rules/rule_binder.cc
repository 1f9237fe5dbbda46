// Input, stages, ends; then the pattern's own checks, each given its place in the text.
// Not here: the checks themselves (cep/pattern.cc).
#include "rules/rule_binder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

#include "cep/dialect_lint.h"
#include "rules/expression_binder.h"
#include "rules/query_binder.h"
#include "runtime/base/text.h"

namespace lymer::rules {

using runtime::TypeKind;

namespace {

cep::Contiguity contiguity_of(StageWord word) {
  switch (word) {
    case StageWord::kBegin:
      return cep::Contiguity::kBegin;
    case StageWord::kNext:
      return cep::Contiguity::kNext;
    case StageWord::kFollowedBy:
      return cep::Contiguity::kFollowedBy;
    case StageWord::kFollowedByAny:
      return cep::Contiguity::kFollowedByAny;
    case StageWord::kNotNext:
      return cep::Contiguity::kNotNext;
    case StageWord::kNotFollowedBy:
      return cep::Contiguity::kNotFollowedBy;
  }
  return cep::Contiguity::kBegin;
}

cep::SkipStrategy::Kind skip_kind_of(SkipKind kind) {
  switch (kind) {
    case SkipKind::kNone:
      return cep::SkipStrategy::Kind::kNone;
    case SkipKind::kToNext:
      return cep::SkipStrategy::Kind::kToNext;
    case SkipKind::kPastLast:
      return cep::SkipStrategy::Kind::kPastLast;
    case SkipKind::kToFirst:
      return cep::SkipStrategy::Kind::kToFirst;
    case SkipKind::kToLast:
      return cep::SkipStrategy::Kind::kToLast;
  }
  return cep::SkipStrategy::Kind::kNone;
}

Code code_of(cep::PatternProblemKind kind) {
  using Kind = cep::PatternProblemKind;
  switch (kind) {
    case Kind::kNoStage:
      return Code::kNoStage;
    case Kind::kFirstStageWord:
      return Code::kFirstStageWord;
    case Kind::kDuplicateName:
      return Code::kDuplicateName;
    case Kind::kNegatedQuantifier:
      return Code::kNegatedQuantifier;
    case Kind::kNotAfterOptional:
      return Code::kNotAfterOptional;
    case Kind::kClosingNotWithoutWindow:
      return Code::kClosingNotWithoutWindow;
    case Kind::kBadCount:
      return Code::kBadQuantifier;
    case Kind::kGreedyWithCombinations:
      return Code::kGreedyWithCombinations;
    case Kind::kGreedyOnSingle:
    case Kind::kInnerOnSingle:
      return Code::kNeedsQuantifier;
    case Kind::kUntilWithoutLoop:
      return Code::kUntilWithoutLoop;
    case Kind::kOptionalAfterGreedy:
      return Code::kOptionalAfterGreedy;
    case Kind::kWindowNotPositive:
      return Code::kWindowNotPositive;
    case Kind::kSkipTarget:
      return Code::kSkipTarget;
    case Kind::kEmptyMatch:
      return Code::kEmptyMatch;
    case Kind::kTooManyStates:
      return Code::kQuantifierTooLarge;
    case Kind::kGroupCondition:
    case Kind::kGroupGreedy:
      return Code::kGroupClause;
    case Kind::kEndlessLoop:
      return Code::kEndlessLoop;
    case Kind::kGapTooLong:
      return Code::kGapTooLong;
    case Kind::kGapMisplaced:
      return Code::kGapMisplaced;
    case Kind::kClosingNotInGroup:
      return Code::kClosingNotInGroup;
    // Only a builder can bring these about.
    case Kind::kQuantifierTwice:
    case Kind::kOptionalTwice:
    case Kind::kOptionalLost:
    case Kind::kUntilTwice:
    case Kind::kInnerTwice:
      break;
  }
  return Code::kBadPattern;
}

bool is_repeated(const StageDecl& stage) {
  return stage.quantifier && !(stage.quantifier->minimum == 1 && stage.quantifier->maximum == 1);
}

// Tells whether a partial match may stand still in these stages while events pass by.
bool can_wait(const std::vector<cep::Stage>& chain, bool begins) {
  for (const cep::Stage& each : chain) {
    const bool next =
        each.contiguity == cep::Contiguity::kNext || each.contiguity == cep::Contiguity::kNotNext;
    const bool repeated =
        !each.quantifier.is_single() && each.quantifier.inner != cep::Inner::kConsecutive;
    if ((!begins && !next) || repeated || can_wait(each.group, true)) return true;
    begins = false;
  }
  return false;
}

bool is_negated(StageWord word) {
  return word == StageWord::kNotNext || word == StageWord::kNotFollowedBy;
}

}  // namespace

void RuleBinder::report(Code code, Span span, std::string message, std::string label,
                        std::vector<std::string> help) {
  if (severity_of(code) == Severity::kError) sound_ = false;
  declarations_.report(code, span, std::move(message), std::move(label), std::move(help));
}

std::optional<RulePlan> RuleBinder::bind() {
  check_head();
  if (!inputs_.bind()) return std::nullopt;
  spec_.name = decl_.name.text;
  fill_scope();
  bind_dialect();
  spec_.stages = bind_chain(decl_.stages);
  if (decl_.within) spec_.window = *decl_.within;
  bind_skip();
  EmitPlan emit;
  if (decl_.emit) bind_emit(*decl_.emit, emit);
  std::optional<EmitPlan> on_timeout;
  if (decl_.on_timeout) on_timeout.emplace();
  if (decl_.on_timeout && !decl_.on_timeout->bare) bind_emit(*decl_.on_timeout, *on_timeout);
  for (const cep::PatternProblem& problem : cep::Pattern::problems(spec_)) report_problem(problem);
  if (!sound_ || !inputs_.is_sound() || incomplete_) return std::nullopt;
  warn();
  auto pattern = cep::Pattern::make(std::move(spec_));
  if (!pattern) {
    report(Code::kBadPattern, decl_.name.span, pattern.error().message);
    return std::nullopt;
  }
  return RulePlan{.name = decl_.name.text,
                  .doc = decl_.doc.value_or(""),
                  .severity = decl_.severity ? decl_.severity->text : "",
                  .tags = decl_.tags,
                  .inputs = inputs_.inputs(),
                  .key = inputs_.key_schema(),
                  .order = inputs_.order(),
                  .pattern = std::move(*pattern),
                  .emit = std::move(emit),
                  .on_timeout = std::move(on_timeout),
                  .match_logs = log_names(decl_.emit),
                  .timeout_logs = log_names(decl_.on_timeout),
                  .match_topics = decl_.emit.value_or(EmitDecl()).topics,
                  .timeout_topics = decl_.on_timeout.value_or(EmitDecl()).topics};
}

void RuleBinder::check_head() {
  if (!decl_.severity) return;
  const std::vector<std::string> known = {"info", "low", "medium", "high", "critical"};
  if (std::ranges::find(known, decl_.severity->text) != known.end()) return;
  report(Code::kUnknownSeverity, decl_.severity->span,
         text("there is no severity `{}`", decl_.severity->text),
         suggestion(decl_.severity->text, known), {"severities: " + join_names(known)});
}

void RuleBinder::bind_dialect() {
  if (!decl_.dialect) return;
  const std::vector<std::string> known = {"default", "flink"};
  if (decl_.dialect->text == "flink") {
    spec_.dialect = cep::Dialect::kFlink;
  } else if (decl_.dialect->text != "default") {
    report(Code::kUnknownDialect, decl_.dialect->span,
           text("there is no dialect `{}`", decl_.dialect->text),
           suggestion(decl_.dialect->text, known), {"dialects: " + join_names(known)});
  }
}

void RuleBinder::fill_scope() {
  list_stages(decl_.stages, std::nullopt);
  scope_.stream = inputs_.stream_of(0);
  scope_.key = &key_;
  scope_.key_is_known = inputs_.key_is_known();
}

// `loop` is the first stage of the outermost repeated group around.
void RuleBinder::list_stages(const std::vector<StageDecl>& chain, std::optional<std::size_t> loop) {
  for (const StageDecl& each : chain) {
    elements_.push_back(&each);
    const std::size_t first = scope_.stages.size();
    if (!each.is_group) {
      const std::optional<StageInput> input = inputs_.bind_stage(each);
      stage_inputs_.push_back(input.value_or(StageInput{}));
      scope_.stages.push_back({.name = each.name.text,
                               .repeated = loop.has_value() || is_repeated(each),
                               .negated = is_negated(each.word),
                               .stream = inputs_.stream_of(stage_inputs_.back().input)});
      // Of what stream it is one cannot tell, so nothing is said of its fields.
      if (!input) scope_.stages.back().stream.incomplete = true;
      visible_.push_back(first + 1);
      continue;
    }
    const bool begins_loop = !loop && is_repeated(each);
    list_stages(each.members, begins_loop ? first : loop);
    if (!begins_loop) continue;
    for (std::size_t i = first; i < visible_.size(); ++i) visible_[i] = visible_.size();
  }
}

cep::ConditionRef RuleBinder::bind_condition(const Expr& expr, std::string_view what) {
  const std::size_t stage = bound_stages_;
  scope_.stream = scope_.stages[stage].stream;
  scope_.visible_stages = visible_[stage];
  scope_.own_stage = stage;
  key_ = inputs_.keys_of(stage_inputs_[stage]);
  ExpressionBinder binder(declarations_, scope_);
  auto bound = binder.bind_condition(expr, what);
  if (!bound) {
    sound_ = false;
    return nullptr;
  }
  const bool is_start = stage == 0 && what == "`where`";
  if (is_start && bound->op == runtime::Op::kConstant && bound->constant.is_true()) {
    starts_with_anything_ = true;
  }
  return cep::expression_condition(std::move(*bound), declarations_.text_of(expr.span));
}

std::vector<cep::Stage> RuleBinder::bind_chain(const std::vector<StageDecl>& chain) {
  std::vector<cep::Stage> bound;
  bound.reserve(chain.size());
  for (const StageDecl& each : chain) bound.push_back(bind_element(each));
  return bound;
}

cep::Stage RuleBinder::bind_element(const StageDecl& decl) {
  cep::Stage stage;
  stage.contiguity = contiguity_of(decl.word);
  bind_quantifier(decl, stage);
  if (decl.within_previous) stage.within_previous = decl.within_previous->value;
  if (decl.is_group) {
    bind_group_clauses(decl, stage);
    stage.group = bind_chain(decl.members);
    return stage;
  }
  stage.name = decl.name.text;
  check_stage_name(decl.name);
  if (decl.where) stage.where = bind_condition(*decl.where, "`where`");
  if (decl.until) stage.until = bind_condition(*decl.until, "`until`");
  if (bound_stages_ == 0 && !decl.where) starts_with_anything_ = true;
  const StageInput& input = stage_inputs_[bound_stages_++];
  stage.where = guarded(std::move(stage.where), input);
  if (stage.until != nullptr) stage.until = guarded(std::move(stage.until), input);
  return stage;
}

// A condition is asked of events of its own stream alone, under the stage's own key.
cep::ConditionRef RuleBinder::guarded(cep::ConditionRef condition, const StageInput& input) {
  const auto behind = [&](cep::ConditionRef guard) {
    condition = condition == nullptr ? std::move(guard)
                                     : cep::both_conditions(std::move(guard), std::move(condition));
  };
  const RuleInput& read = inputs_.inputs()[input.input];
  if (inputs_.has_stage_keys()) {
    std::vector<std::string> names;
    for (const ScopeKey& each : inputs_.keys_of(input)) {
      names.push_back((*inputs_.stream_of(input.input).fields)[each.slot].name);
    }
    behind(cep::key_condition(input.key, text("by {}", join_names(names))));
  }
  if (input.member) behind(member_condition(input));
  if (inputs_.inputs().size() > 1) {
    const runtime::SchemaId schema(static_cast<std::uint16_t>(read.stream));
    behind(cep::schema_condition(schema, text("in {}", inputs_.stream_of(input.input).name)));
  }
  return condition;
}

// The event is of this member of a union.
cep::ConditionRef RuleBinder::member_condition(const StageInput& input) const {
  const runtime::Type name{TypeKind::kString};
  const runtime::Slot slot = *member_slot(streams_[inputs_.inputs()[input.input].stream]);
  std::vector<runtime::Expression> sides{
      make_field(slot, name), runtime::make_constant(name, runtime::Value::of(*input.member))};
  return cep::expression_condition(
      make_node(runtime::Op::kEqual, runtime::Type{TypeKind::kBool}, std::move(sides)),
      text("in {}", *input.member));
}

// The `until` of a group is tested on an event that may begin its next iteration.
void RuleBinder::bind_group_clauses(const StageDecl& decl, cep::Stage& group) {
  if (decl.where) {
    report(Code::kGroupClause, decl.where->span, "a group has no `where` of its own",
           "put it on the group's stages");
  }
  if (!decl.until) return;
  group.until = bind_condition(*decl.until, "`until`");
  if (group.until != nullptr) {
    group.until = guarded(std::move(group.until), stage_inputs_[bound_stages_]);
  }
}

// Expressions would never reach such a stage.
void RuleBinder::check_stage_name(const Name& name) {
  if (name.text != "key" && name.text != "window") return;
  report(Code::kReservedName, name.span, text("`{}` cannot be the name of a stage", name.text),
         name.text == "key" ? "`key` is the rule's key everywhere"
                            : "`window` is reserved for windows");
}

void RuleBinder::bind_quantifier(const StageDecl& decl, cep::Stage& stage) {
  if (decl.quantifier) {
    const QuantifierDecl& times = *decl.quantifier;
    constexpr std::int64_t kMost = cep::Pattern::kMaxStates;
    const bool too_large = times.minimum > kMost || times.maximum.value_or(0) > kMost;
    if (too_large) {
      report(Code::kQuantifierTooLarge, times.span,
             text("a stage cannot be repeated more than {} times", kMost));
    }
    // A count that is too large becomes a small one, so that nothing more is said of it.
    const auto count_of = [&](std::int64_t count) {
      return static_cast<std::uint32_t>(too_large ? 2 : std::max<std::int64_t>(count, 0));
    };
    stage.quantifier.minimum = count_of(times.minimum);
    stage.quantifier.maximum.reset();
    if (times.maximum) stage.quantifier.maximum = count_of(*times.maximum);
  }
  if (decl.gap) stage.quantifier.gap = decl.gap->value;
  stage.quantifier.counted = decl.quantifier.has_value();
  stage.quantifier.optional = decl.optional_word.has_value();
  stage.quantifier.greedy = decl.greedy_word.has_value();
  if (decl.consecutive_word && decl.combinations_word) {
    report(Code::kConsecutiveWithCombinations, *decl.combinations_word,
           decl.is_group
               ? "a group cannot be both consecutive and allowCombinations"
               : text("`{}` cannot be both consecutive and allowCombinations", decl.name.text));
  }
  if (decl.consecutive_word) stage.quantifier.inner = cep::Inner::kConsecutive;
  if (decl.combinations_word) stage.quantifier.inner = cep::Inner::kCombinations;
}

void RuleBinder::bind_skip() {
  if (!decl_.skip) return;
  spec_.after_match.kind = skip_kind_of(decl_.skip->kind);
  spec_.after_match.fail_if_missing = decl_.skip->or_fail;
  if (decl_.skip->target) spec_.after_match.target = decl_.skip->target->text;
}

void RuleBinder::bind_emit(const EmitDecl& decl, EmitPlan& plan) {
  plan.emplace();
  scope_.has_row = false;
  scope_.stream = inputs_.stream_of(0);
  scope_.visible_stages = scope_.stages.size();
  key_ = inputs_.key_row();
  scope_.own_stage.reset();
  ExpressionBinder binder(declarations_, scope_);
  for (const EmitField& field : decl.fields) {
    const bool known = std::ranges::any_of(
        *plan, [&](const cep::EmitField& each) { return each.name == field.name.text; });
    if (known) {
      report(Code::kDuplicateName, field.name.span,
             text("two fields of `emit` are named `{}`", field.name.text));
      continue;
    }
    auto value = binder.bind(field.value);
    if (!value) {
      sound_ = false;
      continue;
    }
    plan->push_back({field.name.text, std::move(*value)});
  }
}

// The piece of text that a problem is about.
Span RuleBinder::place_of(const cep::PatternProblem& problem) const {
  using Kind = cep::PatternProblemKind;
  if (problem.kind == Kind::kSkipTarget && decl_.skip && decl_.skip->target) {
    return decl_.skip->target->span;
  }
  if (problem.kind == Kind::kWindowNotPositive) {
    return place_of_window([](Duration window) { return window <= Duration{}; });
  }
  if (problem.kind == Kind::kGapTooLong) {
    return place_of_window([&](Duration window) { return window > *spec_.window; });
  }
  if (problem.stage >= elements_.size()) return decl_.name.span;
  const StageDecl& stage = *elements_[problem.stage];
  switch (problem.kind) {
    case Kind::kFirstStageWord:
    case Kind::kNotAfterOptional:
    case Kind::kClosingNotWithoutWindow:
      return stage.word_span;
    case Kind::kGreedyOnSingle:
      return stage.greedy_word.value_or(stage.name.span);
    case Kind::kGreedyWithCombinations:
      return stage.combinations_word.value_or(stage.name.span);
    case Kind::kInnerOnSingle:
      return stage.consecutive_word.value_or(stage.combinations_word.value_or(stage.name.span));
    case Kind::kOptionalAfterGreedy:
      return stage.optional_word.value_or(stage.name.span);
    case Kind::kUntilWithoutLoop:
      return stage.until ? stage.until->span : stage.name.span;
    case Kind::kBadCount:
    case Kind::kNegatedQuantifier:
      return stage.quantifier ? stage.quantifier->span : stage.name.span;
    case Kind::kGapMisplaced:
      if (stage.gap) return stage.gap->span;
      return stage.within_previous ? stage.within_previous->span : stage.name.span;
    case Kind::kGroupGreedy:
      return stage.greedy_word.value_or(stage.name.span);
    default:
      return stage.name.span;
  }
}

// The first window of a stage that is wrong, else that of the rule.
Span RuleBinder::place_of_window(const std::function<bool(Duration)>& is_wrong) const {
  for (const StageDecl* each : elements_) {
    for (const auto* window : {&each->gap, &each->within_previous}) {
      if (*window && is_wrong((*window)->value)) return (*window)->span;
    }
  }
  return decl_.within_span;
}

void RuleBinder::report_problem(const cep::PatternProblem& problem) {
  // A stage may have been lost; what the rest lacks is no news then.
  if (incomplete_) return;
  std::string label;
  using Kind = cep::PatternProblemKind;
  if (problem.kind == Kind::kClosingNotWithoutWindow) label = "add `within DURATION` to the rule";
  if (problem.kind == Kind::kSkipTarget && decl_.skip && decl_.skip->target) {
    std::vector<std::string> names;
    for (const StageDecl& stage : decl_.stages) {
      if (!is_negated(stage.word) && !stage.is_group) names.push_back(stage.name.text);
    }
    label = suggestion(decl_.skip->target->text, names);
  }
  if (problem.kind == Kind::kGreedyOnSingle || problem.kind == Kind::kInnerOnSingle) {
    label = "only after `times ...` or `oneOrMore`";
  }
  if (problem.kind == Kind::kUntilWithoutLoop) {
    label = "only after `oneOrMore` or `times n or more`";
  }
  report(code_of(problem.kind), place_of(problem), problem.message, std::move(label));
}

void RuleBinder::warn() {
  const bool waits = can_wait(spec_.stages, true);
  if (waits && !spec_.window) {
    report(Code::kUnboundedState, decl_.name.span,
           text("rule `{}` has no `within`, so a partial match can wait for ever", decl_.name.text),
           "add `within DURATION`");
  }
  // Who names the default dialect knows.
  if (!decl_.dialect || spec_.dialect == cep::Dialect::kFlink) warn_of_dialects();
  // Of windows, joins and matches every event may well be worth a match.
  const StreamPlan& read = streams_[inputs_.inputs()[stage_inputs_.front().input].stream];
  if (starts_with_anything_ && std::holds_alternative<SourcePlan>(read.origin)) {
    const auto first = std::ranges::find(elements_, false, &StageDecl::is_group);
    report(Code::kAlwaysTrue, (*first)->name.span,
           text("every event begins a match of rule `{}`", decl_.name.text),
           "add a `where` unless that is meant");
  }
}

void RuleBinder::warn_of_dialects() {
  const bool is_flink = spec_.dialect == cep::Dialect::kFlink;
  for (const cep::DialectDifference& each : cep::dialect_differences(spec_)) {
    report(Code::kDialectDiffers, elements_[each.element]->name.span,
           text("the dialects differ: {}; in dialect {}, {}",
                is_flink ? each.in_flink : each.in_default, is_flink ? "default" : "flink",
                is_flink ? each.in_default : each.in_flink),
           is_flink ? "" : "write `dialect default` if that is meant");
  }
}

}  // namespace lymer::rules
