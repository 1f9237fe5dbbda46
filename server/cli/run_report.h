// What `lymer run` says on standard error: the first rejected records, failures, progress on a
// terminal, and a summary at the end.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/record_source.h"
#include "server/engine.h"

namespace lymer::server {

class RunReport {
 public:
  // Both must outlive the report; the time of the run begins now.
  RunReport(const Engine& engine, Clock& clock, bool quiet);

  // Shows one of the first few rejected records with its place. From any thread.
  void rejected(const std::string& path, const runtime::RejectedRecord& record);
  // Shows how far the run is, at most a few times a second, if standard error is a terminal.
  void progress();
  // Says what failed since it was last asked, where the run goes on all the same.
  void restarts();
  void summary();

 private:
  void clear_line();

  const Engine& engine_;
  Clock& clock_;
  bool quiet_;
  bool terminal_;
  double started_;
  double shown_ = 0;
  bool line_open_ = false;
  std::uint64_t rejected_ = 0;
  std::uint64_t restarts_ = 0;  // Of which was told.
  std::mutex mutex_;            // For the terminal and all above that changes.
};

// Writes a count with commas: 1,234,567.
[[nodiscard]] std::string with_commas(std::uint64_t count);

}  // namespace lymer::server
