// Names and labels; see product documentation for what they mean to a user.
// Not here: how they are reported (runtime/metrics/).
#include "cep/pattern_metrics.h"

namespace lymer::cep {
namespace {

// One series of a rule: its name, and a label where several share one.
struct Series {
  const char* name;
  const char* help;
  const char* label;
  const char* value;
  std::uint64_t RuleCounters::* counter;
};
constexpr std::array<Series, 6> kRuleSeries = {{
    {"matches", "Matches found.", "", "", &RuleCounters::matches},
    {"timeouts", "Partial matches that timed out.", "", "", &RuleCounters::timeouts},
    {"rule_errors", "Errors while rules ran.", "code", "condition",
     &RuleCounters::condition_errors},
    {"partials_dropped", "What limits have kept from happening.", "cause", "refused_start",
     &RuleCounters::refused_starts},
    {"partials_dropped", "What limits have kept from happening.", "cause", "dropped_start",
     &RuleCounters::dropped_starts},
    {"partials_dropped", "What limits have kept from happening.", "cause", "cut_results",
     &RuleCounters::cut_results},
}};

}  // namespace

PatternMetrics::PatternMetrics(std::shared_ptr<runtime::MetricGroup> group, std::size_t rules)
    : group_(std::move(group)),
      rules_(rules),
      late_(group_->counter("events_late", "Events behind the watermark.")),
      events_(group_->gauge("sort_buffer_events", "Events held: for their turn or by matches.")),
      keys_(group_->gauge("state_keys", "Keys with partial matches.")),
      nodes_(group_->gauge("shared_buffer_nodes", "Nodes and cells of partial matches.")) {}

void PatternMetrics::replace(RuleIndex rule, std::size_t rules) {
  rules_.resize(rules);
  rules_[rule.value()] = {};
}

void PatternMetrics::update(RuleIndex rule, const RuleId& id, const RuleCounters& counters) {
  std::array<runtime::Counter*, kSeries>& series = rules_[rule.value()];
  for (std::size_t i = 0; i < kSeries; ++i) {
    const Series& each = kRuleSeries[i];
    const std::uint64_t count = counters.*each.counter;
    if (count == 0) continue;
    if (series[i] == nullptr) {
      const auto of_rule = group_->group("rule", id.name);
      series[i] = &(*each.label == '\0' ? of_rule : of_rule->group(each.label, each.value))
                       ->counter(each.name, each.help);
    }
    series[i]->raise_to(count);
  }
}

void PatternMetrics::update(const PatternOperator& all) {
  late_.raise_to(all.late_events());
  events_.set(static_cast<double>(all.held_events()));
  keys_.set(static_cast<double>(all.held_keys()));
  nodes_.set(static_cast<double>(all.held_nodes()));
}

}  // namespace lymer::cep
