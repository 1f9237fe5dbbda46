// A recipe, shared by all, and what each operator makes of it.
// Not here: who opens and closes (cep/running_rule.cc).
#include "cep/rich_condition.h"

#include <utility>

#include "runtime/base/check.h"

namespace lymer::cep {
namespace {

using MakeRichCondition = std::function<std::unique_ptr<RichCondition>()>;

class RichConditionAdapter final : public Condition {
 public:
  RichConditionAdapter(MakeRichCondition make, Reads reads, std::string text, bool is_recipe)
      : make_(std::move(make)), reads_(reads), text_(std::move(text)) {
    LYMER_CHECK(make_ != nullptr, "a rich condition without a maker");
    if (is_recipe) return;
    own_ = make_();
    LYMER_CHECK(own_ != nullptr, "the maker of a rich condition made none");
  }

  bool test(ConditionContext& context) const override {
    // Rules that could not be opened have stopped, but are tested with the others.
    return is_open_ && test_guarded(context, [&] { return own_->test(context); });
  }
  bool reads_histories() const override { return reads_ == Reads::kEarlierEvents; }
  const std::string& text() const override { return text_; }

  ConditionRef make_own() const override {
    return std::make_shared<RichConditionAdapter>(make_, reads_, text_, false);
  }
  Result<void> open(const RuleRuntime& runtime) const override {
    if (own_ == nullptr) return {};
    Result<void> opened = call_guarded([&] { return own_->open(runtime); });
    is_open_ = opened.has_value();
    return opened;
  }
  Result<void> close() const override {
    is_open_ = false;
    if (own_ == nullptr) return {};
    return call_guarded([&] { return own_->close(); });
  }

 private:
  MakeRichCondition make_;
  Reads reads_;
  std::string text_;
  std::unique_ptr<RichCondition> own_;  // Null for the recipe.
  mutable bool is_open_ = false;        // Of one operator, which has one thread.
};

}  // namespace

ConditionRef rich_condition(MakeRichCondition make, Reads reads, std::string text) {
  return std::make_shared<RichConditionAdapter>(std::move(make), reads, std::move(text), true);
}

}  // namespace lymer::cep
