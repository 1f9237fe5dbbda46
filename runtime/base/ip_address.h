// IP addresses and networks as values: IPv4 and IPv6 in one 16-byte form.
//
// An IPv4 address is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d), so one comparison serves both, and
// `10.0.0.0/8` never contains an IPv6 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lymer {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  // Reads `192.0.2.1` or `2001:db8::1`; nothing for anything else (no ports, no zones).
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  // Writes the shortest usual form; IPv4 as dotted quad.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_v4() const noexcept;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// A range of addresses that share their first bits. A single address is a network too.
struct IpNetwork {
  IpAddress address;
  std::uint8_t prefix_bits = 128;  // Counted in the 16-byte form: an IPv4 /8 is 104.

  // Reads `10.0.0.0/8`, `2001:db8::/32` or a bare address; nothing for anything else.
  [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool contains(const IpAddress& candidate) const noexcept;

  friend auto operator<=>(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace lymer
