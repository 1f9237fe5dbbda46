// How the records of a file or a connection become the events of a stream: format, fields, time.
//
//   {.format = CsvFormat{.delimiter = ';'}, .time_field = "at", .out_of_order =
//   Duration::seconds(5)}
//
// Not here: files and connections (runtime/stream/stream.h), decoding (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/file_source.h"
#include "runtime/format/decoder.h"
#include "runtime/graph/stream_graph.h"
#include "runtime/record_source.h"
#include "runtime/schema.h"
#include "runtime/source.h"
#include "runtime/timestamp.h"

namespace lymer::runtime {

struct RecordInput {
  std::variant<JsonFormat, CsvFormat, TextFormat> format = JsonFormat{};
  // Where fields stand in a record; each under its own name if there are none.
  std::vector<FieldSource> fields = {};
  // The field with an event's time: a time, a text in RFC 3339, or a number of milliseconds since
  // 1970. Otherwise `timestamp` says, and without both it is the time of reading.
  std::string time_field = "";
  std::optional<TimestampSpec> timestamp = {};
  Duration out_of_order = {};
  // After this long without a record it no longer holds back other streams; never if not positive.
  Duration idle_after = Duration::seconds(30);
  // A longer record is passed over without being kept.
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  // Hears on the source's thread of records that gave no event; they are counted in any case.
  std::function<void(const RejectedRecord&)> on_rejected = nullptr;
};

// Opens what is to be read, when the job starts.
using OpenReader = std::function<Result<std::unique_ptr<SplitReader>>()>;

// How its format has a file cut into records.
[[nodiscard]] Framing framing_of(const RecordInput& input);
[[nodiscard]] char csv_delimiter_of(const RecordInput& input);
// What is wrong with it, in words for who wrote it; empty if nothing is. `goes_on`: what is read
// has no end, as documents must have.
[[nodiscard]] std::string wrong_input(std::string_view name, const SchemaRef& schema,
                                      const RecordInput& input, bool goes_on);
// Requires an input with which nothing is wrong.
[[nodiscard]] SourceMaker record_source(const SchemaRef& schema, SchemaId id, SplitId split,
                                        RecordInput input, OpenReader open);

}  // namespace lymer::runtime
