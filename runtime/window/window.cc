// A window's end, then its length in as few bytes as it needs; the global one is no bytes but one.
// Not here: state.
#include "runtime/window/window.h"

#include <cstdint>

#include "runtime/base/byte_codec.h"

namespace lymer::runtime {
namespace {

constexpr std::uint64_t kMore = 0x80;
constexpr unsigned kBitsEach = 7;

}  // namespace

std::vector<std::byte> namespace_of(const Window& window) {
  if (window.is_global()) return {std::byte{0}};
  ByteWriter writer;
  writer.put_time(window.end);
  auto length = static_cast<std::uint64_t>((window.end - window.start).to_millis());
  for (; length >= kMore; length >>= kBitsEach) {
    writer.put_u8(static_cast<std::uint8_t>((length & (kMore - 1)) | kMore));
  }
  writer.put_u8(static_cast<std::uint8_t>(length));
  return std::move(writer).take();
}

std::optional<Window> window_of(std::span<const std::byte> name_space) {
  if (name_space.size() == 1) return Window::global();
  ByteReader reader(name_space);
  const EventTime end = reader.time();
  std::uint64_t length = 0;
  for (unsigned shift = 0; reader.ok() && shift < 64; shift += kBitsEach) {
    const std::uint64_t byte = reader.u8();
    length |= (byte & (kMore - 1)) << shift;
    if ((byte & kMore) == 0) break;
  }
  if (!reader.ok() || reader.remaining() > 0) return std::nullopt;
  return Window{end - Duration::millis(static_cast<std::int64_t>(length)), end};
}

EventTime window_start(EventTime time, Duration size, Duration offset) {
  const std::int64_t past = (time.to_millis() - offset.to_millis()) % size.to_millis();
  return time - Duration::millis(past < 0 ? past + size.to_millis() : past);
}

}  // namespace lymer::runtime
