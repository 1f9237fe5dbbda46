// Escaping that keeps the order: an end sorts before all that could follow it.
// Not here: which keys are there (checkpoint/rocks/state_database.h).
#include "checkpoint/rocks/key_layout.h"

namespace lymer::checkpoint {
namespace {

constexpr char kZero = '\0';
constexpr char kEscaped = '\xff';
constexpr char kEnd = '\x01';
constexpr std::size_t kTableBytes = 4;
constexpr std::size_t kHashBytes = 8;

template <typename Number>
void put_number(Number number, std::string& out) {
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    out += static_cast<char>(static_cast<unsigned char>(number >> (8U * i)));
  }
}

void put_text(runtime::StateBytes bytes, std::string& out) {
  std::string_view rest = text_of(bytes);
  while (!rest.empty()) {
    const std::size_t zero = rest.find(kZero);
    out += rest.substr(0, zero);
    if (zero == std::string_view::npos) break;
    out += kZero;
    out += kEscaped;
    rest.remove_prefix(zero + 1);
  }
  out += kZero;
  out += kEnd;
}

// Takes a text from the front of `rest`; false if there is none.
bool take_text(std::string_view& rest, std::vector<std::byte>& bytes) {
  bytes.clear();
  const auto append = [&bytes](std::string_view more) {
    const runtime::StateBytes added = bytes_of(more);
    bytes.insert(bytes.end(), added.begin(), added.end());
  };
  for (;;) {
    const std::size_t zero = rest.find(kZero);
    if (zero == std::string_view::npos || zero + 1 == rest.size()) return false;
    const char mark = rest[zero + 1];
    append(rest.substr(0, mark == kEscaped ? zero + 1 : zero));
    rest.remove_prefix(zero + 2);
    if (mark != kEscaped) return mark == kEnd;
  }
}

}  // namespace

std::string_view text_of(runtime::StateBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

runtime::StateBytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string key_of_table(TableNumber table) {
  std::string key;
  put_number(table, key);
  return key;
}

void make_key(TableNumber table, const runtime::StateAddress& address, std::string& key) {
  key.clear();
  put_number(table, key);
  put_number(hash_of(address), key);
  put_text(address.key, key);
  put_text(address.name_space, key);
}

// Neither a table's number nor the end of a text is all ones, so the last byte does not overflow
// but where a number ends in ff.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

TableNumber table_of(std::string_view key) {
  if (key.size() < kTableBytes) return 0;
  TableNumber table = 0;
  for (std::size_t i = 0; i < kTableBytes; ++i) {
    table = table << 8U | static_cast<unsigned char>(key[i]);
  }
  return table;
}

bool ParsedKey::parse(std::string_view key) {
  if (key.size() < kTableBytes + kHashBytes) return false;
  std::string_view rest = key.substr(kTableBytes + kHashBytes);
  if (!take_text(rest, key_) || !take_text(rest, name_space_)) return false;
  entry_ = bytes_of(rest);
  place_ = key.substr(0, key.size() - rest.size());
  return true;
}

}  // namespace lymer::checkpoint
