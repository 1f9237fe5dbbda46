// Names and labels that every reporter can write: Prometheus's characters are the narrowest.
//
// Not here: names of a particular format (runtime/metrics/scope_format.h).
#pragma once

#include <string>
#include <string_view>

namespace lymer::runtime {

// Gives `name` with every byte that is no letter, digit or `_` of ASCII replaced by `_`, and one in
// front of a digit at the start or of nothing. `:` is left to Prometheus's recording rules.
[[nodiscard]] std::string metric_name(std::string_view name);

// Gives metric_name(name), or with `exported_` in front where Prometheus has taken the name (`le`,
// `quantile` and whatever begins with `__`).
[[nodiscard]] std::string label_name(std::string_view name);

// Gives `value` with every byte that is not UTF-8 replaced by U+FFFD; Prometheus would refuse the
// whole report otherwise.
[[nodiscard]] std::string label_value(std::string_view value);

// Gives `name` with `_total` at the end, where every counter has it.
[[nodiscard]] std::string counter_name(std::string_view name);

}  // namespace lymer::runtime
