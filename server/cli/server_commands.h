// The commands of the server: `serve`, `config`, `token`.
//
// Not here: what they do; each has a file beside this one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"

namespace CLI {
class App;
}

namespace lymer::server {

// How a command is told of settings: a file, and flags that win over it.
struct ConfigOptions {
  std::string path;  // Empty: /etc/lymer/lymer.toml if it is there.
  std::string data_dir;
  std::string listen;
  std::vector<std::string> rules;
};

struct TokenOptions {
  std::string role;
  std::string name;
  std::string path;
};

// Must live as long as the App, which writes to it.
class ServerCommands {
 public:
  void add_to(CLI::App& app);
  // Runs the one that was given and gives its status; nothing if it was none of these.
  [[nodiscard]] std::optional<int> run(const CLI::App& app, FileSystem& files, Clock& clock) const;

 private:
  ConfigOptions config_;
  TokenOptions token_;
};

}  // namespace lymer::server
