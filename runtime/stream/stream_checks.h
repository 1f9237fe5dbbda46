// What is wrong with a call of the stream API, in words for who wrote it; empty if nothing is.
//
// Each text says which operator it is about and how to mend it.
// Not here: graphs as a whole (runtime/graph/stream_graph.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/time.h"
#include "runtime/join/interval_join.h"
#include "runtime/key_reader.h"
#include "runtime/schema.h"
#include "runtime/window/window_operator.h"

namespace lymer::runtime {

// `what` is what was to be given: `a function`.
[[nodiscard]] std::string wrong_if_missing(bool is_given, std::string_view name,
                                           std::string_view what);
[[nodiscard]] std::string wrong_parallelism(std::string_view name, std::size_t parallelism);
[[nodiscard]] std::string wrong_out_of_order(std::string_view name, Duration out_of_order);
[[nodiscard]] std::string wrong_keys(std::string_view before, const Schema& schema,
                                     const std::vector<KeyExpression>& keys);
// A field that can be compared with others of its type, or for a sum a number.
[[nodiscard]] std::string wrong_field(std::string_view name, const Schema& schema, Slot slot,
                                      bool is_for_sum);
[[nodiscard]] std::string wrong_union(std::string_view one, const Schema& of_one,
                                      std::string_view other, const Schema& of_other);
// `keeps_events`: there is an evictor, so nothing is merged but lists.
[[nodiscard]] std::string wrong_windows(std::string_view name, const WindowAssigner& windows,
                                        const WindowFunction& function, Duration lateness,
                                        bool keeps_events);
[[nodiscard]] std::string wrong_interval(std::string_view name, const JoinInterval& interval);

}  // namespace lymer::runtime
