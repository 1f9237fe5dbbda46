// A pattern over a stream, as Flink's CEP.pattern(stream, pattern) has it: which events belong
// together, what time is, and what is made of matches.
//
//   PatternStream guesses(logins, pattern);
//   guesses.key_by({"user"}).select(alerts, [](const Match& match, RowBuilder& row) { ... });
//   Result<std::vector<OperatorChain::Member>> operators = guesses.build();
//
// The operators go into a chain of a job, or PatternRun (cep/pattern_run.h) drives them. Outputs
// are those of PatternOperator: matches on the main port, late events on kLatePort, timed-out
// partial matches on kTimeoutPort, the functions' own from kFirstSidePort on.
// Not here: a pattern on the streams of a job, on threads (cep/detect.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cep/event_comparator.h"
#include "cep/match_function.h"
#include "cep/pattern.h"
#include "cep/pattern_operator.h"
#include "runtime/base/result.h"
#include "runtime/operator_chain.h"
#include "runtime/schema.h"

namespace lymer::cep {

class PatternStream {
 public:
  // The pattern's name is that of the rule.
  PatternStream(runtime::SchemaRef events, Pattern pattern);

  // Events with equal values of these fields belong together; an event with a null among them is
  // dropped and counted. Without a call all events do: the stream is not keyed.
  PatternStream& key_by(std::vector<std::string> fields);
  // Event time is the default.
  PatternStream& in_processing_time();
  PatternStream& in_event_time();
  // How events of one time follow each other (the comparator of CEP.pattern).
  PatternStream& order_by(EventComparator comparator);

  // What is made of matches; the last call holds. A function that is a TimedOutPartialMatchHandler
  // too gets the timed-out partial matches.
  PatternStream& process(MatchFunctionRef function);
  template <typename Call>
  PatternStream& select(runtime::SchemaRef rows, Call call) {
    return process(select_function(std::move(rows), std::move(call)));
  }
  template <typename Call>
  PatternStream& flat_select(runtime::SchemaRef rows, Call call) {
    return process(flat_select_function(std::move(rows), std::move(call)));
  }
  // What is made of timed-out partial matches; without any they are only counted.
  PatternStream& on_timeout(MatchFunctionRef function);
  template <typename Call>
  PatternStream& select_timeouts(runtime::SchemaRef rows, Call call) {
    return on_timeout(select_function(std::move(rows), std::move(call)));
  }

  // What leaves on the two ports; null where nothing does.
  [[nodiscard]] runtime::SchemaRef match_schema() const;
  [[nodiscard]] runtime::SchemaRef timeout_schema() const;
  [[nodiscard]] const runtime::SchemaRef& event_schema() const noexcept { return events_; }

  // Gives the operators in order: `key_by`, then `pattern`. Call once. Returns kInvalidArgument for
  // a key field that the stream does not have, or that is a list.
  [[nodiscard]] Result<std::vector<runtime::OperatorChain::Member>> build();

 private:
  runtime::SchemaRef events_;
  Pattern pattern_;
  std::vector<std::string> key_;
  TimeMode time_mode_ = TimeMode::kEventTime;
  EventOrder order_;
  MatchFunctionRef on_match_;
  MatchFunctionRef on_timeout_;
};

}  // namespace lymer::cep
