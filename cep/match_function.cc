// Functions out of lambdas, and one object behind two functions.
// Not here: who calls them (cep/running_rule.cc).
#include "cep/match_function.h"

#include "runtime/base/check.h"

namespace lymer::cep {
namespace {

using Process = std::function<Result<void>(const Match&, MatchContext&)>;

class LambdaFunction final : public MatchFunction {
 public:
  LambdaFunction(runtime::SchemaRef schema, Process process)
      : schema_(std::move(schema)), process_(std::move(process)) {
    LYMER_CHECK(schema_ != nullptr, "a function without a schema for its rows");
  }
  const runtime::SchemaRef& schema() const override { return schema_; }
  Result<void> process(const Match& match, MatchContext& context) override {
    return process_(match, context);
  }

 private:
  runtime::SchemaRef schema_;
  Process process_;
};

// The first half of an object: it has the life cycle.
class MatchHalf final : public MatchFunction {
 public:
  explicit MatchHalf(std::shared_ptr<MatchFunction> whole) : whole_(std::move(whole)) {}
  const runtime::SchemaRef& schema() const override { return whole_->schema(); }
  Result<void> open(const RuleRuntime& runtime) override { return whole_->open(runtime); }
  Result<void> process(const Match& match, MatchContext& context) override {
    return whole_->process(match, context);
  }
  Result<void> close() override { return whole_->close(); }

 private:
  std::shared_ptr<MatchFunction> whole_;
};

class TimeoutHalf final : public MatchFunction {
 public:
  TimeoutHalf(std::shared_ptr<MatchFunction> whole, TimedOutPartialMatchHandler& handler)
      : whole_(std::move(whole)), handler_(handler) {}
  const runtime::SchemaRef& schema() const override { return whole_->schema(); }
  Result<void> process(const Match& match, MatchContext& context) override {
    return handler_.process_timed_out(match, context);
  }

 private:
  std::shared_ptr<MatchFunction> whole_;
  TimedOutPartialMatchHandler& handler_;
};

}  // namespace

Result<void> MatchSelector::process(const Match& match, MatchContext& context) {
  runtime::RowBuilder& row = context.row();
  select(match, row);
  context.collect(row);
  return {};
}

MatchFunctionRef function_of(runtime::SchemaRef schema, Process process) {
  return std::make_unique<LambdaFunction>(std::move(schema), std::move(process));
}

BothFunctions use_for_both(std::unique_ptr<MatchFunction> function) {
  auto* const handler = dynamic_cast<TimedOutPartialMatchHandler*>(function.get());
  if (handler == nullptr) return {std::move(function), nullptr};
  const std::shared_ptr<MatchFunction> whole = std::move(function);
  return {std::make_unique<MatchHalf>(whole), std::make_unique<TimeoutHalf>(whole, *handler)};
}

}  // namespace lymer::cep
