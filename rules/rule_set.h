// What a rule file means: streams with their schemas and decoders, rules with their patterns.
//
// Plain values in which every name is resolved and every type checked; the engine builds a job of
// them. Not here: how the text is read (rules/parser.h) and checked (rules/binder.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "cep/pattern.h"
#include "cep/result.h"
#include "runtime/file_source.h"
#include "runtime/format/decoder.h"
#include "runtime/operators/key_by.h"
#include "runtime/schema.h"
#include "runtime/source_task.h"
#include "runtime/timestamp.h"

namespace lymer::rules {

using FormatPlan = std::variant<runtime::JsonFormat, runtime::TextFormat, runtime::CsvFormat>;

struct StreamPlan {
  std::string name;
  // Some of its fields may be unknown, because its declaration has an error.
  bool incomplete = false;
  std::string path;  // Of its file.
  bool follow = false;
  runtime::Framing framing = runtime::Framing::kLines;
  FormatPlan format;
  runtime::SchemaRef schema;
  std::vector<runtime::FieldSource> decoded;
  std::vector<runtime::ComputedField> computed;
  runtime::TimestampSpec timestamp = runtime::IngestionTime{};
  Duration out_of_order;
  Duration idle = Duration::seconds(30);
};

// What a rule says of a match: its own fields, or the whole match where there are none.
using EmitPlan = std::optional<std::vector<cep::EmitField>>;

// One of the streams that a rule reads.
struct RuleInput {
  std::size_t stream = 0;  // Index into RuleSet::streams.
  // That of `on` first, then those of stages with a `by` of their own, each once. All inputs of a
  // rule have keys of equal types.
  std::vector<runtime::KeyExpression> keys;
  friend bool operator==(const RuleInput&, const RuleInput&) = default;
  friend auto operator<=>(const RuleInput&, const RuleInput&) = default;
};

// One field of `order by`: its slot in each input.
struct OrderPlan {
  std::vector<runtime::Slot> slots;
  runtime::Type type;
  bool is_descending = false;
  friend bool operator<(const OrderPlan& left, const OrderPlan& right) {
    return std::tie(left.slots, left.type.kind, left.is_descending) <
           std::tie(right.slots, right.type.kind, right.is_descending);
  }
};

struct RulePlan {
  std::string name;
  std::string doc;
  std::string severity;
  std::vector<std::string> tags;
  std::vector<RuleInput> inputs;  // In the order of `on`.
  runtime::SchemaRef key;         // The key's fields, as the first input names them.
  std::vector<OrderPlan> order;
  cep::Pattern pattern;
  EmitPlan emit;
  // Set if the rule says `on timeout`.
  std::optional<EmitPlan> on_timeout;
};

struct RuleSet {
  std::vector<StreamPlan> streams;
  std::vector<RulePlan> rules;
};

}  // namespace lymer::rules
