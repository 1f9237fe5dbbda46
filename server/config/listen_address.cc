// The last colon is before the port.
// Not here: names, which the system looks up.
#include "server/config/listen_address.h"

#include <charconv>

#include "runtime/base/ip_address.h"
#include "runtime/base/text.h"

namespace lymer::server {

Result<ListenAddress> parse_listen_address(std::string_view given) {
  const auto wrong = [given] {
    return Error{ErrorCode::kInvalidArgument,
                 text("`{}` is no HOST:PORT such as 127.0.0.1:8090 or [::1]:8090", given)};
  };
  const std::size_t colon = given.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  ListenAddress address;
  std::string_view host = given.substr(0, colon);
  const std::string_view port = given.substr(colon + 1);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!is_bracketed && host.find_first_of(":[]") != std::string_view::npos))
    return wrong();
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failed != std::errc() || end != port.data() + port.size()) return wrong();
  address.host = host;
  const auto ip = IpAddress::parse(host);
  const auto loopback = IpNetwork::parse(is_bracketed ? "::1/128" : "127.0.0.0/8");
  address.is_loopback = host == "localhost" || (ip && loopback && loopback->contains(*ip));
  return address;
}

}  // namespace lymer::server
