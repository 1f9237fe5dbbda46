// Hashes by OpenSSL, compared all the way, every one of them.
// Not here: writing the file (server/cli/token.cc).
#include "server/auth/token_file.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  std::array<std::uint8_t, 32> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

std::string hexadecimal(const std::array<std::uint8_t, 32>& bytes) {
  std::string out;
  for (const std::uint8_t each : bytes) append_text(out, "{:02x}", each);
  return out;
}

}  // namespace

std::optional<TokenFile::Hash> TokenFile::parse_hash(std::string_view digits) {
  Hash hash{};
  if (digits.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const char* const begin = digits.data() + 2 * i;
    const auto [end, failed] = std::from_chars(begin, begin + 2, hash.at(i), 16);
    if (failed != std::errc() || end != begin + 2) return std::nullopt;
  }
  return hash;
}

Result<TokenFile> TokenFile::parse(const std::string& path, std::string_view content) {
  TokenFile made;
  std::istringstream lines{std::string(content)};
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line);
    std::string hash;
    std::string role;
    std::string name;
    if (!(words >> hash) || hash.starts_with('#')) continue;
    words >> role;
    std::getline(words >> std::ws, name);
    const auto wrong = [&](const char* what) {
      return Error{ErrorCode::kInvalidArgument, text("{}:{}: {}", path, number, what)};
    };
    const auto parsed_hash = parse_hash(hash);
    const auto parsed_role = http::parse_role(role);
    if (!parsed_hash) return wrong("a line begins with a sha256 of 64 hexadecimal digits");
    if (!parsed_role) return wrong("a role is viewer, operator, author or admin");
    if (std::ranges::find(made.entries_, *parsed_hash, &Entry::hash) != made.entries_.end()) {
      return wrong("this token stands in the file before");
    }
    made.entries_.push_back({*parsed_hash, {*parsed_role, std::move(name)}});
  }
  return made;
}

std::optional<http::Principal> TokenFile::find(std::string_view token) const {
  const Hash hash = sha256(token);
  const Entry* found = nullptr;
  for (const Entry& each : entries_) {  // To the end, found or not.
    const bool is_same = CRYPTO_memcmp(hash.data(), each.hash.data(), hash.size()) == 0;
    found = is_same ? &each : found;
  }
  if (found == nullptr) return std::nullopt;
  return found->principal;
}

Result<std::string> new_token() {
  std::array<std::uint8_t, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Error{ErrorCode::kIo, "the system has no random numbers"};
  }
  return "lymer_" + hexadecimal(bytes);
}

std::string token_line(std::string_view token, http::Role role, std::string_view name) {
  LYMER_CHECK(name.find('\n') == std::string_view::npos, name);
  std::string line = text("{} {}", hexadecimal(sha256(token)), to_string(role));
  if (!name.empty()) append_text(line, " {}", name);
  return line;
}

}  // namespace lymer::server
