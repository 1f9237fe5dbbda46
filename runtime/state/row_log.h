// Rows of many keys one behind the other in memory, each with a link to another one: lists whose
// rows come and go together.
//
//   RowLog<EventTime> log;
//   newest = &log.add(event.header.time, event.row.bytes(), newest);
//   for (auto* node = newest; node != nullptr; node = node->before) { ... node->row() ... }
//
// Adding writes where it wrote before, whatever the key, so it waits for no memory; nothing moves,
// and all goes at once. Not here: whose rows these are; the owner keeps the ends of its lists.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace lymer::runtime {

template <typename Head>
class RowLog {
  static_assert(std::is_trivially_copyable_v<Head> && std::is_trivially_destructible_v<Head>);

 public:
  struct Node {
    Node* before = nullptr;
    Head head;
    std::uint32_t length = 0;

    [[nodiscard]] std::span<const std::byte> row() const {
      return {reinterpret_cast<const std::byte*>(this) + sizeof(Node), length};
    }
  };

  // Copies the row. The node stays where it is as long as the log.
  [[nodiscard]] Node& add(const Head& head, std::span<const std::byte> row, Node* before) {
    const std::size_t size = (sizeof(Node) + row.size() + alignof(Node) - 1) & ~(alignof(Node) - 1);
    if (size > free_.size()) begin_block(size);
    std::byte* const at = free_.data();
    auto* const node = std::construct_at(
        reinterpret_cast<Node*>(at),
        Node{.before = before, .head = head, .length = static_cast<std::uint32_t>(row.size())});
    if (!row.empty()) std::memcpy(at + sizeof(Node), row.data(), row.size());
    free_ = free_.subspan(size);
    return *node;
  }

 private:
  // Small at first, as there may be many logs; no larger than what is quickly had and given back.
  static constexpr std::size_t kLeast = 512;
  static constexpr std::size_t kMost = std::size_t{64} * 1024 - 64;

  void begin_block(std::size_t at_least) {
    const std::size_t size = std::max(at_least, next_size_);
    next_size_ = std::min(2 * next_size_, kMost);
    free_ = {blocks_.emplace_back(std::make_unique_for_overwrite<std::byte[]>(size)).get(), size};
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::span<std::byte> free_;  // Of the last block.
  std::size_t next_size_ = kLeast;
};

}  // namespace lymer::runtime
