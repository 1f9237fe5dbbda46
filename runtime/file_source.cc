// Two readers behind one interface: lines (plain or csv) and whole documents.
//
// The line reader owns one buffer. Records are views into it, so the buffer moves and grows only
// when the batch is empty, at the start of a read. It holds at most one record of the limit's
// length and one block; of a longer line only the length is kept. A csv record whose quote does not
// close within the limit ends at its first line end, so a stray quote costs one line and not the
// file. Not here: the disk (runtime/base/file_system.h).
#include "runtime/file_source.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/csv_cells.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kStandardInput = "-";

std::span<std::byte> bytes_of(std::vector<char>& buffer, std::size_t from, std::size_t count) {
  return std::as_writable_bytes(std::span(buffer)).subspan(from, count);
}

class LineReader final : public SplitReader {
 public:
  LineReader(FileSystem& files, std::unique_ptr<ReadableFile> file, FileSourceOptions options)
      : files_(files),
        file_(std::move(file)),
        options_(std::move(options)),
        csv_end_(options_.csv_delimiter) {}

  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override;
  SplitPosition position() const override { return position_; }
  Result<void> seek(SplitPosition position) override;
  std::uint64_t size_hint() const override { return file_->size(); }

 private:
  [[nodiscard]] std::size_t pending() const { return end_ - begin_; }
  [[nodiscard]] bool is_csv() const { return options_.framing == Framing::kCsvLines; }
  // In the middle of a quoted cell that could be cut off.
  [[nodiscard]] bool has_open_quote() const {
    return is_csv() && dropped_ == 0 && csv_end_.is_quote_open();
  }

  // Records out of the buffer.
  bool take_record(std::vector<Record>& batch);
  bool take_first_line(std::vector<Record>& batch);
  void take_rest(std::vector<Record>& batch);
  void emit(std::size_t end, std::size_t terminator, std::vector<Record>& batch);
  std::size_t find_end();
  void drop_pending();
  [[nodiscard]] std::uint64_t inner_lines(std::string_view bytes) const;

  // Bytes into the buffer.
  Result<bool> fill();
  void make_room();
  Result<ReadState> at_end(std::vector<Record>& batch);
  Result<ReadState> at_pause(std::vector<Record>& batch);
  Result<std::unique_ptr<ReadableFile>> successor();
  void start_at(SplitPosition position);

  FileSystem& files_;
  std::unique_ptr<ReadableFile> file_;
  FileSourceOptions options_;
  CsvRecordEnd csv_end_;

  std::vector<char> buffer_;         // Its last kRecordPadding bytes are never filled.
  std::size_t begin_ = 0;            // Where the current record begins.
  std::size_t scanned_ = 0;          // Up to here there is no end of it.
  std::size_t end_ = 0;              // Behind the last byte read.
  SplitPosition position_;           // Of the current record.
  std::uint64_t dropped_ = 0;        // Bytes of an oversized record that are gone already.
  std::uint64_t dropped_lines_ = 0;  // Line ends among them.
  bool dropped_return_ = false;      // The last of them is a carriage return.
  std::uint64_t file_offset_ = 0;
  bool has_ended_ = false;
};

Result<ReadState> LineReader::read(std::vector<Record>& batch, std::size_t max_records) {
  LYMER_CHECK_GT(max_records, std::size_t{0});
  batch.clear();
  while (!has_ended_) {
    while (batch.size() < max_records && take_record(batch)) {
    }
    if (!batch.empty()) return ReadState::kRecords;
    LYMER_ASSIGN_OR_RETURN(const bool has_more, fill());
    if (has_more) continue;
    LYMER_ASSIGN_OR_RETURN(const ReadState state,
                           options_.follow ? at_pause(batch) : at_end(batch));
    // A file that begins anew is read at once.
    if (state != ReadState::kRecords || !batch.empty()) return state;
  }
  return ReadState::kEnd;
}

bool LineReader::take_record(std::vector<Record>& batch) {
  if (const std::size_t end = find_end(); end != std::string_view::npos) {
    emit(end, 1, batch);
    return true;
  }
  // One more than the limit may still be the carriage return of the line's end.
  if (pending() <= options_.max_record_bytes + 1 && dropped_ == 0) return false;
  if (has_open_quote() && take_first_line(batch)) return true;
  drop_pending();
  return false;
}

// Gives the place of the line feed that ends the current record, or npos.
std::size_t LineReader::find_end() {
  const std::string_view unseen(buffer_.data() + scanned_, end_ - scanned_);
  // Quotes of a record that is passed over are gone with it.
  const bool minds_quotes = is_csv() && dropped_ == 0;
  const std::size_t found = minds_quotes ? csv_end_.find(unseen) : unseen.find('\n');
  if (found != std::string_view::npos) return scanned_ + found;
  scanned_ = end_;
  return found;
}

// Ends a csv record whose quote does not close at its first line end.
bool LineReader::take_first_line(std::vector<Record>& batch) {
  const std::size_t line_feed = std::string_view(buffer_.data() + begin_, pending()).find('\n');
  if (line_feed == std::string_view::npos) return false;
  emit(begin_ + line_feed, 1, batch);
  return true;
}

void LineReader::emit(std::size_t end, std::size_t terminator, std::vector<Record>& batch) {
  LYMER_DCHECK(begin_ <= end && end + terminator <= end_, "a record outside of the buffer");
  const std::string_view kept(buffer_.data() + begin_, end - begin_);
  const bool ends_in_return = kept.empty() ? dropped_return_ : kept.back() == '\r';
  const std::uint64_t raw_length = dropped_ + kept.size();

  Record record;
  record.offset = position_.offset;
  record.number = position_.number + 1;
  record.length = raw_length - (terminator == 1 && ends_in_return ? 1 : 0);
  record.oversized = record.length > options_.max_record_bytes;
  if (!record.oversized) {
    record.bytes = kept.substr(0, static_cast<std::size_t>(record.length));
    if (record.offset == 0 && record.bytes.starts_with(kByteOrderMark)) {
      record.bytes.remove_prefix(kByteOrderMark.size());
    }
  }
  batch.push_back(record);

  position_.offset += raw_length + terminator;
  position_.number += 1 + dropped_lines_ + inner_lines(kept);
  begin_ = scanned_ = end + terminator;
  dropped_ = 0;
  dropped_lines_ = 0;
  dropped_return_ = false;
  csv_end_.reset();
}

void LineReader::drop_pending() {
  if (pending() == 0) return;
  dropped_ += pending();
  dropped_lines_ += inner_lines(std::string_view(buffer_.data() + begin_, pending()));
  dropped_return_ = buffer_[end_ - 1] == '\r';
  begin_ = scanned_ = end_;
}

// Counts the line ends inside of a record, which only csv records have.
std::uint64_t LineReader::inner_lines(std::string_view bytes) const {
  return is_csv() ? static_cast<std::uint64_t>(std::ranges::count(bytes, '\n')) : 0;
}

// Reads one block behind what is there; false at the end of the file.
Result<bool> LineReader::fill() {
  make_room();
  LYMER_ASSIGN_OR_RETURN(const std::size_t count, file_->read(bytes_of(buffer_, end_, kBlock)));
  end_ += count;
  file_offset_ += count;
  return count > 0;
}

void LineReader::make_room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, pending());
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t needed = end_ + kBlock + kRecordPadding;
  if (buffer_.size() >= needed) return;
  const std::size_t largest = options_.max_record_bytes + 1 + kBlock + kRecordPadding;
  buffer_.resize(std::max(needed, std::min(buffer_.size() * 2, largest)));
}

// Gives what is left as the last record.
void LineReader::take_rest(std::vector<Record>& batch) {
  if (pending() == 0 && dropped_ == 0) return;
  if (has_open_quote() && take_first_line(batch)) return;
  emit(end_, 0, batch);
}

Result<ReadState> LineReader::at_end(std::vector<Record>& batch) {
  take_rest(batch);
  if (!batch.empty()) return ReadState::kRecords;
  has_ended_ = true;
  return ReadState::kEnd;
}

// What the end of a followed file means: a pause, a file cut short, or a file that was replaced.
Result<ReadState> LineReader::at_pause(std::vector<Record>& batch) {
  if (!file_->identity()) {
    // Standard input will not be opened again by anyone; a named pipe may be.
    return options_.path == kStandardInput ? at_end(batch) : ReadState::kIdle;
  }
  if (file_->size() < file_offset_) {
    LYMER_RETURN_IF_ERROR(file_->seek(0));
    start_at({});
    return ReadState::kRecords;
  }
  LYMER_ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> next, successor());
  if (next == nullptr) return ReadState::kIdle;
  // The writer may have gone on between our last read and the new file's coming.
  LYMER_ASSIGN_OR_RETURN(const bool has_more, fill());
  if (has_more) return ReadState::kRecords;
  take_rest(batch);
  if (pending() > 0) return ReadState::kRecords;  // More lines after a stray quote.
  file_ = std::move(next);
  start_at({});
  return ReadState::kRecords;
}

// Opens the file that now has our file's name; null if that is still the same, or none.
Result<std::unique_ptr<ReadableFile>> LineReader::successor() {
  auto opened = files_.open(options_.path);
  if (!opened) {
    // Between the old file's going and the new one's coming there is none.
    if (opened.error().code == ErrorCode::kNotFound) return std::unique_ptr<ReadableFile>();
    return opened.error();
  }
  if ((*opened)->identity() == file_->identity()) return std::unique_ptr<ReadableFile>();
  return std::move(opened).value();
}

// Forgets the buffer; its bytes stay for records that were given out of it.
void LineReader::start_at(SplitPosition position) {
  begin_ = scanned_ = end_ = 0;
  position_ = position;
  file_offset_ = position.offset;
  dropped_ = 0;
  dropped_lines_ = 0;
  dropped_return_ = false;
  csv_end_.reset();
  has_ended_ = false;
}

Result<void> LineReader::seek(SplitPosition position) {
  // Needs no seek, so that a pipe can be continued where it stands.
  if (position == position_ && file_offset_ == position.offset) return {};
  if (!options_.follow && file_->identity() && position.offset > file_->size()) {
    return Error{ErrorCode::kCorrupt,
                 text("`{}` is shorter than where reading should go on: {} of {} bytes",
                      options_.path, position.offset, file_->size())};
  }
  LYMER_RETURN_IF_ERROR(file_->seek(position.offset));
  start_at(position);
  return {};
}

class DocumentReader final : public SplitReader {
 public:
  DocumentReader(std::unique_ptr<ReadableFile> file, std::size_t limit)
      : file_(std::move(file)), limit_(limit) {}

  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override;
  SplitPosition position() const override { return {offset_, 0}; }
  Result<void> seek(SplitPosition position) override;
  std::uint64_t size_hint() const override { return file_->size(); }

 private:
  // Reads to the end and gives the length; of a document beyond the limit the bytes are lost.
  Result<std::uint64_t> read_to_end();

  std::unique_ptr<ReadableFile> file_;
  std::size_t limit_;
  std::vector<char> buffer_;
  std::uint64_t offset_ = 0;
  bool has_ended_ = false;
};

Result<std::uint64_t> DocumentReader::read_to_end() {
  std::uint64_t length = 0;
  while (true) {
    const bool fits = length <= limit_;
    const auto used = static_cast<std::size_t>(fits ? length : 0);
    // The size is a hint only; room for one byte more shows the end without growing.
    const std::size_t hint = std::max(static_cast<std::size_t>(file_->size()) + 1, used + kBlock);
    const std::size_t wanted = std::min(std::max(hint, 2 * used), limit_ + 1);
    const std::size_t room = std::max(wanted, kBlock);
    if (buffer_.size() < room + kRecordPadding) buffer_.resize(room + kRecordPadding);
    const std::size_t space = buffer_.size() - kRecordPadding - used;
    LYMER_ASSIGN_OR_RETURN(const std::size_t count, file_->read(bytes_of(buffer_, used, space)));
    if (count == 0) return length;
    length += count;
  }
}

Result<ReadState> DocumentReader::read(std::vector<Record>& batch, std::size_t max_records) {
  LYMER_CHECK_GT(max_records, std::size_t{0});
  batch.clear();
  if (has_ended_) return ReadState::kEnd;
  LYMER_ASSIGN_OR_RETURN(const std::uint64_t length, read_to_end());
  has_ended_ = true;
  offset_ = length;
  if (length == 0) return ReadState::kEnd;
  Record record;
  record.length = length;
  record.oversized = length > limit_;
  if (!record.oversized) {
    record.bytes = std::string_view(buffer_.data(), static_cast<std::size_t>(length));
    if (record.bytes.starts_with(kByteOrderMark)) record.bytes.remove_prefix(kByteOrderMark.size());
  }
  batch.push_back(record);
  return ReadState::kRecords;
}

Result<void> DocumentReader::seek(SplitPosition position) {
  if (position.offset == offset_) return {};
  if (position.offset == 0) LYMER_RETURN_IF_ERROR(file_->seek(0));
  offset_ = position.offset;
  has_ended_ = offset_ > 0;  // A document is read as a whole or not at all.
  return {};
}

}  // namespace

Result<std::unique_ptr<SplitReader>> open_file_source(FileSystem& files,
                                                      FileSourceOptions options) {
  if (options.follow && options.framing == Framing::kDocument) {
    return Error{ErrorCode::kInvalidArgument,
                 text("`{}` is read as one document, which cannot be followed", options.path)};
  }
  LYMER_ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, files.open(options.path));
  if (options.framing == Framing::kDocument) {
    return std::unique_ptr<SplitReader>(
        std::make_unique<DocumentReader>(std::move(file), options.max_document_bytes));
  }
  return std::unique_ptr<SplitReader>(
      std::make_unique<LineReader>(files, std::move(file), std::move(options)));
}

}  // namespace lymer::runtime
