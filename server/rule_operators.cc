// Plans to pattern rules, and the functions that make results of matches.
// Not here: the operator (cep/pattern_operator.h).
#include "server/rule_operators.h"

#include <utility>

#include "cep/compiler/compiler.h"
#include "cep/event_comparator.h"
#include "cep/match.h"
#include "cep/result.h"

namespace lymer::server {
namespace {

// Gives the results that all rules share, if they are asked for, and rows for a stream of them.
class StreamedResults final : public cep::MatchFunction {
 public:
  StreamedResults(cep::ResultSpec spec, bool is_shared, const RowOutput& rows)
      : shared_(std::move(spec)), is_shared_(is_shared), rows_(rows), row_(rows.output.schema) {}

  const runtime::SchemaRef& schema() const override { return shared_.schema(); }
  std::uint64_t errors() const override { return shared_.errors() + errors_; }

  Result<void> process(const cep::Match& match, cep::MatchContext& context) override {
    if (is_shared_) LYMER_RETURN_IF_ERROR(shared_.process(match, context));
    row_.reset();
    const std::uint64_t errors = shared_.fill(match, rows_.fields, row_);
    // The results have the same fields and have counted theirs.
    if (!is_shared_) errors_ += errors;
    context.output(rows_.output, row_);
    return {};
  }

 private:
  cep::ResultSelector shared_;
  bool is_shared_;
  RowOutput rows_;
  runtime::RowBuilder row_;
  std::uint64_t errors_ = 0;
};

cep::MatchFunctionRef function_of(cep::ResultSpec spec, bool is_shared,
                                  const std::optional<RowOutput>& rows) {
  if (rows) return std::make_unique<StreamedResults>(std::move(spec), is_shared, *rows);
  if (!is_shared) return nullptr;
  return std::make_unique<cep::ResultSelector>(std::move(spec));
}

cep::PatternRule make_rule(const RuleOperatorPart& part,
                           const std::vector<runtime::SchemaRef>& schemas) {
  const rules::RulePlan& plan = *part.plan;
  const cep::ResultSpec match{schemas, plan.key, plan.emit, part.keeps_events};
  const cep::ResultSpec timeout{schemas, plan.key, plan.on_timeout.value_or(rules::EmitPlan{}),
                                part.keeps_events};
  return {.id = {plan.name, part.version},
          .pattern = cep::compile(plan.pattern),
          .on_match = function_of(match, true, part.match_rows),
          .on_timeout = function_of(timeout, part.tells_timeouts, part.timeout_rows),
          .limits = part.limits};
}

// Events of equal time go by the order of `on`, unless the rule says `order by`.
cep::EventOrder make_order(const rules::RulePlan& plan, std::size_t streams) {
  cep::EventOrder order;
  order.ranks.resize(streams);
  std::vector<cep::OrderField> fields;
  for (const rules::OrderPlan& each : plan.order) {
    fields.push_back({.slots = std::vector<runtime::Slot>(streams),
                      .type = each.type,
                      .is_descending = each.is_descending});
  }
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const std::size_t stream = plan.inputs[i].stream;
    order.ranks[stream] = static_cast<std::uint16_t>(i);
    for (std::size_t f = 0; f < fields.size(); ++f)
      fields[f].slots[stream] = plan.order[f].slots[i];
  }
  if (!fields.empty()) order.comparator = cep::by_fields(std::move(fields));
  return order;
}

std::vector<runtime::SchemaRef> schemas_of(const rules::RuleSet& rules) {
  std::vector<runtime::SchemaRef> schemas;
  for (const rules::StreamPlan& stream : rules.streams) schemas.push_back(stream.schema);
  return schemas;
}

}  // namespace

cep::PatternRule make_pattern_rule(const rules::RuleSet& rules, const RuleOperatorPart& part) {
  return make_rule(part, schemas_of(rules));
}

std::unique_ptr<cep::PatternOperator> make_rule_operator(const rules::RuleSet& rules,
                                                         const rules::RulePlan& first,
                                                         const std::vector<RuleOperatorPart>& parts,
                                                         cep::KeyLimit key_limit) {
  const std::vector<runtime::SchemaRef> schemas = schemas_of(rules);
  cep::KeyExpressions keys(schemas.size());
  for (const rules::RuleInput& input : first.inputs) keys[input.stream] = input.keys;
  std::vector<cep::PatternRule> made;
  for (const RuleOperatorPart& part : parts) made.push_back(make_rule(part, schemas));
  return std::make_unique<cep::PatternOperator>(std::move(made), schemas, keys,
                                                make_order(first, schemas.size()),
                                                cep::TimeMode::kEventTime, key_limit);
}

}  // namespace lymer::server
