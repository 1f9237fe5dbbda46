// Lines of a connection as records (Flink: socketTextStream).
//
// The lines are those of a file (runtime/file_source.h): a line longer than the limit is passed
// over without being kept, and what the other side sends last needs no end of line. When it closes
// the connection the stream ends. Nothing can be read again: who restores such a source at another
// position than where it stands is refused.
// Not here: sockets (runtime/base/connection.h), what is in a line (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/base/connection.h"
#include "runtime/base/result.h"
#include "runtime/file_source.h"
#include "runtime/source.h"

namespace lymer::runtime {

struct SocketSourceOptions {
  std::string peer;                   // For messages.
  Framing framing = Framing::kLines;  // Not kDocument.
  char csv_delimiter = ',';           // For kCsvLines.
  std::size_t max_record_bytes = std::size_t{1} << 20U;
};

// Returns kInvalidArgument for a document, whose end no connection tells.
[[nodiscard]] Result<std::unique_ptr<SplitReader>> open_socket_source(
    std::unique_ptr<Connection> connection, const SocketSourceOptions& options);

}  // namespace lymer::runtime
