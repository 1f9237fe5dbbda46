// What a rule makes of its matches, in C++: a class, or a lambda.
//
//   rule.on_match = select_function(alerts, [](const Match& match, RowBuilder& row) {
//     row.set(0, match.events("entry").front()["user"]);
//   });
//
// | here                       | Flink                       | rows                              |
// |----------------------------|-----------------------------|-----------------------------------|
// | MatchFunction              | PatternProcessFunction      | any number, and side outputs      |
// | TimedOutPartialMatchHandler| the same                    | side outputs, or its own port     |
// | process_function(lambda)   | PatternProcessFunction      | any number, and side outputs      |
// | select_function(lambda)    | PatternSelectFunction       | one a match                       |
// | flat_select_function(...)  | PatternFlatSelectFunction   | any number                        |
//
// The same functions serve timed-out partial matches (PatternRule::on_timeout), where Flink has
// PatternTimeoutFunction and PatternFlatTimeoutFunction. Lambdas may return nothing or a
// Result<void>. An error that a function returns, or an exception, stops its rule and no other; the
// rows that it had collected stay.
// Not here: results as rule text has them (cep/result.h).
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "cep/match.h"
#include "cep/match_context.h"
#include "cep/rule_runtime.h"
#include "runtime/base/result.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// Used by one thread at a time; each operator needs its own.
class MatchFunction {
 public:
  virtual ~MatchFunction() = default;
  // The schema of the rows that it collects.
  [[nodiscard]] virtual const runtime::SchemaRef& schema() const = 0;
  // Called once, before the first event.
  [[nodiscard]] virtual Result<void> open(const RuleRuntime& runtime) {
    (void)runtime;
    return {};
  }
  // Looks at a match, or at a timed-out partial match (match.deadline is set then). Both arguments
  // live during the call.
  [[nodiscard]] virtual Result<void> process(const Match& match, MatchContext& context) = 0;
  // Counts what went wrong in expressions, such as overflows.
  [[nodiscard]] virtual std::uint64_t errors() const { return 0; }
  // Called once at the end of a function that was opened.
  [[nodiscard]] virtual Result<void> close() { return {}; }
};

// To be inherited beside MatchFunction by one that looks at timed-out partial matches too; see
// use_for_both(). What it collects leaves on kTimeoutPort, in the function's schema.
class TimedOutPartialMatchHandler {
 public:
  virtual ~TimedOutPartialMatchHandler() = default;
  [[nodiscard]] virtual Result<void> process_timed_out(const Match& match,
                                                       MatchContext& context) = 0;
};

// Makes one row of a match.
class MatchSelector : public MatchFunction {
 public:
  // Fills the row, a row of schema(), from the match. Counts errors of its expressions.
  virtual void select(const Match& match, runtime::RowBuilder& row) = 0;
  [[nodiscard]] Result<void> process(const Match& match, MatchContext& context) final;
};

using MatchFunctionRef = std::unique_ptr<MatchFunction>;

// Makes a function of anything that can be called with a match and its context.
template <typename Call>
[[nodiscard]] MatchFunctionRef process_function(runtime::SchemaRef schema, Call call);
// With a match and the row to fill.
template <typename Call>
[[nodiscard]] MatchFunctionRef select_function(runtime::SchemaRef schema, Call call);
// With a match and the collector of its rows.
template <typename Call>
[[nodiscard]] MatchFunctionRef flat_select_function(runtime::SchemaRef schema, Call call);

// The functions of a rule that are one object, opened and closed once.
struct BothFunctions {
  MatchFunctionRef on_match;
  MatchFunctionRef on_timeout;  // None if the function is no TimedOutPartialMatchHandler.
};
[[nodiscard]] BothFunctions use_for_both(std::unique_ptr<MatchFunction> function);

// What the templates below are made of.
[[nodiscard]] MatchFunctionRef function_of(
    runtime::SchemaRef schema, std::function<Result<void>(const Match&, MatchContext&)> process);

template <typename Call>
MatchFunctionRef process_function(runtime::SchemaRef schema, Call call) {
  auto process = [call = std::move(call)](const Match& match, MatchContext& context) mutable {
    return call_guarded([&] { return call(match, context); });
  };
  return function_of(std::move(schema), std::move(process));
}

template <typename Call>
MatchFunctionRef select_function(runtime::SchemaRef schema, Call call) {
  auto process = [call = std::move(call)](const Match& match,
                                          MatchContext& context) mutable -> Result<void> {
    runtime::RowBuilder& row = context.row();
    LYMER_RETURN_IF_ERROR(call_guarded([&] { return call(match, row); }));
    context.collect(row);
    return {};
  };
  return function_of(std::move(schema), std::move(process));
}

template <typename Call>
MatchFunctionRef flat_select_function(runtime::SchemaRef schema, Call call) {
  auto process = [call = std::move(call)](const Match& match, MatchContext& context) mutable {
    RowCollector& rows = context;
    return call_guarded([&] { return call(match, rows); });
  };
  return function_of(std::move(schema), std::move(process));
}

}  // namespace lymer::cep
