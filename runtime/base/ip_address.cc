// Text forms of addresses by the C library, bit comparison by hand.
// Not here: host names; nothing in Lymer resolves a name on the path of an event.
#include "runtime/base/ip_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace lymer {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;
constexpr std::size_t kLongestText = INET6_ADDRSTRLEN;

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, kLongestText + 1> terminated{};
  if (text.empty() || text.size() >= terminated.size()) return std::nullopt;
  // The C library would stop reading at a NUL and call the rest fine.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  IpAddress address;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, terminated.data(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  std::ranges::copy(kMappedPrefix, address.bytes.begin());
  if (inet_pton(AF_INET, terminated.data(), address.bytes.data() + kMappedPrefix.size()) != 1) {
    return std::nullopt;
  }
  return address;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::string IpAddress::to_string() const {
  std::array<char, kLongestText + 1> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + kMappedPrefix.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return IpNetwork{*address, 128};
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  const int offset = address->is_v4() ? kMappedBits : 0;
  if (bits < 0 || bits + offset > 128) return std::nullopt;
  return IpNetwork{*address, static_cast<std::uint8_t>(bits + offset)};
}

std::string IpNetwork::to_string() const {
  if (prefix_bits == 128) return address.to_string();
  const int offset = address.is_v4() ? kMappedBits : 0;
  return address.to_string() + "/" + std::to_string(prefix_bits - offset);
}

bool IpNetwork::contains(const IpAddress& candidate) const noexcept {
  const std::size_t whole_bytes = prefix_bits / 8U;
  if (std::memcmp(address.bytes.data(), candidate.bytes.data(), whole_bytes) != 0) return false;
  const unsigned rest = prefix_bits % 8U;
  if (rest == 0) return true;
  const unsigned mask = 0xffU << (8U - rest);
  return ((static_cast<unsigned>(address.bytes[whole_bytes]) ^ candidate.bytes[whole_bytes]) &
          mask & 0xffU) == 0;
}

}  // namespace lymer
