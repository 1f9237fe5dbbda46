// A batch in, a batch out.
// Not here: state.
#include "runtime/operators/transform.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "runtime/derived_id.h"

namespace lymer::runtime {
namespace {

EventView view_of(const EventBatch& batch, std::size_t index, const Schema& schema) {
  const EventHeader& header = batch.headers()[index];
  return {header, RowView(batch.bytes(header.row), schema.size()), batch.raw(index)};
}

}  // namespace

Filter::Filter(SchemaRef input, Keeps keeps) : input_(std::move(input)), keeps_(std::move(keeps)) {}

Result<Progress> Filter::on_batch(EventBatch batch, Collector& out) {
  batch.retain_if([&](std::size_t index) { return keeps_(view_of(batch, index, *input_)); });
  if (batch.empty()) return Progress::kDone;
  return emit_or_keep(std::move(batch), out);
}

Map::Map(SchemaRef input, const SchemaRef& output, SchemaId output_id, Fill fill,
         std::optional<std::uint64_t> branch)
    : input_(std::move(input)),
      output_id_(output_id),
      fill_(std::move(fill)),
      branch_(branch),
      row_(output) {}

Result<Progress> Map::on_batch(EventBatch batch, Collector& out) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    row_.reset();
    fill_(view_of(batch, i, *input_), row_);
    if (branch_) batch.set_id(i, derived_id(cause_of(batch.headers()[i].id), *branch_));
    batch.set_row(i, output_id_, row_.bytes());
  }
  if (batch.empty()) return Progress::kDone;
  return emit_or_keep(std::move(batch), out);
}

FlatMap::FlatMap(SchemaRef input, SchemaId output_id, Make make)
    : input_(std::move(input)), output_id_(output_id), make_(std::move(make)) {}

Result<Progress> FlatMap::on_batch(EventBatch batch, Collector& out) {
  batch_ = std::move(batch);
  next_ = 0;
  return go_on(out);
}

// Stops while there is no room, so what one event becomes is all that can pile up.
Progress FlatMap::go_on(Collector& out) {
  while (next_ < batch_.size()) {
    const EventView event = view_of(batch_, next_++, *input_);
    EventHeader header = event.header;
    header.schema = output_id_;
    std::uint64_t ordinal = 0;
    make_(event, [&](std::span<const std::byte> row) {
      header.id = derived_id(cause_of(event.header.id), ordinal++);
      results_.add(kMainPort, header, row, event.raw);
    });
    if (results_.is_full() && results_.flush(out) == Progress::kBlocked) return Progress::kBlocked;
  }
  return results_.flush(out);
}

Result<Progress> FlatMap::resume(Collector& out) {
  if (results_.flush(out) == Progress::kBlocked || go_on(out) == Progress::kBlocked) {
    return Progress::kBlocked;
  }
  return Operator::resume(out);
}

}  // namespace lymer::runtime
