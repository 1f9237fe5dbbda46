// `lymer explain FILE [RULE]`: shows the automaton that a rule becomes, or the job of the file.
// Not here: the renderings (cep/explain.h, runtime/graph/graph_picture.h).
#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/file_system.h"
#include "server/cli/exit_code.h"

namespace lymer::server {

struct ExplainOptions {
  std::string path = {};
  std::string rule = {};        // Empty: all rules of the file.
  std::string format = "text";  // text, dot or json.
  std::string plan = {};        // stream, job or execution: that graph in place of automata.
  std::size_t parallelism = 1;  // Of the plan.
};

// Writes to standard output. Returns kFindings for a file with errors, kUsage for a rule that is
// not in it, kInputOutput if it cannot be read.
[[nodiscard]] ExitCode explain(const ExplainOptions& options, FileSystem& files);

}  // namespace lymer::server
