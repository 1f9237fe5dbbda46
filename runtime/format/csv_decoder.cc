// CSV records to rows. The header, if the file brings its own, is state of the decoder: a reader
// that continues in the middle of a file gets it from the snapshot.
//
// An empty cell is null where the field may be null, else the empty string of a string field, else
// missing. A header that lacks a column is rejected once, and then every record for the field it
// lacks; a nullable field may lack its column. Blank lines are passed over, so a file of one column
// cannot spell an empty cell but by "". Of two columns with one name the first counts.
// Not here: cutting a stream into records (runtime/file_source.cc) and a record into cells
// (runtime/format/csv_cells.h).
#include <algorithm>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/csv_cells.h"
#include "runtime/format/decoder.h"
#include "runtime/format/scalar_text.h"

namespace lymer::runtime {
namespace {

// A field and the column that feeds it.
struct Column {
  Slot slot;
  std::string name;
  std::optional<std::size_t> cell;  // Nothing until the header is known, or if it has no such name.
};

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(SchemaRef schema, char delimiter, std::vector<std::string> names,
             std::vector<Column> columns)
      : row_(std::move(schema)),
        delimiter_(delimiter),
        cells_(delimiter),
        columns_(std::move(columns)),
        names_are_given_(!names.empty()) {
    if (names_are_given_) set_header(std::move(names));
  }

  void decode(std::string_view record, DecodeSink& sink) override;
  void snapshot(ByteWriter& writer) const override;
  Result<void> restore(ByteReader& reader) override;

 private:
  void set_header(std::vector<std::string> names);
  void take_header(DecodeSink& sink);
  // Finds a field that may not be null and that the header has no column for.
  const Column* lacking_column() const;
  const Field& field_of(const Column& column) const { return row_.schema().fields()[column.slot]; }

  RowBuilder row_;
  char delimiter_;
  CsvCells cells_;
  std::vector<Column> columns_;
  std::vector<std::string> header_;
  bool has_header_ = false;
  bool names_are_given_;
};

void CsvDecoder::set_header(std::vector<std::string> names) {
  header_ = std::move(names);
  has_header_ = true;
  for (Column& column : columns_) {
    const auto found = std::ranges::find(header_, column.name);
    column.cell.reset();
    if (found != header_.end()) column.cell = static_cast<std::size_t>(found - header_.begin());
  }
}

const Column* CsvDecoder::lacking_column() const {
  for (const Column& column : columns_) {
    if (!column.cell && !field_of(column).nullable) return &column;
  }
  return nullptr;
}

void CsvDecoder::take_header(DecodeSink& sink) {
  set_header({cells_.cells().begin(), cells_.cells().end()});
  if (const Column* lacking = lacking_column(); lacking != nullptr) {
    sink.on_reject(RejectReason::kMissingField,
                   text("the header has no column `{}`", lacking->name));
  }
  for (const Column& column : columns_) {
    if (std::ranges::count(header_, column.name) < 2) continue;
    sink.on_reject(
        RejectReason::kMalformed,
        text("the header has several columns `{}`; the first of them is read", column.name));
  }
}

void CsvDecoder::decode(std::string_view record, DecodeSink& sink) {
  // A line of tabs is blank to the eye, but not where tabs delimit.
  if (is_blank(record) && record.find(delimiter_) == std::string_view::npos) {
    return sink.on_skip();
  }
  if (!simdjson::validate_utf8(record)) {
    return sink.on_reject(RejectReason::kNotUtf8, "not UTF-8");
  }
  if (!cells_.split(record)) {
    return sink.on_reject(RejectReason::kMalformed, "a quoted cell does not end as it should");
  }
  if (!has_header_) return take_header(sink);
  const std::vector<std::string_view>& cells = cells_.cells();
  if (cells.size() != header_.size()) {
    return sink.on_reject(RejectReason::kMalformed,
                          text("expected {} cells, found {}", header_.size(), cells.size()));
  }
  row_.reset();
  for (const Column& column : columns_) {
    const Field& field = field_of(column);
    const std::string_view cell = column.cell ? cells[*column.cell] : std::string_view();
    if (cell.empty() && field.nullable) continue;
    if (!column.cell || (cell.empty() && field.type.kind != TypeKind::kString)) {
      return sink.on_reject(RejectReason::kMissingField,
                            text("{} (column `{}`)", missing_detail(field), column.name));
    }
    const auto value = scalar_from_text(cell, field.type.kind);
    if (!value) {
      return sink.on_reject(RejectReason::kWrongType,
                            wrong_type_detail(field, quoted_sample(cell)));
    }
    row_.set(column.slot, *value);
  }
  sink.on_row(row_);
}

// A header given by the stream is no state: a changed stream must not be overruled by old bytes.
void CsvDecoder::snapshot(ByteWriter& writer) const {
  const bool has_learned = has_header_ && !names_are_given_;
  writer.put_u8(has_learned ? 1 : 0);
  if (!has_learned) return;
  writer.put_u32(static_cast<std::uint32_t>(header_.size()));
  for (const std::string& name : header_) writer.put_string(name);
}

Result<void> CsvDecoder::restore(ByteReader& reader) {
  constexpr std::size_t kNameSizeMin = sizeof(std::uint32_t);
  const bool has_learned = reader.u8() != 0;
  std::vector<std::string> names;
  if (has_learned) {
    names.resize(reader.count(kNameSizeMin));
    for (std::string& name : names) name = reader.string();
  }
  LYMER_RETURN_IF_ERROR(reader.status("the header of a csv stream"));
  if (has_learned && !names_are_given_) set_header(std::move(names));
  return {};
}

Result<Column> make_column(const FieldSource& source, const Field& field, const CsvFormat& format) {
  if (!has_text_form(field.type)) {
    return Error{ErrorCode::kInvalidArgument, text("field `{}` cannot be read from csv as {}",
                                                   field.name, to_string(field.type))};
  }
  if (source.path.size() != 1) {
    return Error{ErrorCode::kInvalidArgument, text("field `{}` names {} columns; it must be one",
                                                   field.name, source.path.size())};
  }
  const std::string& name = source.path.front();
  const bool is_known =
      format.columns.empty() || std::ranges::find(format.columns, name) != format.columns.end();
  if (!is_known) {
    return Error{ErrorCode::kInvalidArgument,
                 text("the format has no column `{}` for field `{}`", name, field.name)};
  }
  return Column{source.slot, name, std::nullopt};
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_csv_decoder(SchemaRef schema, CsvFormat format,
                                                  const std::vector<FieldSource>& fields) {
  if (format.delimiter == '"' || format.delimiter == '\n' || format.delimiter == '\r') {
    return Error{ErrorCode::kInvalidArgument, "a quote or a line end cannot delimit csv cells"};
  }
  std::vector<Column> columns;
  for (const FieldSource& source : fields) {
    LYMER_CHECK_LT(source.slot, schema->size());
    const Field& field = schema->fields()[source.slot];
    LYMER_ASSIGN_OR_RETURN(Column column, make_column(source, field, format));
    columns.push_back(std::move(column));
  }
  // Rows are filled in the order of their fields.
  std::ranges::stable_sort(columns, {}, &Column::slot);
  return std::unique_ptr<Decoder>(std::make_unique<CsvDecoder>(
      std::move(schema), format.delimiter, std::move(format.columns), std::move(columns)));
}

}  // namespace lymer::runtime
