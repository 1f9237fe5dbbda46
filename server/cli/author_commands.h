// The commands of who writes rules: `fmt`, `test`, `why`, `backtest`.
//
// Not here: what they do; each has a file beside this one.
#pragma once

#include <optional>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/cli/backtest.h"
#include "server/cli/fmt.h"
#include "server/cli/test.h"
#include "server/cli/why.h"

namespace CLI {
class App;
}

namespace lymer::server {

// Must live as long as the App, which writes to it.
class AuthorCommands {
 public:
  void add_to(CLI::App& app);
  // Runs the one that was given and gives its status; nothing if it was none of these.
  [[nodiscard]] std::optional<int> run(const CLI::App& app, FileSystem& files, Clock& clock) const;

 private:
  FmtOptions fmt_;
  TestOptions test_;
  BacktestOptions backtest_;
  WhyOptions why_;
};

}  // namespace lymer::server
