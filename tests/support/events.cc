// Builders around RowBuilder and EventBatch.
// Not here: decoding rows from input (tests/runtime/format/).
#include "tests/support/events.h"

#include <span>
#include <type_traits>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/key_group.h"
#include "runtime/key_reader.h"

namespace lymer::support {
namespace {

using runtime::EventBatch;
using runtime::Value;

std::string time_text(EventTime time) {
  if (time == EventTime::max()) return "max";
  if (time == EventTime::min()) return "min";
  return text("{}", time.to_millis());
}

std::string event_line(const EventBatch& batch, std::size_t index,
                       const runtime::SchemaRef& schema) {
  const runtime::EventHeader& header = batch.headers()[index];
  std::string line = "@" + time_text(header.time) + " ";
  if (schema == nullptr) {
    line += text("{} bytes", header.row.length);
  } else {
    const runtime::RowView row(batch.bytes(header.row), schema->size());
    runtime::append_json_row(line, row, *schema);
  }
  if (header.key_hash != 0) append_text(line, " key {:016x}", header.key_hash);
  return line;
}

struct LineOfMark {
  std::string operator()(const EventBatch&) const { return {}; }
  std::string operator()(const runtime::Watermark& mark) const {
    return "watermark " + time_text(mark.time);
  }
  std::string operator()(const runtime::IdleMark&) const { return "idle"; }
  std::string operator()(const runtime::Barrier& barrier) const {
    return text("barrier {}", barrier.epoch.value());
  }
  std::string operator()(const runtime::CancelMark& cancel) const {
    return text("cancel {}", cancel.epoch.value());
  }
  std::string operator()(const runtime::LatencyMarker& marker) const {
    return text("latency {}", marker.made_at_seconds);
  }
  std::string operator()(const runtime::ControlRecord& record) const {
    return text("control {} {}", record.version, record.payload);
  }
  std::string operator()(const runtime::EndOfInput&) const { return "end of input"; }
};

}  // namespace

runtime::Value value_of(const Cell& cell) {
  return std::visit(
      [](const auto& content) {
        if constexpr (std::is_same_v<decltype(content), const std::monostate&>) {
          return Value::null();
        } else {
          return Value::of(content);
        }
      },
      cell);
}

runtime::SchemaRef schema_of(std::vector<runtime::Field> fields, std::string name) {
  return std::make_shared<const runtime::Schema>(std::move(name), std::move(fields));
}

std::vector<std::byte> row_of(const runtime::SchemaRef& schema, const std::vector<Cell>& cells) {
  runtime::RowBuilder row(schema);
  row.reset();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row.set(static_cast<runtime::Slot>(i), value_of(cells[i]));
  }
  return {row.bytes().begin(), row.bytes().end()};
}

EventDraft EventDraft::of(std::uint16_t number) const {
  EventDraft draft = *this;
  draft.schema = runtime::SchemaId(number);
  return draft;
}

EventDraft EventDraft::from(std::uint32_t split, std::uint64_t offset) const {
  EventDraft moved = *this;
  moved.id = runtime::EventId{runtime::SplitId(split), offset};
  return moved;
}

EventDraft at(std::int64_t millis, std::vector<Cell> cells) {
  return EventDraft{.time = ms(millis), .cells = std::move(cells)};
}

void append_event(EventBatch& batch, const runtime::SchemaRef& schema, const EventDraft& draft,
                  std::uint64_t offset) {
  runtime::EventHeader header;
  header.time = draft.time;
  header.id = draft.id.value_or(runtime::EventId{runtime::SplitId(0), offset});
  header.schema = draft.schema;
  batch.append(header, row_of(schema, draft.cells), draft.raw);
}

EventBatch batch_of(const runtime::SchemaRef& schema, const std::vector<EventDraft>& drafts) {
  EventBatch batch;
  for (const EventDraft& draft : drafts) append_event(batch, schema, draft, batch.size());
  return batch;
}

void set_key(EventBatch& batch, std::size_t index, const runtime::Schema& schema,
             const std::vector<runtime::Slot>& slots) {
  const runtime::KeyReader reader(schema, slots);
  std::vector<std::byte> scratch;
  const runtime::RowView row(batch.bytes(batch.headers()[index].row), schema.size());
  batch.set_key_hash(index, reader.hash(row, scratch).value());
}

void set_keys(EventBatch& batch, const runtime::Schema& schema,
              const std::vector<runtime::Slot>& slots) {
  for (std::size_t i = 0; i < batch.size(); ++i) set_key(batch, i, schema, slots);
}

std::vector<std::byte> key_of(const std::vector<Cell>& cells) {
  std::vector<std::byte> key;
  for (const Cell& cell : cells) runtime::append_key(key, value_of(cell));
  return key;
}

std::vector<std::string> lines_of(const runtime::StreamElement& element,
                                  const runtime::SchemaRef& schema) {
  const auto* batch = std::get_if<EventBatch>(&element);
  if (batch == nullptr) return {std::visit(LineOfMark{}, element)};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < batch->size(); ++i) lines.push_back(event_line(*batch, i, schema));
  return lines;
}

}  // namespace lymer::support
