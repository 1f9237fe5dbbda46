// Who may what: a file with a line for each token, its hash and its role.
//
//   # sha256 role name
//   9f86d081884c7d65...  viewer  grafana
//
// Tokens are random and long, so a plain hash cannot be guessed back, and the file holds no secret.
// Not here: what a role may (server/http/role.h), asking for a token (server/http/router.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "server/http/message.h"
#include "server/http/role.h"

namespace lymer::server {

// Immutable.
class TokenFile {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

  // Returns kInvalidArgument with `path` and the line of what is wrong, also for a hash that stands
  // twice.
  [[nodiscard]] static Result<TokenFile> parse(const std::string& path, std::string_view text);

  // Says whose token it is, nothing if nobody's. Takes the same time whatever the token.
  [[nodiscard]] std::optional<http::Principal> find(std::string_view token) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  using Hash = std::array<std::uint8_t, 32>;
  struct Entry {
    Hash hash = {};
    http::Principal principal;
  };
  [[nodiscard]] static std::optional<Hash> parse_hash(std::string_view digits);

  std::vector<Entry> entries_;
};

// Makes a token of 256 random bits: `lymer_` and 64 hexadecimal digits. Returns kIo if the system
// has no random numbers.
[[nodiscard]] Result<std::string> new_token();
// Gives the line of a file for it, without the end of line. Requires a name without one.
[[nodiscard]] std::string token_line(std::string_view token, http::Role role,
                                     std::string_view name);

}  // namespace lymer::server
