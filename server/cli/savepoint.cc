// Reads one snapshot or two, and writes down what is in them.
// Not here: formats (checkpoint/FORMAT.md).
#include "server/cli/savepoint.h"

#include <cstdio>

#include "checkpoint/checkpoint_store.h"
#include "checkpoint/snapshot_report.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

// A checkpoint, a savepoint, or the newest of a directory of checkpoints.
Result<checkpoint::Snapshot> read(const std::string& path, FileSystem& files) {
  checkpoint::CheckpointStore store(files, path, [] { return 0; });
  LYMER_ASSIGN_OR_RETURN(const auto listed, store.list());
  return store.read(listed.empty() ? path : listed.front().path);
}

ExitCode complain(const Error& error) {
  std::fprintf(stderr, "lymer: %s\n", error.to_string().c_str());
  return kInputOutput;
}

}  // namespace

ExitCode savepoint(const SavepointOptions& options, FileSystem& files) {
  const auto snapshot = read(options.path, files);
  if (!snapshot) return complain(snapshot.error());
  std::string said;
  if (options.other_path.empty()) {
    said = checkpoint::describe(*snapshot);
  } else {
    const auto other = read(options.other_path, files);
    if (!other) return complain(other.error());
    said = checkpoint::describe_difference(*snapshot, *other);
  }
  std::fputs(said.c_str(), stdout);
  return kGood;
}

}  // namespace lymer::server
