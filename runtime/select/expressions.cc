// One evaluation after the other, with the errors of all.
// Not here: what an evaluation does (runtime/expression/evaluate.cc).
#include "runtime/select/expressions.h"

#include <algorithm>

namespace lymer::runtime {

bool Expressions::hold(const RowView& row, Histories* histories) const {
  EvaluationContext context{.row = row, .histories = histories, .scratch = scratch_};
  const bool hold = std::ranges::all_of(*list_, [&](const Expression& each) {
    scratch_.reset();
    return evaluate(each, context).is_true();
  });
  count_errors(context.errors);
  return hold;
}

void Expressions::fill(const RowView& row, Histories* histories, RowBuilder& out) const {
  EvaluationContext context{.row = row, .histories = histories, .scratch = scratch_};
  for (Slot slot = 0; slot < list_->size(); ++slot) {
    scratch_.reset();
    out.set(slot, evaluate((*list_)[slot], context));
  }
  count_errors(context.errors);
}

}  // namespace lymer::runtime
