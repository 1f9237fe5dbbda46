// What the server is told: defaults, a file, the environment, flags; the later wins.
//
//   const auto config = load_config(files, {.path = "lymer.toml", .environment = ...});
//   config->settings.http_listen;
//   config->origins.at("http.listen").place;  // "lymer.toml:3:10"
//
// Not here: which settings there are (server/config/settings.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "server/config/settings.h"

namespace lymer::server {

// A value as somebody gave it.
struct ConfigEntry {
  std::string name;  // Of a setting, or not.
  std::vector<std::string> texts;
  bool is_list = false;
  std::string place;  // `lymer.toml:3:10`, `LYMER_HTTP__LISTEN`, `--listen`.
};

struct ConfigSources {
  // What holds where no other source says anything.
  Settings defaults = {};
  // A file in TOML; none if it is empty. Returns the file system's error if it is not there.
  std::string path = {};
  std::map<std::string, std::string> environment = {};
  std::vector<ConfigEntry> flags = {};
};

// Where a value comes from, and as what it was written: references to secrets are not expanded.
struct Origin {
  std::string place;
  std::string shown;
};

struct Config {
  Settings settings;
  std::map<std::string, Origin, std::less<>> origins;  // Of those that are no defaults.
};

// Returns kInvalidArgument with a line for each value that is wrong, unknown or refers to nothing.
// `LYMER_HTTP__LISTEN` is http.listen; variables without two underscores are left alone but for
// those that name a setting, as others may begin with LYMER_ too.
[[nodiscard]] Result<Config> load_config(FileSystem& files, const ConfigSources& sources);

// Writes all settings as TOML with their origins behind, secrets as they were written.
[[nodiscard]] std::string show_config(const Config& config);

}  // namespace lymer::server
