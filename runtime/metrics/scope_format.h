// One dotted name for a sample, for reporters that have no labels (Flink's metrics.scope.*).
//
//   ScopeFormat format = ScopeFormat::make("<job>.<task>.<subtask>.<operator>.<name>").value();
//   format.apply(sample);  // fraud.sort.0.sorter.lymer_events_late_total
//
// Not here: the labels themselves (runtime/metrics/metric_group.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/metrics/metric_sample.h"

namespace lymer::runtime {

// Immutable.
class ScopeFormat {
 public:
  // Names everything, so that no two samples of a registry become one.
  static constexpr std::string_view kDefault = "<job>.<task>.<subtask>.<operator>.<user>.<name>";

  // Reads a pattern of parts between dots. The variables <job>, <task>, <subtask>, <operator>,
  // <rule>, <stream> and <partition> are the labels of that name, <name> the sample's name and
  // <user> all labels that the pattern does not name, as `key.value`. Returns kInvalidArgument with
  // the list of variables for any other, for a `<` without its `>` and for a pattern without
  // <name>.
  static Result<ScopeFormat> make(std::string_view pattern);

  // Writes the name of a sample. A part whose variables are all empty is left out; dots, blanks and
  // control characters inside of labels become `_`.
  [[nodiscard]] std::string apply(const MetricSample& sample) const;

 private:
  struct Piece {
    bool is_variable;
    std::string text;
  };
  using Part = std::vector<Piece>;

  ScopeFormat() = default;
  static Result<Part> read_part(std::string_view text);
  [[nodiscard]] bool names(std::string_view variable) const;
  [[nodiscard]] std::string value_of(const std::string& variable, const MetricSample& sample) const;

  std::vector<Part> parts_;
};

}  // namespace lymer::runtime
