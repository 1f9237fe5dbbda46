// A TOML file as a flat list of names and texts, with their places.
//
// Not here: which names there may be (server/config/settings.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "server/config/config.h"

namespace lymer::server {

// Tables become names with dots. Returns kInvalidArgument with the place for what is no TOML, for
// dates, and for lists of anything but texts, numbers and truth values.
[[nodiscard]] Result<std::vector<ConfigEntry>> parse_toml(const std::string& path,
                                                          std::string_view content);

}  // namespace lymer::server
