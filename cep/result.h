// Results as rows: what a rule says of a match, ready for any sink.
//
//   {"rule","version","id","key":{},"time","first","last","deadline","emit":{} | "match":{}}
//
// `emit` holds the rule's own fields; a rule without `emit` gives the whole match, stage by stage.
// `deadline` stands in timeouts only. The parts that are objects are kept as JSON text.
// Not here: which fields a rule emits (rules/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/match.h"
#include "cep/match_function.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// The schema that all results share.
[[nodiscard]] runtime::SchemaRef result_schema();

// Whose result a row is, of which kind, and what it is found by. Points into the row.
struct ResultOrigin {
  std::string_view rule;
  bool is_timeout = false;
  std::string_view id = {};
  std::string_view key = {};  // As JSON.
  EventTime time = {};
  std::string_view events = {};  // As JSON, where append_result_json() leaves them out.
};
[[nodiscard]] ResultOrigin origin_of(const runtime::RowView& row);

// Appends a result row as JSON, leaving out what does not apply to it, and the events of a rule
// that has `emit`.
void append_result_json(std::string& out, const runtime::RowView& row);

// One field of `emit`, an expression over the histories of the match; its current row is the key.
struct EmitField {
  std::string name;
  runtime::Expression value;
};

struct ResultSpec {
  std::vector<runtime::SchemaRef> schemas;  // By SchemaId.
  runtime::SchemaRef key;                   // Names and types of the key's fields.
  std::optional<std::vector<EmitField>> emit;
  // The row holds the events too where there is an `emit`.
  bool keeps_events = false;
};

// Selects results as above.
class ResultSelector final : public MatchSelector {
 public:
  explicit ResultSelector(ResultSpec spec);
  void select(const Match& match, runtime::RowBuilder& row) override;
  // Fills another row with the values of such expressions as EmitField::value. Returns how many
  // went wrong, which errors() does not count.
  [[nodiscard]] std::uint64_t fill(const Match& match,
                                   const std::vector<runtime::Expression>& values,
                                   runtime::RowBuilder& row);
  [[nodiscard]] const runtime::SchemaRef& schema() const override { return schema_; }
  // Counts overflows, divisions by zero and bad casts in `emit`.
  [[nodiscard]] std::uint64_t errors() const override { return errors_; }

 private:
  void read_key(const Match& match);
  void append_key();
  void append_emit(const Match& match);
  void append_stages(const Match& match);

  ResultSpec spec_;
  runtime::SchemaRef schema_;
  runtime::RowBuilder key_row_;
  std::vector<std::byte> key_;
  std::vector<runtime::Value> key_values_;
  runtime::Scratch scratch_;
  std::string json_;
  std::uint64_t errors_ = 0;
};

}  // namespace lymer::cep
