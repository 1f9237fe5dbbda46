// Rules that come, change and go in a pattern operator at work.
// Not here: snapshots (cep/pattern_snapshot.cc), what follows for plans (cep/event_plan.cc).
#include "cep/rule_change.h"

#include <algorithm>
#include <utility>

#include "cep/pattern_metrics.h"
#include "cep/pattern_operator.h"
#include "cep/running_rule.h"
#include "nfa/state_map.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"

namespace lymer::cep {

struct PatternOperator::CarriedStates {
  struct OfKey {
    KeyIndex key;
    std::vector<std::byte> bytes;
  };
  std::vector<OfKey> states;
  std::vector<nfa::EventRef> events;
  std::uint64_t keys = 0;
};

void PatternOperator::take_changes_from(std::shared_ptr<RuleChanges> changes,
                                        std::uint64_t version) {
  LYMER_CHECK(clock_ == nullptr, "changes were asked for behind open()");
  changes_ = std::move(changes);
  rules_version_ = version;
}

Result<runtime::Progress> PatternOperator::on_mark(runtime::StreamElement mark,
                                                   runtime::Collector& out) {
  const auto* record = std::get_if<runtime::ControlRecord>(&mark);
  if (record != nullptr && changes_ != nullptr) LYMER_RETURN_IF_ERROR(change(*record));
  return Operator::on_mark(std::move(mark), out);
}

Result<void> PatternOperator::change(const runtime::ControlRecord& record) {
  std::vector<RuleOutcome> outcomes;
  if (record.version > rules_version_) {
    LYMER_ASSIGN_OR_RETURN(RuleChange change, changes_->change_of(record));
    for (const std::string& name : change.removed) {
      if (const auto index = find_rule(name)) outcomes.push_back(remove_rule(*index));
    }
    for (PatternRule& rule : change.rules) outcomes.push_back(put_rule(std::move(rule)));
    rules_version_ = record.version;
    planner_.update();
    pending_.set_plans(kNoPlan.value());
    sweep();
    events_.collect();
  }
  changes_->on_changed(rules_version_, share_, outcomes);
  return {};
}

std::optional<RuleIndex> PatternOperator::find_rule(const std::string& name) const {
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i]->is_gone() && rules_[i]->id().name == name) return RuleIndex(i);
  }
  return std::nullopt;
}

RuleIndex PatternOperator::place_for_rule() {
  if (free_rules_.empty()) {
    rules_.push_back(nullptr);
    return RuleIndex(static_cast<std::uint32_t>(rules_.size() - 1));
  }
  const RuleIndex index = free_rules_.back();
  free_rules_.pop_back();
  return index;
}

void PatternOperator::start_rule(RuleIndex index, PatternRule rule, const RuleCounters& counters) {
  auto made = std::make_unique<RunningRule>(std::move(rule), *this);
  made->count_on(counters);
  planner_.put_rule(index, made->engine(), made->atoms());
  rules_[index.value()] = std::move(made);
  metrics_->replace(index, rules_.size());
  const auto opened = rules_[index.value()]->open(*opened_);
  if (!opened) fail(index, opened.error());
}

void PatternOperator::stop_rule(RuleIndex index) {
  planner_.take_rule(index);
  (void)rules_[index.value()]->close();  // What goes wrong there is nobody's business any more.
}

RuleOutcome PatternOperator::put_rule(PatternRule rule) {
  RuleOutcome outcome{.rule = rule.id.name, .fate = RuleFate::kAdded, .keys = 0};
  const auto known = find_rule(rule.id.name);
  if (!known) {
    const RuleIndex index = place_for_rule();
    start_rule(index, std::move(rule), {});
    rules_[index.value()]->begin_behind(newest_);
    beginners_until_ = std::max(beginners_until_, newest_);
    return outcome;
  }
  RunningRule& old = *rules_[known->value()];
  const auto map = nfa::map_states(nfa::state_names(old.engine().program()),
                                   nfa::state_names(rule.pattern.program));
  const CarriedStates carried = take_states(*known, map.has_value());
  const RuleCounters counters = this->counters(*known);
  const EventTime behind = old.behind();
  stop_rule(*known);
  start_rule(*known, std::move(rule), counters);
  rules_[known->value()]->begin_behind(behind);
  const bool are_whole = map && give_states(*known, carried, *map);
  for (const nfa::EventRef event : carried.events) events_.references().release(event);
  outcome.fate = are_whole ? RuleFate::kMigrated : RuleFate::kDropped;
  outcome.keys = carried.keys;
  return outcome;
}

RuleOutcome PatternOperator::remove_rule(RuleIndex index) {
  RunningRule& rule = *rules_[index.value()];
  RuleOutcome outcome{.rule = rule.id().name, .fate = RuleFate::kRemoved, .keys = 0};
  outcome.keys = take_states(index, false).keys;
  stop_rule(index);
  rule.go();
  free_rules_.push_back(index);
  return outcome;
}

// Leaves nothing of the rule under any key; must be followed by sweep().
PatternOperator::CarriedStates PatternOperator::take_states(RuleIndex index, bool carries) {
  CarriedStates carried;
  RunningRule& rule = *rules_[index.value()];
  const auto number_of = [&](nfa::EventRef event) {
    events_.references().retain(event);
    carried.events.push_back(event);
    return event.value();
  };
  for (const KeyIndex key : keys_.sorted()) {
    RuleState* const state = keys_.at(key).rules.find(index);
    if (state == nullptr || state->is_idle()) continue;
    ++carried.keys;
    if (carries) {
      ByteWriter writer;
      rule.write(writer, *state, number_of);
      carried.states.push_back({key, std::move(writer).take()});
    }
    const std::size_t bytes_before = held_bytes();
    (void)rule.unfold(*state);
    rule.clear_at_work();
    (void)rule.fold(*state, EventTime::max());
    events_.collect();
    if (key_limit_.state_bytes > 0) bytes_of(key) += held_bytes() - bytes_before;
    erase_state(key, *state);
  }
  must_sweep_ = true;
  return carried;
}

// Tells whether all of them could be given; else none was.
bool PatternOperator::give_states(RuleIndex index, const CarriedStates& carried,
                                  const nfa::StateMap& map) {
  const auto event_of = [](std::uint32_t number) {
    return std::optional<nfa::EventRef>(nfa::EventRef(number));
  };
  if (rules_[index.value()]->is_stopped()) return false;
  for (const CarriedStates::OfKey& each : carried.states) {
    ByteReader reader(each.bytes);
    const std::size_t bytes_before = held_bytes();
    if (!restore_state(reader, each.key, index, event_of, &map)) {
      (void)take_states(index, false);
      return false;
    }
    if (key_limit_.state_bytes > 0) bytes_of(each.key) += held_bytes() - bytes_before;
  }
  return true;
}

}  // namespace lymer::cep
