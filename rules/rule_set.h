// What a rule file means: streams with their schemas and decoders, rules with their patterns.
//
// Plain values in which every name is resolved and every type checked; the engine builds a job of
// them. Not here: how the text is read (rules/parser.h) and checked (rules/binder.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "cep/pattern.h"
#include "cep/result.h"
#include "rules/ast.h"
#include "runtime/file_source.h"
#include "runtime/format/decoder.h"
#include "runtime/join/interval_join.h"
#include "runtime/join/window_join.h"
#include "runtime/operators/key_by.h"
#include "runtime/record_metadata.h"
#include "runtime/record_source.h"
#include "runtime/schema.h"
#include "runtime/timestamp.h"
#include "runtime/window/assigner.h"

namespace lymer::rules {

using FormatPlan = std::variant<runtime::JsonFormat, runtime::TextFormat, runtime::CsvFormat>;

// Topics of Kafka: by name, or all that a pattern matches.
struct TopicPlan {
  std::vector<std::string> names = {};
  std::string pattern = {};
  TopicStart start = TopicStart::kCommitted;  // Of a partition that no checkpoint knows.
  EventTime instant = {};                     // With TopicStart::kInstant.
};

// A stream that is read: records of a file, of topics, or of a stream of the embedded log if that
// is named.
struct SourcePlan {
  std::optional<TopicPlan> topics = {};
  std::string path;
  std::string log = {};
  bool follow = false;
  runtime::Framing framing = runtime::Framing::kLines;
  FormatPlan format;
  std::vector<runtime::FieldSource> decoded;
  std::vector<runtime::MetadataField> metadata;  // Of topics.
  std::vector<runtime::ComputedField> computed;
  runtime::TimestampSpec timestamp = runtime::IngestionTime{};
  Duration out_of_order;
  Duration idle = Duration::seconds(30);
};

// A stream as an input of something, under a key; without fields: all of it under one.
struct InputPlan {
  std::size_t stream = 0;  // Index into RuleSet::streams.
  runtime::KeyExpression key = {};
};

// Windows of time, or of counts where `count` or `every` is set.
struct WindowPlan {
  runtime::WindowAssigner windows = runtime::WindowAssigner::global();
  std::optional<std::int64_t> count = {};  // How many of the last events a window holds.
  std::optional<std::int64_t> every = {};  // After how many a window of counts gives a result.
  Duration lateness = {};
};

// Expressions for the fields of a stream's schema, in the order of its slots.
using SelectPlan = std::vector<runtime::Expression>;

// Events of one stream that fulfil a condition, with new fields if `select` is set.
struct FilterPlan {
  std::size_t stream = 0;
  std::optional<runtime::Expression> where = {};
  std::optional<SelectPlan> select = {};
};

// Windows over the events of one stream; see runtime/select/window_select.h for the rows that
// `select` is about.
struct WindowedPlan {
  InputPlan input;
  std::optional<runtime::Expression> where = {};
  WindowPlan window = {};
  SelectPlan select = {};
};

// All events of several streams, with the fields of all.
struct UnionPlan {
  struct Member {
    std::size_t stream = 0;
    SelectPlan select;
  };
  std::vector<Member> members;
};

// Pairs of two streams; see runtime/select/join_select.h for the rows that `select` is about.
struct JoinPlan {
  InputPlan left = {};
  InputPlan right = {};
  std::variant<runtime::JoinInterval, WindowPlan> by = {};
  runtime::JoinKind kind = runtime::JoinKind::kInner;  // Of a window join.
  bool is_co_group = false;
  std::optional<runtime::Expression> where = {};
  SelectPlan select = {};
};

// The results of a rule as rows, or what was late for it.
struct ResultPlan {
  enum class Kind : std::uint8_t { kMatches, kTimeouts, kLate };
  Kind kind = Kind::kMatches;
  std::size_t rule = 0;    // Index into RuleSet::rules.
  SelectPlan select = {};  // Of matches and timeouts, as cep::EmitField::value.
};

// What was late for a stream of windows.
struct LatePlan {
  std::size_t stream = 0;
  runtime::Port port;
};

using StreamOrigin =
    std::variant<SourcePlan, FilterPlan, WindowedPlan, UnionPlan, JoinPlan, ResultPlan, LatePlan>;

struct StreamPlan {
  std::string name;
  // Some of its fields may be unknown, because its declaration has an error.
  bool incomplete = false;
  runtime::SchemaRef schema;
  StreamOrigin origin = {};

  // Requires a stream that is read.
  [[nodiscard]] const SourcePlan& source() const { return std::get<SourcePlan>(origin); }
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
  // Streams of the embedded log that results go to as well.
  std::vector<std::string> match_logs = {};
  std::vector<std::string> timeout_logs = {};
  // Likewise of Kafka's topics.
  std::vector<std::string> match_topics = {};
  std::vector<std::string> timeout_topics = {};
};

// Events that a test gives a stream: `count` of them, so far apart.
struct TestRowPlan {
  std::size_t stream = 0;  // Index into RuleSet::streams, of one that is read.
  Duration at;             // Since the test's beginning.
  std::int64_t count = 1;
  Duration every = {};
  std::vector<std::pair<runtime::Slot, runtime::Expression>> values;  // Constants.
  Span span = {};
};

// A result that a test waits for.
struct ExpectationPlan {
  ExpectedWord word = ExpectedWord::kMatch;
  std::string of = {};  // A rule, or of late events a stream; empty: any that the test is about.
  std::vector<std::pair<std::string, runtime::Expression>> fields;  // Constants.
  std::optional<Duration> at = {};
  Span span = {};
};

struct TestPlan {
  std::string name;
  std::vector<std::string> rules;  // Which it is about; all if empty.
  std::vector<TestRowPlan> rows;
  std::vector<ExpectationPlan> expectations;
  bool nothing_else = false;
  Span span = {};
};

struct RuleSet {
  std::vector<StreamPlan> streams;
  std::vector<RulePlan> rules;
  std::vector<TestPlan> tests = {};  // For `lymer test` alone.
};

}  // namespace lymer::rules
