// One pattern operator behind the key, and its ports as streams.
// Not here: the operator (cep/pattern_operator.h).
#include "cep/detect.h"

#include <vector>

namespace lymer::cep {

Detected detect(const runtime::KeyedStream& events, const std::string& name,
                const std::function<PatternRule()>& make, const DetectOptions& options) {
  const runtime::KeyedInput input = events.input();
  const auto op = [input, make, options](const runtime::SourceShare&) {
    // By schema id; the other ids do not come here.
    const std::size_t ids = input.schema_id.value() + std::size_t{1};
    const std::vector<runtime::SchemaRef> schemas(ids, input.schema);
    KeyExpressions keys(ids);
    keys.back() = {input.key};
    std::vector<PatternRule> rules;
    rules.push_back(make());
    EventOrder order;
    order.comparator = options.order_by;
    return std::make_unique<PatternOperator>(std::move(rules), schemas, keys, std::move(order),
                                             options.time_mode, options.key_limit);
  };
  const PatternRule shown = make();
  const auto schema_of = [&](const MatchFunctionRef& function) {
    return function == nullptr ? input.schema : function->schema();
  };
  const runtime::Stream found = events.stream().transform(name, schema_of(shown.on_match), op);
  return {.matches = found.marked(found.schema()),
          .timeouts = found.side_output_as_it_is(kTimeoutPort).marked(schema_of(shown.on_timeout)),
          .late = found.side_output_as_it_is(kLatePort).marked(input.schema)};
}

Detected detect(const runtime::Stream& events, const std::string& name,
                const std::function<PatternRule()>& make, const DetectOptions& options) {
  return detect(events.key_by({}), name, make, options);
}

}  // namespace lymer::cep
