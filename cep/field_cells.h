// The values of one field, told apart only as far as the tests on it do.
//
// Values that every test answers alike are one *cell*: compared with 5 and 9, an integer is null,
// below 5, 5, between them, 9, or above. An event's cell is looked up once, by hash or binary
// search, however many tests there are; each test is then a few ranges of cells.
// Not here: conditions made of such tests (cep/predicate_index.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace lymer::cep {

using CellIndex = std::uint32_t;

// From `first` to `last`, both included.
struct CellRange {
  CellIndex first = 0;
  CellIndex last = 0;
};

enum class Compare : std::uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

// Lets tables of texts be asked with views.
struct TextHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

// The cells of a field that is compared with constants of its own type.
class FieldCells {
 public:
  // Requires that the type has cells.
  FieldCells(runtime::Slot slot, runtime::TypeKind kind) : slot_(slot), kind_(kind) {}
  // Booleans, numbers, times, durations and texts; texts for equality alone.
  [[nodiscard]] static bool has_cells(runtime::TypeKind kind);

  // Makes the constant one that cells are told apart by. Before seal().
  void add(const runtime::Value& constant);
  void seal();

  // The rest after seal(). Lists the cells in which the comparison with an added constant holds.
  [[nodiscard]] std::vector<CellRange> cells_where(Compare compare,
                                                   const runtime::Value& constant) const;
  [[nodiscard]] CellIndex cell_of(const runtime::RowView& row) const {
    if (row.is_null(slot_)) return kNull;
    if (kind_ == runtime::TypeKind::kString) return cell_of_text(row);
    const std::uint64_t word = row.fixed(slot_);
    if (kind_ == runtime::TypeKind::kFloat) return cell_of_float(word);
    return cell_of_integer(static_cast<std::int64_t>(word));
  }
  [[nodiscard]] CellIndex count() const noexcept { return top() + 1; }
  [[nodiscard]] runtime::Slot slot() const noexcept { return slot_; }

 private:
  // 2 below the first constant; 3 equal to it; 4 between it and the second, and so on.
  static constexpr CellIndex kNull = 0;
  static constexpr CellIndex kNotANumber = 1;
  static constexpr CellIndex kBelow = 2;
  [[nodiscard]] static CellIndex equal_to(std::size_t constant) {
    return static_cast<CellIndex>(2 * constant + 3);
  }
  [[nodiscard]] CellIndex top() const { return static_cast<CellIndex>(2 * constants_ + kBelow); }
  [[nodiscard]] CellIndex cell_of_integer(std::int64_t value) const {
    if (near_.empty()) return search(integers_, value);
    const std::int64_t inside = std::clamp(value, low_, high_);
    return near_[static_cast<std::uint64_t>(inside) - static_cast<std::uint64_t>(low_)];
  }
  [[nodiscard]] CellIndex cell_of_float(std::uint64_t word) const;
  [[nodiscard]] CellIndex cell_of_text(const runtime::RowView& row) const;
  template <typename Number>
  [[nodiscard]] static CellIndex search(const std::vector<Number>& constants, Number value);

  runtime::Slot slot_;
  runtime::TypeKind kind_;
  std::size_t constants_ = 0;
  std::vector<std::int64_t> integers_;  // Sorted, as are the floats.
  std::vector<double> floats_;
  boost::unordered_flat_map<std::string, std::size_t, TextHash, std::equal_to<>> texts_;
  // Cells by value, where the integers lie close together: from one below the first to one above
  // the last, as those beyond are in the same cells. No branch tells them apart, for events differ.
  std::vector<CellIndex> near_;
  std::int64_t low_ = 0;
  std::int64_t high_ = 0;
};

// The cells of a text field that is matched with regular expressions: one for each set of them that
// some text has matched. All are looked for in one pass over the text.
class PatternCells {
 public:
  explicit PatternCells(runtime::Slot slot);
  ~PatternCells();
  PatternCells(PatternCells&&) noexcept;
  PatternCells& operator=(PatternCells&&) noexcept;
  PatternCells(const PatternCells&) = delete;
  PatternCells& operator=(const PatternCells&) = delete;

  // Gives the number of the pattern; the same one for an equal pattern. Before seal().
  [[nodiscard]] std::size_t add(const std::shared_ptr<const re2::RE2>& pattern);
  void seal();

  // A cell that stands for more than one set: more of them were seen than are kept. holds() then
  // speaks of the text looked at last.
  static constexpr CellIndex kUnnamed = 1;
  [[nodiscard]] CellIndex cell_of(const runtime::RowView& row);
  [[nodiscard]] bool holds(CellIndex cell, std::size_t pattern) const;
  // Lists the patterns that hold in the cell, in order.
  [[nodiscard]] const std::vector<int>& patterns_in(CellIndex cell) const;
  [[nodiscard]] runtime::Slot slot() const noexcept { return slot_; }

 private:
  struct Set;
  void match(std::string_view text);
  [[nodiscard]] CellIndex cell_of_last();

  runtime::Slot slot_;
  std::vector<std::shared_ptr<const re2::RE2>> patterns_;
  std::map<std::string, std::size_t> by_text_;
  std::unique_ptr<Set> set_;  // Null: the patterns are tried one by one.
  std::vector<std::vector<int>> cells_;
  std::map<std::vector<int>, CellIndex> by_patterns_;
  std::vector<int> last_;
  // Short texts that were matched before: many streams repeat them.
  boost::unordered_flat_map<std::string, CellIndex, TextHash, std::equal_to<>> known_;
};

}  // namespace lymer::cep
