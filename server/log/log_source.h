// A stream of the embedded log as the split of a source, which goes on from any offset.
//
// It never ends by itself: where nothing is new it says so at once and reads no disk.
// Not here: decoding (runtime/record_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/result.h"
#include "runtime/source.h"
#include "server/log/durable_log.h"

namespace lymer::log {

struct LogSourceOptions {
  std::string stream;
  std::size_t max_record_bytes = std::size_t{1} << 20U;
  // It ends where the stream ended when it was opened: for what has happened, not what happens.
  bool is_bounded = false;
};

// Begins with the oldest record that is there; a stream that is not there yet has nothing for now.
// read() returns kNotFound where records went by retention before they were read. `log` must
// outlive the reader.
[[nodiscard]] std::unique_ptr<runtime::SplitReader> open_log_source(const DurableLog& log,
                                                                    LogSourceOptions options);

}  // namespace lymer::log
