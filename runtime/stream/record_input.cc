// A source that is put together when the job starts, since only then there is a clock to read and a
// task that can fail.
// Not here: what it does from then on (runtime/record_source.cc).
#include "runtime/stream/record_input.h"

#include <utility>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

Result<std::unique_ptr<Decoder>> make_decoder(const SchemaRef& schema, const RecordInput& input) {
  std::vector<FieldSource> fields = input.fields;
  for (Slot slot = 0; input.fields.empty() && slot < schema->size(); ++slot) {
    fields.push_back({slot, {schema->fields()[slot].name}});
  }
  if (const auto* csv = std::get_if<CsvFormat>(&input.format)) {
    return make_csv_decoder(schema, *csv, fields);
  }
  if (const auto* text_format = std::get_if<TextFormat>(&input.format)) {
    return make_text_decoder(schema, *text_format, fields);
  }
  return make_json_decoder(schema, std::get<JsonFormat>(input.format), std::move(fields));
}

Result<TimestampSpec> timestamp_of(const Schema& schema, const RecordInput& input) {
  if (input.time_field.empty()) return input.timestamp.value_or(IngestionTime{});
  const auto invalid = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  const std::optional<Slot> slot = schema.slot_of(input.time_field);
  if (!slot) {
    return invalid(text("there is no field `{}` for the time of its events", input.time_field));
  }
  const Type type = schema.fields()[*slot].type;
  switch (type.kind) {
    case TypeKind::kTime:
    case TypeKind::kString:
      return TimestampSpec(TimeFromField{*slot, type});
    case TypeKind::kInt:
    case TypeKind::kFloat:
      return TimestampSpec(TimeFromUnit{*slot, type});
    default:
      return invalid(
          text("`{}`, a {}, cannot be the time of its events; choose a time, a text or "
               "a number",
               input.time_field, to_string(type)));
  }
}

class LateOpenedSource final : public EventSource, private SourceObserver {
 public:
  LateOpenedSource(SourceSpec spec, RecordInput input, OpenReader open)
      : spec_(std::move(spec)), input_(std::move(input)), open_(std::move(open)) {}

  Result<void> open(const OperatorContext& context) override {
    LYMER_ASSIGN_OR_RETURN(auto decoder, make_decoder(spec_.schema, input_));
    LYMER_ASSIGN_OR_RETURN(auto reader, open_());
    source_.emplace(spec_, std::move(reader), std::move(decoder),
                    static_cast<SourceObserver&>(*this), context.clock);
    return source_->open(context);
  }
  void update_metrics() override {
    if (source_) source_->update_metrics();
  }
  Result<SourceState> step(Collector& out) override { return source_->step(out); }
  SourceState flush(Collector& out) override { return source_->flush(out); }
  void finish(bool drains) override { source_->finish(drains); }
  void on_barrier(Epoch epoch) override { source_->on_barrier(epoch); }
  void on_checkpoint_complete(Epoch epoch) override {
    if (source_) source_->on_checkpoint_complete(epoch);
  }
  Result<void> snapshot(StateSnapshot& state) const override { return source_->snapshot(state); }
  Result<void> restore(const StateSnapshot& state) override { return source_->restore(state); }
  EventTime watermark() const override { return source_ ? source_->watermark() : EventTime::min(); }

 private:
  void on_rejected(const RejectedRecord& record) override {
    if (input_.on_rejected != nullptr) input_.on_rejected(record);
  }

  SourceSpec spec_;
  RecordInput input_;
  OpenReader open_;
  std::optional<RecordSource> source_;  // Since open().
};

}  // namespace

Framing framing_of(const RecordInput& input) {
  if (std::holds_alternative<CsvFormat>(input.format)) return Framing::kCsvLines;
  const auto* json = std::get_if<JsonFormat>(&input.format);
  return json != nullptr && !json->at.empty() ? Framing::kDocument : Framing::kLines;
}

char csv_delimiter_of(const RecordInput& input) {
  const auto* csv = std::get_if<CsvFormat>(&input.format);
  return csv != nullptr ? csv->delimiter : CsvFormat().delimiter;
}

std::string wrong_input(std::string_view name, const SchemaRef& schema, const RecordInput& input,
                        bool goes_on) {
  const auto wrong = [&](std::string_view what) { return text("reading `{}`: {}", name, what); };
  if (goes_on && framing_of(input) == Framing::kDocument) {
    return wrong("a whole document is read from a file once; leave out `at`, or do not follow");
  }
  if (input.max_record_bytes == 0) return wrong("records of 0 bytes; allow more");
  for (const FieldSource& each : input.fields) {
    if (each.slot >= schema->size()) return wrong(text("there is no field {}", each.slot));
  }
  const auto time = timestamp_of(*schema, input);
  if (!time) return wrong(time.error().to_string());
  const auto decoder = make_decoder(schema, input);
  return decoder ? "" : wrong(decoder.error().to_string());
}

SourceMaker record_source(const SchemaRef& schema, SchemaId id, SplitId split, RecordInput input,
                          OpenReader open) {
  SourceSpec spec;
  spec.schema = schema;
  spec.schema_id = id;
  spec.split = split;
  const auto time = timestamp_of(*schema, input);
  if (time) spec.timestamp = *time;
  spec.out_of_order = input.out_of_order;
  spec.idle_after = input.idle_after;
  spec.records_are_documents = framing_of(input) == Framing::kDocument;
  return [spec, input = std::move(input), open = std::move(open)](const SourceShare&) {
    return std::make_unique<LateOpenedSource>(spec, input, open);
  };
}

}  // namespace lymer::runtime
