// Rows and conditions made of expressions: what the `where` and `select` of rule text do.
//
//   const Expressions fields({total, user}, errors);   // As bound by rules/.
//   fields.fill(event.row, nullptr, row);              // row.set(0, total), row.set(1, user)
//
// Not here: windows (runtime/select/window_select.h), joins (runtime/select/join_select.h), the
// expressions themselves (runtime/expression/).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/expression/expression.h"
#include "runtime/row.h"

namespace lymer::runtime {

// Overflows, divisions by zero and bad casts, counted by all subtasks together.
using ErrorCount = std::shared_ptr<std::atomic<std::uint64_t>>;
[[nodiscard]] inline ErrorCount new_error_count() {
  return std::make_shared<std::atomic<std::uint64_t>>(0);
}

// A copy shares the expressions, by address too, and is for another thread.
class Expressions {
 public:
  Expressions(std::vector<Expression> list, ErrorCount errors)
      : list_(std::make_shared<const std::vector<Expression>>(std::move(list))),
        errors_(std::move(errors)) {}
  Expressions(const Expressions& other) : list_(other.list_), errors_(other.errors_) {}
  Expressions(Expressions&&) = default;
  Expressions& operator=(const Expressions&) = delete;
  Expressions& operator=(Expressions&&) = delete;
  ~Expressions() = default;

  // Tells whether all of them, conditions, are true. `histories` may be null where none is read.
  [[nodiscard]] bool hold(const RowView& row, Histories* histories) const;
  // Sets the fields of `out`, from the first on, to their values.
  void fill(const RowView& row, Histories* histories, RowBuilder& out) const;
  // Counts the errors of those who evaluate parts of them.
  void count_errors(std::uint64_t errors) const {
    if (errors > 0) errors_->fetch_add(errors, std::memory_order_relaxed);
  }

  [[nodiscard]] const std::vector<Expression>& list() const noexcept { return *list_; }

 private:
  std::shared_ptr<const std::vector<Expression>> list_;
  ErrorCount errors_;
  mutable Scratch scratch_;
};

}  // namespace lymer::runtime
