// Operators that are a function of one event: filter, map, flat_map.
//
//   Filter filter(schema, [](const EventView& event) { return event.row.get(1, kInt).as_int() > 0;
//   });
//
// A result has the time of its event and, where there is one at most, its id.
// Not here: expressions of rule text, which make such functions (rules/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "runtime/event.h"
#include "runtime/event_view.h"
#include "runtime/operator.h"
#include "runtime/output_queue.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::runtime {

// Keeps the events for which the function holds.
class Filter final : public Operator {
 public:
  using Keeps = std::function<bool(const EventView&)>;
  Filter(SchemaRef input, Keeps keeps);
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

 private:
  SchemaRef input_;
  Keeps keeps_;
};

// Makes one event of each. The function fills a row of the output, all of whose fields are null.
class Map final : public Operator {
 public:
  using Fill = std::function<void(const EventView&, RowBuilder&)>;
  // Where one event comes to one place by several ways, all but one of them are branches, whose
  // results have ids of their own.
  Map(SchemaRef input, const SchemaRef& output, SchemaId output_id, Fill fill,
      std::optional<std::uint64_t> branch = {});
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

 private:
  SchemaRef input_;
  SchemaId output_id_;
  Fill fill_;
  std::optional<std::uint64_t> branch_;
  RowBuilder row_;
};

// Makes any number of events of each: the function calls its last argument with each row.
class FlatMap final : public Operator {
 public:
  using Emit = std::function<void(std::span<const std::byte>)>;
  using Make = std::function<void(const EventView&, const Emit&)>;
  FlatMap(SchemaRef input, SchemaId output_id, Make make);
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;
  [[nodiscard]] Result<Progress> resume(Collector& out) override;

 private:
  [[nodiscard]] Progress go_on(Collector& out);

  SchemaRef input_;
  SchemaId output_id_;
  Make make_;
  EventBatch batch_;
  std::size_t next_ = 0;  // The first event that is not worked through.
  OutputQueue results_;
};

}  // namespace lymer::runtime
