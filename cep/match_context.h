// Where the rows go that a function makes of a match, and what it may know of time.
//
// Rows carry the match's time, and ids that are the same after a replay: those of the match and of
// the row's place among its rows. They leave with the next output of the operator. After Flink's
// PatternProcessFunction.Context and Collector.
// Not here: the functions (cep/match_function.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "cep/match.h"
#include "runtime/base/clock.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/operator.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// An output of its own for some of the rows (Flink's OutputTag). Ports from kFirstSidePort on are
// free; rules of one operator that use the same port must agree on the schema.
struct SideOutput {
  runtime::Port port;
  runtime::SchemaRef schema;
};
inline constexpr runtime::Port kFirstSidePort{3};

// Rows that wait to leave on side outputs.
struct SideRows {
  std::map<runtime::Port, runtime::EventBatch> batches;
  std::size_t waiting = 0;  // Rows in all of them, or more where some have left.
};

// Takes rows of the function's own schema.
class RowCollector {
 public:
  // `rows` must outlive the collector.
  RowCollector(runtime::SchemaRef schema, runtime::EventBatch& rows)
      : row_(std::move(schema)), rows_(rows) {}

  // Gives a row with every field null, to fill and to collect. The same memory each time.
  [[nodiscard]] runtime::RowBuilder& row() {
    row_.reset();
    return row_;
  }
  // Puts a row out; it must be of the function's schema.
  void collect(const runtime::RowBuilder& row);

 protected:
  void append(runtime::Port port, runtime::EventBatch& rows, const runtime::RowBuilder& row);
  void set_match(const Match& match);

 private:
  runtime::RowBuilder row_;
  runtime::EventBatch& rows_;
  EventTime time_;
  std::string match_id_;
  std::map<runtime::Port, std::uint64_t> counts_;  // Rows of this match so far.
};

class MatchContext final : public RowCollector {
 public:
  // All must outlive the context.
  MatchContext(runtime::SchemaRef schema, runtime::EventBatch& rows, SideRows& sides,
               const EventTime& watermark)
      : RowCollector(std::move(schema), rows), sides_(sides), watermark_(watermark) {}

  // For the operator: turns to another match, and tells the clock.
  void begin(const Match& match) {
    set_match(match);
    timestamp_ = match.time;
  }
  void set_clock(const Clock& clock) { clock_ = &clock; }

  // When the match was found: the time of its last event or the deadline that completed it; for a
  // timed-out partial match the end of its window. In processing time the clock's, as events then
  // have.
  [[nodiscard]] EventTime timestamp() const noexcept { return timestamp_; }
  // In processing time, how far the operator has come.
  [[nodiscard]] EventTime watermark() const noexcept { return watermark_; }
  // The clock's time. Requires an opened operator.
  [[nodiscard]] EventTime processing_time() const;

  // Puts a row out on a side output; it must be of the output's schema.
  void output(const SideOutput& output, const runtime::RowBuilder& row);

 private:
  SideRows& sides_;
  const EventTime& watermark_;
  const Clock* clock_ = nullptr;
  EventTime timestamp_;
};

}  // namespace lymer::cep
