// The layout that row.h draws, written and read with memcpy so that no alignment is assumed.
// Not here: what becomes of a missing field; the decoders decide (runtime/format/).
#include "runtime/row.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/ip_address.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::runtime {
namespace {

static_assert(std::endian::native == std::endian::little, "rows are little-endian bytes");

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::byte kNullElement{0};
constexpr std::byte kPresentElement{1};
// A network is a constant only; it takes its prefix length along as a 17th byte.
constexpr std::size_t kNetworkSize = 17;

std::uint64_t pack(std::size_t offset, std::size_t length) {
  return static_cast<std::uint64_t>(offset) | (static_cast<std::uint64_t>(length) << 32U);
}
std::size_t offset_of(std::uint64_t packed) { return packed & 0xffffffffU; }
std::size_t length_of(std::uint64_t packed) { return packed >> 32U; }

bool is_variable(TypeKind kind) {
  return kind == TypeKind::kString || kind == TypeKind::kIp || kind == TypeKind::kList ||
         kind == TypeKind::kJson || kind == TypeKind::kNetwork;
}

std::span<const std::byte> text_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

IpAddress address_of(std::span<const std::byte> bytes) {
  IpAddress address;
  std::memcpy(address.bytes.data(), bytes.data(), address.bytes.size());
  return address;
}

// The bytes of a variable-width scalar; `scratch` serves those that must be put together.
std::span<const std::byte> variable_bytes(const Value& value,
                                          std::array<std::byte, kNetworkSize>& scratch) {
  if (value.kind() == TypeKind::kString || value.kind() == TypeKind::kJson) {
    return text_bytes(value.as_string());
  }
  if (value.kind() == TypeKind::kIp) {
    const IpAddress address = value.as_ip();
    std::memcpy(scratch.data(), address.bytes.data(), address.bytes.size());
    return std::span(scratch).first(address.bytes.size());
  }
  const IpNetwork network = value.as_network();
  std::memcpy(scratch.data(), network.address.bytes.data(), network.address.bytes.size());
  scratch.back() = static_cast<std::byte>(network.prefix_bits);
  return scratch;
}

Value value_of_bytes(TypeKind kind, std::span<const std::byte> bytes) {
  switch (kind) {
    case TypeKind::kString:
      return Value::of(as_text(bytes));
    case TypeKind::kJson:
      return Value::json(as_text(bytes));
    case TypeKind::kIp:
      return Value::of(address_of(bytes));
    case TypeKind::kNetwork:
      return Value::of(
          IpNetwork{address_of(bytes), std::to_integer<std::uint8_t>(bytes[kNetworkSize - 1])});
    default:
      check_failed("a variable-width kind", "fixed kind");
  }
}

void append_number(std::vector<std::byte>& out, std::uint64_t number, std::size_t width) {
  const auto* raw = reinterpret_cast<const std::byte*>(&number);
  out.insert(out.end(), raw, raw + width);
}

std::uint64_t read_number(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, width);
  return number;
}

// Walks a list's elements without reading values; false if they do not fill `bytes` exactly.
bool is_valid_list(std::span<const std::byte> bytes, TypeKind element, std::uint32_t count) {
  std::size_t cursor = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (cursor >= bytes.size()) return false;
    const std::byte mark = bytes[cursor++];
    if (mark == kNullElement) continue;
    std::size_t width = kWord;
    if (is_variable(element)) {
      if (bytes.size() - cursor < sizeof(std::uint32_t)) return false;
      width = read_number(bytes, cursor, sizeof(std::uint32_t));
      cursor += sizeof(std::uint32_t);
      if (element == TypeKind::kIp && width != sizeof(IpAddress)) return false;
      if (element == TypeKind::kNetwork && width != kNetworkSize) return false;
    }
    if (mark != kPresentElement || bytes.size() - cursor < width) return false;
    cursor += width;
  }
  return cursor == bytes.size();
}

}  // namespace

std::uint64_t fixed_word(const Value& value) {
  switch (value.kind()) {
    case TypeKind::kBool:
      return value.as_bool() ? 1 : 0;
    case TypeKind::kInt:
      return static_cast<std::uint64_t>(value.as_int());
    case TypeKind::kFloat:
      return std::bit_cast<std::uint64_t>(value.as_float());
    case TypeKind::kTime:
      return static_cast<std::uint64_t>(value.as_time().to_millis());
    case TypeKind::kDuration:
      return static_cast<std::uint64_t>(value.as_duration().to_millis());
    default:
      check_failed("a fixed-width value", "variable kind");
  }
}

Value value_of_word(TypeKind kind, std::uint64_t word) {
  switch (kind) {
    case TypeKind::kBool:
      return Value::of(word != 0);
    case TypeKind::kInt:
      return Value::of(static_cast<std::int64_t>(word));
    case TypeKind::kFloat:
      return Value::of(std::bit_cast<double>(word));
    case TypeKind::kTime:
      return Value::of(EventTime::from_millis(static_cast<std::int64_t>(word)));
    case TypeKind::kDuration:
      return Value::of(Duration::millis(static_cast<std::int64_t>(word)));
    default:
      check_failed("a fixed-width kind", "variable kind");
  }
}

Value RowView::get_any(Slot slot, Type type) const {
  if (is_null(slot)) return Value::null();
  const std::uint64_t packed = word(null_words_ + slot);
  if (!is_variable(type.kind)) return value_of_word(type.kind, packed);
  const auto bytes = bytes_.subspan(offset_of(packed), length_of(packed));
  if (type.kind != TypeKind::kList) return value_of_bytes(type.kind, bytes);
  const auto count = static_cast<std::uint32_t>(read_number(bytes, 0, sizeof(std::uint32_t)));
  return Value::of(ListView(type.element, count, bytes.subspan(sizeof(std::uint32_t))));
}

RowBuilder::RowBuilder(SchemaRef schema)
    : schema_(std::move(schema)), null_words_((schema_->size() + 63) / 64) {
  reset();
}

void RowBuilder::reset() { bytes_.assign((null_words_ + schema_->size()) * kWord, std::byte{0}); }

std::uint64_t RowBuilder::append(std::span<const std::byte> bytes) {
  const std::size_t offset = bytes_.size();
  LYMER_CHECK_LT(offset + bytes.size(), std::size_t{1} << 32U);
  // The value may point into this very row (a computed field); growing it must not pull the bytes
  // away while they are being copied.
  const auto* own_end = bytes_.data() + bytes_.size();
  if (!std::less<>{}(bytes.data(), bytes_.data()) && std::less<>{}(bytes.data(), own_end)) {
    const std::vector<std::byte> copy(bytes.begin(), bytes.end());
    bytes_.insert(bytes_.end(), copy.begin(), copy.end());
  } else {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  return pack(offset, bytes.size());
}

void RowBuilder::set_any(Slot slot, const Value& value) {
  const std::size_t null_word = slot / 64;
  const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
  const std::uint64_t present = read_number(bytes_, null_word * kWord, kWord);
  if (value.is_null()) {
    set_word(null_word, present & ~bit);
    return;
  }
  LYMER_DCHECK(value.kind() == schema_->fields()[slot].type.kind, schema_->fields()[slot].name);
  set_word(null_word, present | bit);
  if (value.kind() == TypeKind::kList) {
    const ListView& list = value.as_list();
    std::vector<std::byte> packed;
    append_number(packed, list.count(), sizeof(std::uint32_t));
    packed.insert(packed.end(), list.bytes().begin(), list.bytes().end());
    set_word(null_words_ + slot, append(packed));
  } else if (is_variable(value.kind())) {
    std::array<std::byte, kNetworkSize> scratch{};
    set_word(null_words_ + slot, append(variable_bytes(value, scratch)));
  } else {
    set_word(null_words_ + slot, fixed_word(value));
  }
}

void append_list_element(std::vector<std::byte>& out, const Value& element) {
  if (element.is_null()) {
    out.push_back(kNullElement);
    return;
  }
  out.push_back(kPresentElement);
  if (!is_variable(element.kind())) {
    append_number(out, fixed_word(element), kWord);
    return;
  }
  std::array<std::byte, kNetworkSize> scratch{};
  const auto bytes = variable_bytes(element, scratch);
  append_number(out, bytes.size(), sizeof(std::uint32_t));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Value read_list_element(std::span<const std::byte> bytes, TypeKind element, std::size_t& cursor) {
  if (bytes[cursor++] == kNullElement) return Value::null();
  if (!is_variable(element)) {
    cursor += kWord;
    return value_of_word(element, read_number(bytes, cursor - kWord, kWord));
  }
  const std::size_t length = read_number(bytes, cursor, sizeof(std::uint32_t));
  cursor += sizeof(std::uint32_t) + length;
  return value_of_bytes(element, bytes.subspan(cursor - length, length));
}

bool is_valid_row(std::span<const std::byte> bytes, const Schema& schema) {
  const std::size_t null_words = (schema.size() + 63) / 64;
  if (bytes.size() < (null_words + schema.size()) * kWord) return false;
  const RowView row(bytes, schema.size());
  for (Slot slot = 0; slot < schema.size(); ++slot) {
    const Type type = schema.fields()[slot].type;
    if (row.is_null(slot) || !is_variable(type.kind)) continue;
    const std::uint64_t packed = read_number(bytes, (null_words + slot) * kWord, kWord);
    if (offset_of(packed) > bytes.size()) return false;
    if (length_of(packed) > bytes.size() - offset_of(packed)) return false;
    const auto part = bytes.subspan(offset_of(packed), length_of(packed));
    if (type.kind == TypeKind::kIp && part.size() != sizeof(IpAddress)) return false;
    if (type.kind != TypeKind::kList) continue;
    if (part.size() < sizeof(std::uint32_t)) return false;
    const auto count = static_cast<std::uint32_t>(read_number(part, 0, sizeof(std::uint32_t)));
    if (!is_valid_list(part.subspan(sizeof(std::uint32_t)), type.element, count)) return false;
  }
  return true;
}

}  // namespace lymer::runtime
