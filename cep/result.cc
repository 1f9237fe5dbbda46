// Writing matches as rows whose nested parts are JSON text.
// Not here: where rows go (runtime/sink.h).
#include "cep/result.h"

#include <string_view>
#include <utility>

#include "runtime/format/json_writer.h"
#include "runtime/key_row.h"
#include "runtime/row.h"

namespace lymer::cep {
namespace {

using runtime::Slot;
using runtime::TypeKind;
using runtime::Value;

enum ResultSlot : Slot {
  kRule,
  kVersion,
  kId,
  kKey,
  kTime,
  kFirst,
  kLast,
  kDeadline,
  kEmit,
  kMatch,
};

// Appends `"name":` behind the opening brace or a comma.
void append_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out.push_back(',');
  runtime::append_json_string(out, name);
  out.push_back(':');
}

}  // namespace

runtime::SchemaRef result_schema() {
  static const runtime::SchemaRef schema = std::make_shared<const runtime::Schema>(
      "result", std::vector<runtime::Field>{
                    {"rule", {TypeKind::kString}, false, false},
                    {"version", {TypeKind::kInt}, false, false},
                    {"id", {TypeKind::kString}, false, false},
                    {"key", {TypeKind::kJson}, false, false},
                    {"time", {TypeKind::kTime}, false, false},
                    {"first", {TypeKind::kTime}, false, false},
                    {"last", {TypeKind::kTime}, false, false},
                    {"deadline", {TypeKind::kTime}, true, false},
                    {"emit", {TypeKind::kJson}, true, false},
                    {"match", {TypeKind::kJson}, true, false},
                });
  return schema;
}

ResultOrigin origin_of(const runtime::RowView& row) {
  const bool has_both = !row.is_null(kEmit) && !row.is_null(kMatch);
  return {.rule = row.get(kRule, {TypeKind::kString}).as_string(),
          .is_timeout = !row.is_null(kDeadline),
          .id = row.get(kId, {TypeKind::kString}).as_string(),
          .key = row.get(kKey, {TypeKind::kJson}).as_string(),
          .time = row.get(kTime, {TypeKind::kTime}).as_time(),
          .events = has_both ? row.get(kMatch, {TypeKind::kJson}).as_string() : ""};
}

void append_result_json(std::string& out, const runtime::RowView& row) {
  const std::vector<runtime::Field>& fields = result_schema()->fields();
  out.push_back('{');
  for (Slot slot = 0; slot < fields.size(); ++slot) {
    if (row.is_null(slot) || (slot == kMatch && !row.is_null(kEmit))) continue;
    append_name(out, fields[slot].name);
    runtime::append_json(out, row.get(slot, fields[slot].type));
  }
  out.push_back('}');
}

ResultSelector::ResultSelector(ResultSpec spec)
    : spec_(std::move(spec)), schema_(result_schema()), key_row_(spec_.key) {}

void ResultSelector::select(const Match& match, runtime::RowBuilder& row) {
  row.set(kRule, Value::of(match.rule.name));
  row.set(kVersion, Value::of(std::int64_t{match.rule.version}));
  row.set(kId, Value::of(match_id(match)));
  read_key(match);
  append_key();
  row.set(kKey, Value::json(json_));
  row.set(kTime, Value::of(match.time));
  row.set(kFirst, Value::of(match.first_time()));
  row.set(kLast, Value::of(match.last_time()));
  if (match.deadline) row.set(kDeadline, Value::of(*match.deadline));
  if (spec_.emit) {
    append_emit(match);
    row.set(kEmit, Value::json(json_));
  }
  if (!spec_.emit || spec_.keeps_events) {
    append_stages(match);
    row.set(kMatch, Value::json(json_));
  }
}

std::uint64_t ResultSelector::fill(const Match& match,
                                   const std::vector<runtime::Expression>& values,
                                   runtime::RowBuilder& row) {
  read_key(match);
  runtime::EvaluationContext context{
      .row = key_row_.view(), .histories = &match.history, .scratch = scratch_};
  for (Slot slot = 0; slot < values.size(); ++slot) {
    scratch_.reset();
    row.set(slot, runtime::evaluate(values[slot], context));
  }
  return context.errors;
}

// The key is read back from its encoded form: which fields gave it depends on stream and stage.
void ResultSelector::read_key(const Match& match) {
  key_row_.reset();
  match.read_key(key_);
  runtime::set_key_fields(key_, spec_.key->size(), key_row_, key_values_);
}

void ResultSelector::append_key() {
  const std::vector<runtime::Field>& fields = spec_.key->fields();
  json_.assign("{");
  for (Slot slot = 0; slot < fields.size(); ++slot) {
    append_name(json_, fields[slot].name);
    runtime::append_json(json_, key_row_.view().get(slot, fields[slot].type));
  }
  json_.push_back('}');
}

void ResultSelector::append_emit(const Match& match) {
  runtime::EvaluationContext context{
      .row = key_row_.view(), .histories = &match.history, .scratch = scratch_};
  json_.assign("{");
  for (const EmitField& field : *spec_.emit) {
    scratch_.reset();
    append_name(json_, field.name);
    runtime::append_json(json_, runtime::evaluate(field.value, context));
  }
  json_.push_back('}');
  errors_ += context.errors;
}

void ResultSelector::append_stages(const Match& match) {
  const std::vector<std::string>& stages = match.program.stages;
  json_.assign("{");
  for (runtime::HistoryIndex stage = 0; stage < stages.size(); ++stage) {
    if (match.history.count(stage) == 0) continue;
    append_name(json_, stages[stage]);
    json_.push_back('[');
    for (const nfa::PathEntry& entry : match.path()) {
      if (entry.stage.value() != stage) continue;
      if (json_.back() != '[') json_.push_back(',');
      const StoredEvent& event = match.store.get(entry.event);
      runtime::append_json_row(json_, match.history.row_of(entry.event),
                               *spec_.schemas[event.schema.value()]);
    }
    json_.push_back(']');
  }
  json_.push_back('}');
}

}  // namespace lymer::cep
