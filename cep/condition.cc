// The kinds of conditions behind one face.
// Not here: when they are evaluated and how often (cep/condition_cache.h).
#include "cep/condition.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

class ExpressionCondition final : public Condition {
 public:
  ExpressionCondition(runtime::Expression expression, std::string text)
      : expression_(std::move(expression)),
        text_(std::move(text)),
        reads_histories_(runtime::reads_histories(expression_)) {}

  bool test(ConditionContext& context) const override {
    context.scratch.reset();
    runtime::EvaluationContext evaluation{
        .row = context.row, .histories = &context.histories, .scratch = context.scratch};
    const bool holds = runtime::evaluate(expression_, evaluation).is_true();
    context.errors += evaluation.errors;
    return holds;
  }
  bool reads_histories() const override { return reads_histories_; }
  const std::string& text() const override { return text_; }
  ConditionParts parts() const override { return {.expression = &expression_}; }

 private:
  runtime::Expression expression_;
  std::string text_;
  bool reads_histories_;
};

class FunctionCondition final : public Condition {
 public:
  FunctionCondition(std::function<bool(ConditionContext&)> test, std::string text, bool iterative,
                    ConditionParts parts = {})
      : test_(std::move(test)), text_(std::move(text)), iterative_(iterative), parts_(parts) {
    LYMER_CHECK(test_ != nullptr, "a condition without a function");
  }

  bool test(ConditionContext& context) const override {
    return test_guarded(context, [&] { return test_(context); });
  }
  bool reads_histories() const override { return iterative_; }
  const std::string& text() const override { return text_; }
  ConditionParts parts() const override { return parts_; }

 private:
  std::function<bool(ConditionContext&)> test_;
  std::string text_;
  bool iterative_;
  ConditionParts parts_;
};

// Left before right; the right one is not asked where the left one decides.
class CombinedCondition final : public Condition {
 public:
  CombinedCondition(ConditionRef left, ConditionRef right, bool decides)
      : left_(std::move(left)),
        right_(std::move(right)),
        decides_(decides),
        text_(lymer::text("({} {} {})", left_->text(), decides ? "or" : "and", right_->text())) {}

  bool test(ConditionContext& context) const override {
    return left_->test(context) == decides_ ? decides_ : right_->test(context);
  }
  bool reads_histories() const override {
    return left_->reads_histories() || right_->reads_histories();
  }
  const std::string& text() const override { return text_; }
  ConditionParts parts() const override {
    if (decides_) return {};
    return {.left = left_.get(), .right = right_.get()};
  }
  ConditionRef make_own() const override {
    const ConditionRef left = left_->make_own();
    const ConditionRef right = right_->make_own();
    if (left == nullptr && right == nullptr) return nullptr;
    return std::make_shared<CombinedCondition>(left == nullptr ? left_ : left,
                                               right == nullptr ? right_ : right, decides_);
  }
  Result<void> open(const RuleRuntime& runtime) const override {
    LYMER_RETURN_IF_ERROR(left_->open(runtime));
    if (const auto opened = right_->open(runtime); !opened) {
      (void)left_->close();
      return opened.error();
    }
    return {};
  }
  Result<void> close() const override {
    const Result<void> left = left_->close();
    const Result<void> right = right_->close();
    return left ? right : left;
  }

 private:
  ConditionRef left_;
  ConditionRef right_;
  bool decides_;  // The answer of the left one that makes the right one needless.
  std::string text_;
};

}  // namespace

ConditionRef both_conditions(ConditionRef left, ConditionRef right) {
  return std::make_shared<CombinedCondition>(std::move(left), std::move(right), false);
}

ConditionRef either_condition(ConditionRef left, ConditionRef right) {
  return std::make_shared<CombinedCondition>(std::move(left), std::move(right), true);
}

ConditionRef expression_condition(runtime::Expression expression, std::string text) {
  return std::make_shared<ExpressionCondition>(std::move(expression), std::move(text));
}

ConditionRef simple_condition(std::function<bool(const runtime::RowView&)> test, std::string text) {
  auto on_context = [test = std::move(test)](ConditionContext& context) {
    return test(context.row);
  };
  return std::make_shared<FunctionCondition>(std::move(on_context), std::move(text), false);
}

ConditionRef event_condition(std::function<bool(const EventView&)> test, std::string text) {
  auto on_context = [test = std::move(test)](ConditionContext& context) {
    return test(context.event());
  };
  return std::make_shared<FunctionCondition>(std::move(on_context), std::move(text), false);
}

ConditionRef stream_condition(std::string stream) {
  std::string text = "event of " + stream;
  auto on_context = [stream = std::move(stream)](ConditionContext& context) {
    return context.event().schema().name() == stream;
  };
  return std::make_shared<FunctionCondition>(std::move(on_context), std::move(text), false);
}

ConditionRef schema_condition(runtime::SchemaId schema, std::string text) {
  auto on_context = [schema](ConditionContext& context) { return context.schema == schema; };
  return std::make_shared<FunctionCondition>(std::move(on_context), std::move(text), false,
                                             ConditionParts{.schema = schema});
}

ConditionRef key_condition(std::size_t index, std::string text) {
  auto on_context = [index](ConditionContext& context) {
    return ((context.key_mask >> index) & 1U) != 0;
  };
  return std::make_shared<FunctionCondition>(std::move(on_context), std::move(text), false,
                                             ConditionParts{.key = index});
}

ConditionRef iterative_condition(std::function<bool(ConditionContext&)> test, std::string text) {
  return std::make_shared<FunctionCondition>(std::move(test), std::move(text), true);
}

}  // namespace lymer::cep
