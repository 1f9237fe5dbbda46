// Things by number from 0 on, which stay where they are while more are added.
//
// They stand in blocks, each of which has room for as much as all before it: so the way to one is
// short however many there are, and what is not there yet takes no memory that is touched.
// Not here: numbers that become free (runtime/state/keyed_table.h).
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

namespace lymer::runtime {

template <typename T>
class Blocks {
 public:
  [[nodiscard]] T& operator[](std::size_t number) {
    const Place place = place_of(number);
    return blocks_[place.block][place.at];
  }
  [[nodiscard]] const T& operator[](std::size_t number) const {
    const Place place = place_of(number);
    return blocks_[place.block][place.at];
  }
  // Behind all others.
  void add() {
    if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
      const std::size_t room = kFirst << blocks_.size();
      blocks_.emplace_back().reserve(room);
    }
    blocks_.back().emplace_back();
    ++size_;
  }
  void clear() {
    blocks_.clear();
    size_ = 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFirstBits = 3;
  static constexpr std::size_t kFirst = std::size_t{1} << kFirstBits;
  struct Place {
    std::size_t block;
    std::size_t at;
  };
  [[nodiscard]] static Place place_of(std::size_t number) {
    const std::size_t shifted = number + kFirst;
    const auto bits = static_cast<std::size_t>(std::bit_width(shifted)) - 1;
    return {bits - kFirstBits, shifted - (std::size_t{1} << bits)};
  }

  std::vector<std::vector<T>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace lymer::runtime
