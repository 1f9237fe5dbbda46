// Input, stages, ends; then the pattern's own checks, each given its place in the text.
// Not here: the checks themselves (cep/pattern.cc).
#include "rules/rule_binder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "rules/expression_binder.h"
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
    // No rule text brings these about yet.
    case Kind::kGroupCondition:
    case Kind::kGroupGreedy:
    case Kind::kEndlessLoop:
    case Kind::kGapTooLong:
    case Kind::kGapMisplaced:
    case Kind::kClosingNotInGroup:
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
  if (!bind_input()) return std::nullopt;
  spec_.name = decl_.name.text;
  for (std::size_t i = 0; i < decl_.stages.size(); ++i) bind_stage(i);
  if (decl_.within) spec_.window = *decl_.within;
  bind_skip();
  EmitPlan emit;
  if (decl_.emit) bind_emit(*decl_.emit, emit);
  std::optional<EmitPlan> on_timeout;
  if (decl_.on_timeout) {
    on_timeout.emplace();
    if (!decl_.on_timeout->bare) bind_emit(*decl_.on_timeout, *on_timeout);
  }
  for (const cep::PatternProblem& problem : cep::Pattern::problems(spec_)) report_problem(problem);
  if (!sound_ || incomplete_) return std::nullopt;
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
                  .stream = *stream_,
                  .key = std::move(key_),
                  .pattern = std::move(*pattern),
                  .emit = std::move(emit),
                  .on_timeout = std::move(on_timeout)};
}

void RuleBinder::check_head() {
  if (!decl_.severity) return;
  const std::vector<std::string> known = {"info", "low", "medium", "high", "critical"};
  if (std::ranges::find(known, decl_.severity->text) != known.end()) return;
  report(Code::kUnknownSeverity, decl_.severity->span,
         text("there is no severity `{}`", decl_.severity->text),
         suggestion(decl_.severity->text, known), {"severities: " + join_names(known)});
}

bool RuleBinder::bind_input() {
  if (decl_.inputs.empty()) {
    if (!incomplete_)
      report(Code::kNoInput, decl_.name.span,
             text("rule `{}` does not say what it reads", decl_.name.text),
             "add `on STREAM by FIELD`");
    return false;
  }
  const InputDecl& input = decl_.inputs.front();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].name == input.stream.text) stream_ = i;
    names.push_back(streams_[i].name);
  }
  if (!stream_) {
    if (declarations_.has_nameless) return false;
    report(Code::kUnknownStream, input.stream.span,
           text("there is no stream `{}`", input.stream.text), suggestion(input.stream.text, names),
           {"streams: " + join_names(names)});
    return false;
  }
  fill_scope();
  bind_keys(input);
  return true;
}

void RuleBinder::bind_keys(const InputDecl& input) {
  const StreamPlan& stream = streams_[*stream_];
  for (const Name& key : input.keys) {
    const auto slot = scope_.field(key.text);
    if (!slot && scope_.incomplete) continue;
    if (!slot) {
      report(Code::kUnknownField, key.span,
             text("stream `{}` has no field `{}`", stream.name, key.text),
             suggestion(key.text, scope_.field_names()),
             {text("fields of {}: {}", stream.name, join_names(scope_.field_names()))});
      continue;
    }
    if (stream.schema->fields()[*slot].type.kind == TypeKind::kList) {
      report(Code::kKeyType, key.span,
             text("`{}` is of type {}, a key must be a single value", key.text,
                  to_string(stream.schema->fields()[*slot].type)));
      continue;
    }
    if (std::ranges::find(key_, *slot) != key_.end()) {
      report(Code::kDuplicateName, key.span, text("`{}` is in the key twice", key.text));
      continue;
    }
    key_.push_back(*slot);
  }
  scope_.key_is_known = key_.size() == input.keys.size();
}

void RuleBinder::fill_scope() {
  scope_.stream = streams_[*stream_].name;
  scope_.incomplete = streams_[*stream_].incomplete || incomplete_;
  scope_.fields = &streams_[*stream_].schema->fields();
  scope_.key = &key_;
  for (const StageDecl& stage : decl_.stages) {
    scope_.stages.push_back({stage.name.text, is_repeated(stage), is_negated(stage.word)});
  }
}

cep::ConditionRef RuleBinder::bind_stage_condition(std::size_t index, const Expr& expr,
                                                   std::string_view what) {
  scope_.visible_stages = index + 1;
  scope_.own_stage = index;
  ExpressionBinder binder(declarations_, scope_);
  auto bound = binder.bind_condition(expr, what);
  if (!bound) {
    sound_ = false;
    return nullptr;
  }
  if (index == 0 && bound->op == runtime::Op::kConstant && bound->constant.is_true()) {
    starts_with_anything_ = true;
  }
  return cep::expression_condition(std::move(*bound), declarations_.text_of(expr.span));
}

void RuleBinder::bind_stage(std::size_t index) {
  const StageDecl& decl = decl_.stages[index];
  cep::Stage stage;
  stage.name = decl.name.text;
  stage.contiguity = contiguity_of(decl.word);
  check_stage_name(decl.name);
  if (decl.stream && !incomplete_ && decl.stream->text != streams_[*stream_].name) {
    report(Code::kStageStream, decl.stream->span,
           text("this rule reads `{}`, not `{}`", streams_[*stream_].name, decl.stream->text));
  }
  if (decl.where) stage.where = bind_stage_condition(index, *decl.where, "`where`");
  if (decl.until) stage.until = bind_stage_condition(index, *decl.until, "`until`");
  if (index == 0 && !decl.where) starts_with_anything_ = true;
  bind_quantifier(decl, stage);
  spec_.stages.push_back(std::move(stage));
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
  stage.quantifier.optional = decl.optional_word.has_value();
  stage.quantifier.greedy = decl.greedy_word.has_value();
  if (decl.consecutive_word && decl.combinations_word) {
    report(Code::kConsecutiveWithCombinations, *decl.combinations_word,
           text("`{}` cannot be both consecutive and allowCombinations", stage.name));
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
  scope_.visible_stages = decl_.stages.size();
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
  if (problem.kind == Kind::kWindowNotPositive) return decl_.within_span;
  if (problem.stage >= decl_.stages.size()) return decl_.name.span;
  const StageDecl& stage = decl_.stages[problem.stage];
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
    default:
      return stage.name.span;
  }
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
      if (!is_negated(stage.word)) names.push_back(stage.name.text);
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
  const bool waits = std::ranges::any_of(spec_.stages, [&](const cep::Stage& stage) {
    const bool first = &stage == &spec_.stages.front();
    const bool next =
        stage.contiguity == cep::Contiguity::kNext || stage.contiguity == cep::Contiguity::kNotNext;
    const bool repeated =
        !stage.quantifier.is_single() && stage.quantifier.inner != cep::Inner::kConsecutive;
    return (!first && !next) || repeated;
  });
  if (waits && !spec_.window) {
    report(Code::kUnboundedState, decl_.name.span,
           text("rule `{}` has no `within`, so a partial match can wait for ever", decl_.name.text),
           "add `within DURATION`");
  }
  if (starts_with_anything_) {
    report(Code::kAlwaysTrue, decl_.stages.front().name.span,
           text("every event begins a match of rule `{}`", decl_.name.text),
           "add a `where` unless that is meant");
  }
}

}  // namespace lymer::rules
