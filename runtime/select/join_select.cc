// The rows of both sides as histories.
// Not here: evaluation (runtime/select/expressions.cc).
#include "runtime/select/join_select.h"

#include <span>
#include <utility>

#include "runtime/select/window_select.h"

namespace lymer::runtime {
namespace {

class Pair final : public Histories {
 public:
  Pair(const RowView* left, const RowView* right) : sides_{left, right} {}
  std::size_t count(HistoryIndex side) override { return sides_[side] == nullptr ? 0 : 1; }
  RowView row(HistoryIndex side, std::size_t) override { return *sides_[side]; }

 private:
  const RowView* sides_[2];
};

class Group final : public Histories {
 public:
  Group(std::span<const WindowEvent> left, std::span<const WindowEvent> right)
      : sides_{left, right} {}
  std::size_t count(HistoryIndex side) override { return sides_[side].size(); }
  RowView row(HistoryIndex side, std::size_t index) override { return sides_[side][index].row; }

 private:
  std::span<const WindowEvent> sides_[2];
};

// A copy has rows of its own to fill.
class Selector {
 public:
  explicit Selector(const JoinSelect& select)
      : select_(select), window_row_(window_row_schema({})), output_(select.output) {}

  void operator()(Histories& sides, const WindowView* view, const EmitRow& emit) {
    window_row_.reset();
    if (view != nullptr) fill_window_row(*view, window_row_);
    const RowView row = window_row_.view();
    if (!select_.conditions.hold(row, &sides)) return;
    output_.reset();
    select_.fields.fill(row, &sides, output_);
    emit(output_.bytes());
  }

 private:
  JoinSelect select_;
  RowBuilder window_row_;
  RowBuilder output_;
};

}  // namespace

std::function<void(const RowView&, const RowView&, const EmitRow&)> pair_select(
    const JoinSelect& select) {
  return [selector = Selector(select)](const RowView& left, const RowView& right,
                                       const EmitRow& emit) mutable {
    Pair pair(&left, &right);
    selector(pair, nullptr, emit);
  };
}

JoinFunction join_select(const JoinSelect& select) {
  return [selector = Selector(select)](const JoinSides& sides, const EmitRow& emit) mutable {
    Pair pair(sides.left, sides.right);
    selector(pair, nullptr, emit);
  };
}

CoGroupFunction co_group_select(const JoinSelect& select) {
  return [selector = Selector(select)](std::span<const WindowEvent> left,
                                       std::span<const WindowEvent> right, const WindowView& view,
                                       const EmitRow& emit) mutable {
    Group group(left, right);
    selector(group, &view, emit);
  };
}

}  // namespace lymer::runtime
