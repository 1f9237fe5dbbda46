// Lines of a file, a pipe or standard input as records.
//
// Reads in large blocks; a line is never copied unless it crosses a block. A line longer than the
// limit is passed over without being kept, so memory is bounded by the limit, not by the input.
// CRLF and LF both end a line, and the last line needs no end. A byte order mark at the start is
// passed over. With `follow` the end of the file is only a pause: a last line without end waits for
// it, a file that became shorter is read again from its start, and a file that was replaced under
// its name is read to its end before the new one. What happens to a file unseen cannot be noticed:
// one that shrank and grew beyond the old length between two reads, or that was replaced while no
// reader ran, is continued at the old offset. read() may block on a pipe.
// Not here: what is in a record (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/source.h"

namespace lymer::runtime {

enum class Framing : std::uint8_t {
  kLines,     // One record a line.
  kCsvLines,  // As kLines, but a quoted field may hold line ends.
  kDocument,  // The whole file is one record.
};

struct FileSourceOptions {
  std::string path;
  Framing framing = Framing::kLines;
  bool follow = false;       // Not with kDocument.
  char csv_delimiter = ',';  // For kCsvLines: a quote counts only where a cell begins.
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  // For kDocument, which needs the whole file in memory.
  std::size_t max_document_bytes = std::size_t{256} << 20U;
};

// Opens the file. Returns the file system's error, with the path, if that fails, and
// kInvalidArgument for options that exclude each other. `files` must outlive the reader.
[[nodiscard]] Result<std::unique_ptr<SplitReader>> open_file_source(FileSystem& files,
                                                                    FileSourceOptions options);

}  // namespace lymer::runtime
