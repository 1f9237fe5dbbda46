// Integers that cannot be mixed up: a StrongId of one tag is no StrongId of another.
//
//   using SplitId = StrongId<struct SplitIdTag, std::uint32_t>;
//
// It compares, hashes and prints, but does not add: an id is a name, not a number.
#pragma once

#include <cstddef>
#include <functional>
#include <ostream>

namespace lymer {

template <typename Tag, typename Number>
class StrongId {
 public:
  using Rep = Number;

  constexpr StrongId() = default;
  explicit constexpr StrongId(Number number) : number_(number) {}

  // Gives the bare number, for indexing and for formats.
  [[nodiscard]] constexpr Number value() const noexcept { return number_; }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;
  friend std::ostream& operator<<(std::ostream& out, StrongId id) { return out << id.number_; }

 private:
  Number number_{};
};

}  // namespace lymer

template <typename Tag, typename Number>
struct std::hash<lymer::StrongId<Tag, Number>> {
  [[nodiscard]] std::size_t operator()(lymer::StrongId<Tag, Number> id) const noexcept {
    return std::hash<Number>{}(id.value());
  }
};
