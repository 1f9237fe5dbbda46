// The keys under which a database holds tables: the only place that makes them, and takes them
// apart.
//
//   key   := table:u32  hash:u64  text(key)  text(namespace)  entry bytes*
//   text  := its bytes, each 00 written as 00 ff, and 00 01 as its end
//
// Numbers are big-endian. So a database that sorts by bytes sorts by table, hash, key, namespace
// and entry, which is the order in which tables in memory are walked
// (runtime/state/keyed_table.h); snapshots come out the same.
// Not here: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/state_table.h"

namespace lymer::checkpoint {

using TableNumber = std::uint32_t;

[[nodiscard]] std::string_view text_of(runtime::StateBytes bytes);
[[nodiscard]] runtime::StateBytes bytes_of(std::string_view text);

// What all keys of a table begin with.
[[nodiscard]] std::string key_of_table(TableNumber table);
// The key of what is at an address, or what the keys of its entries begin with.
void make_key(TableNumber table, const runtime::StateAddress& address, std::string& key);
// The first key behind all that begin with `prefix`, which is one of the two above.
[[nodiscard]] std::string end_of(std::string_view prefix);

// The table that a key is of; 0 for what is none, as no table has that number.
[[nodiscard]] TableNumber table_of(std::string_view key);

// A key taken apart.
class ParsedKey {
 public:
  // False for what is no key. `key` must stay.
  [[nodiscard]] bool parse(std::string_view key);

  [[nodiscard]] runtime::StateBytes key() const noexcept { return key_; }
  [[nodiscard]] runtime::StateBytes name_space() const noexcept { return name_space_; }
  [[nodiscard]] runtime::StateBytes entry() const noexcept { return entry_; }
  // All before the entry.
  [[nodiscard]] std::string_view place() const noexcept { return place_; }

 private:
  std::vector<std::byte> key_;
  std::vector<std::byte> name_space_;
  runtime::StateBytes entry_;
  std::string_view place_;
};

}  // namespace lymer::checkpoint
