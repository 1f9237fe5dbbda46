// Streams and fields by name; keys against the key of the first stream.
// Not here: parsing (rules/parser_input.h).
#include "rules/rule_inputs.h"

#include <algorithm>
#include <utility>

#include "rules/key_binder.h"
#include "rules/query_binder.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {

void RuleInputs::report(Code code, Span span, std::string message, std::string label,
                        std::vector<std::string> help) {
  sound_ = false;
  declarations_.report(code, span, std::move(message), std::move(label), std::move(help));
}

const runtime::Field& RuleInputs::field(std::size_t stream, runtime::Slot slot) const {
  return streams_[stream].schema->fields()[slot];
}

bool RuleInputs::bind() {
  if (decl_.inputs.empty()) {
    if (!incomplete_) {
      report(Code::kNoInput, decl_.name.span,
             text("rule `{}` does not say what it reads", decl_.name.text),
             "add `on STREAM by FIELD`");
    }
    return false;
  }
  for (const InputDecl& each : decl_.inputs) {
    if (!bind_input(each)) return false;
  }
  if (decl_.order) bind_order(*decl_.order);
  return true;
}

std::optional<std::size_t> RuleInputs::stream_named(const Name& name) {
  const auto found = declarations_.streams.find(name.text);
  if (found != declarations_.streams.end()) return found->second;
  sound_ = false;
  if (declarations_.has_nameless) return std::nullopt;
  report_unknown_stream(name, streams_, declarations_);
  return std::nullopt;
}

bool RuleInputs::bind_input(const InputDecl& input) {
  const auto stream = stream_named(input.stream);
  if (!stream) return false;
  const auto known = std::ranges::find(inputs_, *stream, &RuleInput::stream);
  if (known != inputs_.end()) {
    report(Code::kDuplicateName, input.stream.span,
           text("rule `{}` reads `{}` twice", decl_.name.text, input.stream.text));
    return false;
  }
  inputs_.push_back({.stream = *stream, .keys = {{}}});
  std::optional<runtime::KeyExpression> key = runtime::KeyExpression{};
  if (input.by) key = key_of(*stream, *input.by);
  if (!key) {
    key_is_known_ = false;
    return true;
  }
  if (inputs_.size() > 1 && key_is_known_) {
    check_key(*stream, *key, input.by ? input.by->span : input.stream.span);
  }
  inputs_.back().keys.front() = std::move(*key);
  return true;
}

std::optional<runtime::KeyExpression> RuleInputs::key_of(std::size_t stream, const KeyDecl& key) {
  auto bound = bind_key(streams_[stream], key, incomplete_, declarations_);
  sound_ = sound_ && bound.has_value();
  return bound;
}

// Events of different streams, or of stages with their own keys, meet under equal keys.
bool RuleInputs::check_key(std::size_t stream, const runtime::KeyExpression& key, Span span) {
  const std::size_t first_stream = inputs_.front().stream;
  const runtime::KeyExpression& first = inputs_.front().keys.front();
  if (key.size() != first.size()) {
    const auto fields = [](std::size_t count) {
      return count == 0 ? std::string("no field")
                        : text("{} field{}", count, count == 1 ? "" : "s");
    };
    report(Code::kKeyType, span,
           text("this key has {}, that of `{}` has {}", fields(key.size()),
                streams_[first_stream].name, fields(first.size())),
           "all keys of a rule have fields of the same types");
    return false;
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    const runtime::Field& own = field(stream, key[i]);
    const runtime::Field& other = field(first_stream, first[i]);
    if (own.type == other.type) continue;
    report(
        Code::kKeyType, span,
        text("`{}` is of type {}, `{}` in the key of `{}` is of type {}", own.name,
             to_string(own.type), other.name, streams_[first_stream].name, to_string(other.type)),
        "all keys of a rule have fields of the same types");
    return false;
  }
  return true;
}

void RuleInputs::bind_order(const OrderDecl& order) {
  for (const OrderField& each : order.fields) {
    OrderPlan plan;
    plan.is_descending = each.is_descending;
    for (const RuleInput& input : inputs_) {
      const auto slot = field_named(streams_[input.stream], each.name, incomplete_, declarations_);
      if (!slot) {
        sound_ = false;
        break;
      }
      const runtime::Type type = field(input.stream, *slot).type;
      if (type.kind == runtime::TypeKind::kList) {
        report(Code::kKeyType, each.name.span,
               text("`{}` is of type {}, which has no order", each.name.text, to_string(type)));
        break;
      }
      if (!plan.slots.empty() && type != plan.type) {
        report(Code::kKeyType, each.name.span,
               text("`{}` is of type {} in `{}` and of type {} in `{}`", each.name.text,
                    to_string(plan.type), streams_[inputs_.front().stream].name, to_string(type),
                    streams_[input.stream].name));
        break;
      }
      plan.type = type;
      plan.slots.push_back(*slot);
    }
    order_.push_back(std::move(plan));
  }
}

// A stream that the rule reads, or a member of a union that it reads.
std::optional<StageInput> RuleInputs::input_with(const std::string& stream) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (streams_[inputs_[i].stream].name == stream) return StageInput{.input = i};
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto members = member_names(streams_[inputs_[i].stream], streams_);
    if (std::ranges::find(members, stream) != members.end()) {
      return StageInput{.input = i, .key = 0, .member = stream};
    }
  }
  return std::nullopt;
}

std::optional<StageInput> RuleInputs::input_of(const StageDecl& stage) {
  std::vector<std::string> names;
  for (const RuleInput& each : inputs_) names.push_back(streams_[each.stream].name);
  if (!stage.stream) {
    if (inputs_.size() == 1) return StageInput{};
    if (incomplete_) return std::nullopt;
    report(
        Code::kStageStream, stage.name.span,
        text("stage `{}` does not say which stream it reads", stage.name.text),
        text("write `{}: {}`", write_name(stage.name.text), streams_[inputs_.front().stream].name),
        {text("streams of the rule: {}", join_names(names))});
    return std::nullopt;
  }
  if (auto found = input_with(stage.stream->text)) return found;
  const bool is_unsure = std::ranges::any_of(inputs_, [&](const RuleInput& each) {
    const StreamPlan& read = streams_[each.stream];
    return read.incomplete && std::holds_alternative<UnionPlan>(read.origin);
  });
  if (incomplete_ || is_unsure) {
    sound_ = false;
    return std::nullopt;
  }
  for (const RuleInput& each : inputs_) {
    const auto members = member_names(streams_[each.stream], streams_);
    names.insert(names.end(), members.begin(), members.end());
  }
  const std::string meant = suggestion(stage.stream->text, names);
  report(
      Code::kStageStream, stage.stream->span,
      text("this rule does not read `{}`", stage.stream->text),
      meant.empty() ? text("add it: `on ..., {} by FIELD`", write_name(stage.stream->text)) : meant,
      {text("streams of the rule: {}", join_names(names))});
  return std::nullopt;
}

std::optional<StageInput> RuleInputs::bind_stage(const StageDecl& stage) {
  const auto input = input_of(stage);
  if (!input) return std::nullopt;
  StageInput bound = *input;
  if (!stage.by) return bound;
  RuleInput& read = inputs_[bound.input];
  auto key = key_of(read.stream, *stage.by);
  if (!key || !key_is_known_) return bound;
  if (!check_key(read.stream, *key, stage.by->span)) return bound;
  const auto known = std::ranges::find(read.keys, *key);
  bound.key = static_cast<std::size_t>(known - read.keys.begin());
  if (known != read.keys.end()) return bound;
  if (read.keys.size() == runtime::KeyBy::kMaxExpressions) {
    report(Code::kKeyType, stage.by->span,
           text("a rule cannot have more than {} keys for one stream",
                runtime::KeyBy::kMaxExpressions));
    bound.key = 0;
    return bound;
  }
  read.keys.push_back(std::move(*key));
  return bound;
}

bool RuleInputs::has_stage_keys() const {
  return std::ranges::any_of(inputs_, [](const RuleInput& each) { return each.keys.size() > 1; });
}

runtime::SchemaRef RuleInputs::key_schema() const {
  std::vector<runtime::Field> fields;
  for (const runtime::Slot slot : inputs_.front().keys.front()) {
    fields.push_back(field(inputs_.front().stream, slot));
    fields.back().hidden = false;
  }
  return std::make_shared<const runtime::Schema>("key", std::move(fields));
}

ScopeStream RuleInputs::stream_of(std::size_t input) const {
  return scope_of(streams_[inputs_[input].stream], incomplete_);
}

std::vector<ScopeKey> RuleInputs::keys_of(const StageInput& stage) const {
  std::vector<ScopeKey> keys = key_row();
  const runtime::KeyExpression& own = inputs_[stage.input].keys[stage.key];
  for (std::size_t i = 0; i < keys.size() && i < own.size(); ++i) keys[i].slot = own[i];
  return keys;
}

std::vector<ScopeKey> RuleInputs::key_row() const {
  std::vector<ScopeKey> keys;
  for (const runtime::Slot slot : inputs_.front().keys.front()) {
    const runtime::Field& each = field(inputs_.front().stream, slot);
    keys.push_back({each.name, each.type, static_cast<runtime::Slot>(keys.size())});
  }
  return keys;
}

}  // namespace lymer::rules
