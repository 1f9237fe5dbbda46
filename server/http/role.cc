// Names of roles.
// Not here: what each may do; routes say it (server/http/route.h).
#include "server/http/role.h"

#include <array>
#include <cstddef>

namespace lymer::server::http {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"anyone", "viewer", "operator", "author",
                                                    "admin"};

}  // namespace

std::string_view to_string(Role role) noexcept { return kNames.at(static_cast<std::size_t>(role)); }

std::optional<Role> parse_role(std::string_view word) noexcept {
  for (std::size_t i = 1; i < kNames.size(); ++i) {
    if (kNames.at(i) == word) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace lymer::server::http
