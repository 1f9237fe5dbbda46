// What the operating system knows of this process, under the names that all Prometheus clients use.
//
//   metrics.add_source([&] { return process_metrics(files); });
//
// Not here: figures of the machine as a whole, which are node_exporter's.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/metrics/metric_sample.h"

namespace lymer::runtime {

// Reads process_cpu_seconds_total, process_open_fds, process_read_bytes_total,
// process_resident_memory_bytes, process_start_time_seconds (of the epoch), process_threads,
// process_virtual_memory_bytes and process_write_bytes_total (both of storage, not of caches or
// sockets). What cannot be read is left out, so all are where there is no /proc. `proc` is another
// directory in tests.
[[nodiscard]] std::vector<MetricSample> process_metrics(FileSystem& files,
                                                        const std::string& proc = "/proc");

}  // namespace lymer::runtime
