// A pattern on a stream of a job (Flink: CEP.pattern on a DataStream).
//
//   const Detected bursts = detect(counts.key_by({0}), "bursts", [] {
//     return PatternRule{.id = {"bursts", 1},
//                        .pattern = compile(pattern),
//                        .on_match = select_function(alerts, fill)};
//   });
//   bursts.matches.for_each("print", ...);
//
// Not here: a pattern in a chain of one's own (cep/pattern_stream.h), several streams under one
// pattern (server/job_builder.cc shows how).
#pragma once

#include <functional>
#include <string>

#include "cep/event_comparator.h"
#include "cep/pattern_operator.h"
#include "runtime/stream/stream.h"

namespace lymer::cep {

struct DetectOptions {
  TimeMode time_mode = TimeMode::kEventTime;
  EventComparator order_by = nullptr;  // How events of one time follow each other.
  KeyLimit key_limit = {};
};

// What comes of it. Rows have the schemas of the rule's functions, those of a rule without one the
// schema of the events, and there are none.
struct Detected {
  runtime::Stream matches;
  runtime::Stream timeouts;
  runtime::Stream late;
};

// `make` is called for each subtask, since functions are used by one thread at a time.
[[nodiscard]] Detected detect(const runtime::KeyedStream& events, const std::string& name,
                              const std::function<PatternRule()>& make,
                              const DetectOptions& options = {});
// Of a stream without keys: all of it in one subtask.
[[nodiscard]] Detected detect(const runtime::Stream& events, const std::string& name,
                              const std::function<PatternRule()>& make,
                              const DetectOptions& options = {});

}  // namespace lymer::cep
