// Versions, and who has which.
// Not here: sending records (server/engine.cc).
#include "server/live_rules.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::server {

// What one operator sees of it.
class LiveRules::OfOperator final : public cep::RuleChanges {
 public:
  OfOperator(std::shared_ptr<LiveRules> owner, std::size_t index)
      : owner_(std::move(owner)), index_(index) {}
  Result<cep::RuleChange> change_of(const runtime::ControlRecord& record) override {
    return owner_->change_of(index_, record.version);
  }
  void on_changed(std::uint64_t version, runtime::SourceShare share,
                  const std::vector<cep::RuleOutcome>& outcomes) override {
    owner_->on_changed(index_, version, share, outcomes);
  }

 private:
  std::shared_ptr<LiveRules> owner_;
  std::size_t index_;
};

std::size_t LiveRules::add_operator(const rules::RuleSet& rules,
                                    std::vector<RuleOperatorPart> parts, cep::KeyLimit key_limit) {
  for (RuleOperatorPart& each : parts) each.version = version_of(each.plan->name);
  operators_.push_back({.first_set = &rules,
                        .first = parts.front().plan,
                        .key_limit = key_limit,
                        .parts = std::move(parts),
                        .having = {}});
  return operators_.size() - 1;
}

std::unique_ptr<cep::PatternOperator> LiveRules::make_operator(std::size_t index,
                                                               const runtime::SourceShare& share) {
  const std::lock_guard lock(mutex_);
  Operator& found = operators_[index];
  auto made = make_rule_operator(*found.first_set, *found.first, found.parts, found.key_limit);
  made->take_changes_from(std::make_shared<OfOperator>(shared_from_this(), index), version_);
  found.having[share.subtask] = version_;
  changed_.notify_all();
  return made;
}

std::uint32_t LiveRules::version_of(const std::string& rule) const {
  const auto found = versions_.find(rule);
  return found == versions_.end() ? 1 : found->second;
}

// As many as there are operators if none is the rule's.
std::size_t LiveRules::operator_of(const rules::RulePlan& plan) const {
  const auto reads_the_same = [&](const Operator& each) {
    const auto is_ordered_alike =
        !(plan.order < each.first->order) && !(each.first->order < plan.order);
    return each.first->inputs == plan.inputs && is_ordered_alike;
  };
  return static_cast<std::size_t>(std::ranges::find_if(operators_, reads_the_same) -
                                  operators_.begin());
}

Result<std::uint64_t> LiveRules::begin_change(RuleSetChange change) {
  const std::lock_guard lock(mutex_);
  std::vector<Step> steps(operators_.size());
  std::vector<std::vector<RuleOperatorPart>> parts(operators_.size());
  versions_.swap(change.versions);
  for (const rules::RulePlan& plan : change.set->rules) {
    const std::size_t index = operator_of(plan);
    if (index == operators_.size()) {
      versions_.swap(change.versions);
      return Error{ErrorCode::kUnsupported,
                   text("rule `{}` reads streams, or by keys, that no rule had when the job began",
                        plan.name)};
    }
    RuleOperatorPart part = part_of_(plan);
    part.version = version_of(plan.name);
    parts[index].push_back(part);
    const bool is_changed = std::ranges::find(change.changed, plan.name) != change.changed.end();
    if (!is_changed) continue;
    steps[index].parts.push_back(part);
    // It may have been another operator's until now.
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (i != index) steps[i].removed.push_back(plan.name);
    }
  }
  for (Step& each : steps) {
    each.removed.insert(each.removed.end(), change.removed.begin(), change.removed.end());
  }
  for (const OnChange& each : heard_) each(*change.set);
  for (std::size_t i = 0; i < operators_.size(); ++i) operators_[i].parts = std::move(parts[i]);
  history_.emplace(++version_, Version{std::move(change), std::move(steps), {}});
  while (history_.size() > kRemembered) history_.erase(history_.begin());
  return version_;
}

Result<cep::RuleChange> LiveRules::change_of(std::size_t index, std::uint64_t version) const {
  std::optional<Step> step;
  std::shared_ptr<const rules::RuleSet> set;
  {
    const std::lock_guard lock(mutex_);
    const auto found = history_.find(version);
    if (found == history_.end()) {
      return Error{ErrorCode::kLimit,
                   text("version {} of the rules came after {} newer ones", version, kRemembered)};
    }
    step = found->second.steps[index];
    set = found->second.change.set;
  }
  // Compiled outside of the lock, for each subtask by itself.
  cep::RuleChange change{.rules = {}, .removed = std::move(step->removed)};
  for (const RuleOperatorPart& each : step->parts) {
    change.rules.push_back(make_pattern_rule(*set, each));
  }
  return change;
}

void LiveRules::on_changed(std::size_t index, std::uint64_t version, runtime::SourceShare share,
                           const std::vector<cep::RuleOutcome>& outcomes) {
  const std::lock_guard lock(mutex_);
  operators_[index].having[share.subtask] = version;
  if (const auto found = history_.find(version); found != history_.end()) {
    for (const cep::RuleOutcome& each : outcomes) {
      const auto [known, is_new] = found->second.outcomes.try_emplace(each.rule, each);
      if (is_new) continue;
      known->second.keys += each.keys;
      // One subtask had nothing to drop.
      if (each.fate == cep::RuleFate::kDropped) known->second.fate = each.fate;
    }
  }
  changed_.notify_all();
}

bool LiveRules::is_everywhere(std::uint64_t version) const {
  return std::ranges::all_of(operators_, [&](const Operator& each) {
    return std::ranges::all_of(each.having,
                               [&](const auto& subtask) { return subtask.second >= version; });
  });
}

RuleSetReport LiveRules::wait_for(std::uint64_t version, Duration most) {
  std::unique_lock lock(mutex_);
  RuleSetReport report{.version = version};
  changed_.wait_for(lock, std::chrono::milliseconds(most.to_millis()),
                    [&] { return has_ended_ || is_everywhere(version); });
  report.is_everywhere = is_everywhere(version);
  const auto found = history_.find(version);
  if (found == history_.end()) return report;
  for (const auto& [rule, outcome] : found->second.outcomes) report.rules.push_back(outcome);
  return report;
}

void LiveRules::end() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

std::uint64_t LiveRules::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

}  // namespace lymer::server
