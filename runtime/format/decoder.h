// Records to rows: one interface for json, text and csv.
//
// A decoder fills the slots of fields that stand in the input; computed fields and the event's
// time come later (runtime/operators/decode.h). A record that cannot be decoded is a rejection with
// a reason, never an error of the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/base/result.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::runtime {

// Why a record gave no row. Each has its own counter and its own word in reports.
enum class RejectReason : std::uint8_t {
  kOversized,     // Longer than the limit.
  kNotUtf8,       // Bytes that are no UTF-8 text.
  kMalformed,     // No JSON, no CSV.
  kUnmatched,     // A text line that the regex does not match.
  kMissingField,  // A field that may not be null is absent or null.
  kWrongType,     // A field is there but is not what the stream declares.
  kBadTime,       // The event's time cannot be read.
  kTooDeep,       // Nested deeper than the limit.
};
inline constexpr std::size_t kRejectReasons = 8;

// Names a reason as reports and metrics print it: `wrong_type`.
[[nodiscard]] std::string_view to_string(RejectReason reason);

// What becomes of one record: any number of rows, skips and rejections.
class DecodeSink {
 public:
  virtual ~DecodeSink() = default;
  // The decoder has filled the builder; its bytes are valid during the call only.
  virtual void on_row(RowBuilder& row) = 0;
  // A line that is meant to be passed over (`unmatched skip`, a blank line).
  virtual void on_skip() = 0;
  virtual void on_reject(RejectReason reason, std::string detail) = 0;
};

// A field as a decoder looks for it.
struct FieldSource {
  Slot slot = 0;
  std::vector<std::string> path;  // json: keys from the top; text: the capture; csv: the column.
};

// Decodes records of one split. Thread-compatible.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Requires kRecordPadding readable bytes behind `record`.
  virtual void decode(std::string_view record, DecodeSink& sink) = 0;
  // Writes and reads what the decoder learned from the input (the header of a csv file).
  virtual void snapshot(ByteWriter& writer) const { (void)writer; }
  [[nodiscard]] virtual Result<void> restore(ByteReader& reader) {
    (void)reader;
    return {};
  }
};

// One JSON object a record. With a non-empty `at` a record is a whole document whose array at that
// path holds the events (`format json at features`).
struct JsonFormat {
  std::vector<std::string> at;
};
// One line a record, matched by an RE2 pattern; fields are its named groups.
struct TextFormat {
  std::string regex;
  bool skip_unmatched = false;
};
// Comma-separated values (RFC 4180). Without `columns` the first record is the header.
struct CsvFormat {
  char delimiter = ',';
  std::vector<std::string> columns;
};

// Each returns kInvalidArgument if the format cannot work (a regex that RE2 refuses, a capture
// that is not there). Slots without a source stay null.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_json_decoder(SchemaRef schema,
                                                                 JsonFormat format,
                                                                 std::vector<FieldSource> fields);
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_text_decoder(
    SchemaRef schema, const TextFormat& format, const std::vector<FieldSource>& fields);
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_csv_decoder(
    SchemaRef schema, CsvFormat format, const std::vector<FieldSource>& fields);

}  // namespace lymer::runtime
