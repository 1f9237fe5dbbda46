// Words of a stream as operators.
// Not here: what the operators do (runtime/operators/key_by.cc, cep/pattern_operator.cc).
#include "cep/pattern_stream.h"

#include <memory>

#include "cep/compiler/compiler.h"
#include "runtime/base/text.h"
#include "runtime/operators/key_by.h"

namespace lymer::cep {
namespace {

Result<runtime::KeyExpression> key_of(const runtime::Schema& events,
                                      const std::vector<std::string>& fields) {
  runtime::KeyExpression key;
  for (const std::string& field : fields) {
    const auto slot = events.slot_of(field);
    if (!slot) {
      return Error{ErrorCode::kInvalidArgument,
                   text("no field to key by: stream `{}` has no `{}`", events.name(), field)};
    }
    if (events.fields()[*slot].type.kind == runtime::TypeKind::kList) {
      return Error{ErrorCode::kInvalidArgument, text("a list cannot be a key: `{}`", field)};
    }
    key.push_back(*slot);
  }
  return key;
}

}  // namespace

PatternStream::PatternStream(runtime::SchemaRef events, Pattern pattern)
    : events_(std::move(events)), pattern_(std::move(pattern)) {}

PatternStream& PatternStream::key_by(std::vector<std::string> fields) {
  key_ = std::move(fields);
  return *this;
}

PatternStream& PatternStream::in_processing_time() {
  time_mode_ = TimeMode::kProcessingTime;
  return *this;
}

PatternStream& PatternStream::in_event_time() {
  time_mode_ = TimeMode::kEventTime;
  return *this;
}

PatternStream& PatternStream::order_by(EventComparator comparator) {
  order_.comparator = std::move(comparator);
  return *this;
}

PatternStream& PatternStream::process(MatchFunctionRef function) {
  BothFunctions both = use_for_both(std::move(function));
  on_match_ = std::move(both.on_match);
  if (both.on_timeout != nullptr) on_timeout_ = std::move(both.on_timeout);
  return *this;
}

PatternStream& PatternStream::on_timeout(MatchFunctionRef function) {
  on_timeout_ = std::move(function);
  return *this;
}

runtime::SchemaRef PatternStream::match_schema() const {
  return on_match_ == nullptr ? nullptr : on_match_->schema();
}

runtime::SchemaRef PatternStream::timeout_schema() const {
  return on_timeout_ == nullptr ? nullptr : on_timeout_->schema();
}

Result<std::vector<runtime::OperatorChain::Member>> PatternStream::build() {
  LYMER_ASSIGN_OR_RETURN(runtime::KeyExpression key, key_of(*events_, key_));
  std::vector<PatternRule> rules;
  rules.push_back(PatternRule{.id = {pattern_.name(), 1},
                              .pattern = compile(pattern_),
                              .on_match = std::move(on_match_),
                              .on_timeout = std::move(on_timeout_)});
  std::vector<runtime::OperatorChain::Member> members;
  members.push_back({"key_by", std::make_unique<runtime::KeyBy>(
                                   events_, std::vector<runtime::KeyExpression>{key})});
  members.push_back(
      {"pattern", std::make_unique<PatternOperator>(
                      std::move(rules), std::vector<runtime::SchemaRef>{events_},
                      KeyExpressions{{std::move(key)}}, std::move(order_), time_mode_)});
  return members;
}

}  // namespace lymer::cep
