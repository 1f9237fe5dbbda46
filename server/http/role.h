// What somebody may do over HTTP: each role may do all that those before it may.
//
// Not here: who has which (server/auth/token_file.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lymer::server::http {

enum class Role : std::uint8_t {
  kAnyone,    // Asks without a token: health, problems.
  kViewer,    // Reads everything.
  kOperator,  // Runs what is there: savepoints, stops, events in.
  kAuthor,    // Writes rules.
  kAdmin,     // Changes the server itself.
};

// `anyone`, `viewer`, `operator`, `author`, `admin`.
[[nodiscard]] std::string_view to_string(Role role) noexcept;
// Gives nothing for other words, and for `anyone`, which nobody is given.
[[nodiscard]] std::optional<Role> parse_role(std::string_view word) noexcept;

}  // namespace lymer::server::http
