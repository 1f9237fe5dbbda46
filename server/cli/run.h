// `lymer run RULES [EVENTS|-]`: runs rules over files in this process and prints the matches.
// Not here: the engine (server/engine.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/rocks/rocks_backend.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"
#include "server/engine.h"

namespace lymer::server {

struct RunOptions {
  std::string rules_path = {};
  std::string events_path = {};  // In place of the only stream's source; "-" is standard input.
  std::vector<std::string> inputs = {};         // STREAM=FILE
  std::vector<std::string> shown_streams = {};  // Whose rows are printed beside the matches.
  std::size_t parallelism = 1;
  std::vector<std::string> metrics_paths = {};
  std::string output_path = "-";
  std::string checkpoint_directory = {};  // None: no checkpoints.
  double checkpoint_seconds = 10;
  std::string from_savepoint = {};
  bool checkpoint_unaligned = false;
  double checkpoint_aligned_seconds = 0;  // 0: no timeout.
  bool allows_non_restored_state = false;
  std::string restart_strategy = {};  // As parse_restart() reads it; a few restarts if empty.
  std::string savepoint_on_stop = {};
  bool drains_on_stop = false;
  bool keeps_state_in_rocksdb = false;  // Otherwise in memory.
  std::string state_directory = {};     // Given if, and only if, it is.
  std::size_t state_memory = checkpoint::RocksOptions().memory_bytes;
  std::string kafka_brokers = {};
  std::vector<std::string> kafka_properties = {};  // NAME=VALUE
  bool reads_topics_to_end = false;
  std::string kafka_guarantee = {};  // Empty: exactly-once with checkpoints, else at-least-once.
  std::string late_path = {};
  std::string timeouts_path = {};
  std::string rejects_path = {};
  std::size_t max_line_bytes = std::size_t{1} << 20U;
  // 0: no limit.
  std::uint32_t max_partials_per_key = 0;
  std::uint64_t max_state_per_key = EngineOptions::kMostStateBytes;
  std::uint32_t max_results_per_event = EngineOptions::kMostResults;
  nfa::LimitAct on_limit = nfa::LimitAct::kDropOldest;
  bool limits_are_given = false;  // Any of these four.
  bool exit_code = false;         // kFindings if nothing matched.
  bool quiet = false;             // No summary and no progress.
};

// Prints matches as NDJSON on standard output, what was rejected and a summary on standard error.
// Stops in good order on SIGINT and SIGTERM.
[[nodiscard]] ExitCode run(const RunOptions& options, FileSystem& files, Clock& clock);

}  // namespace lymer::server
