// Both sides by name, by what they say.
// Not here: making the change (server/engine.cc).
#include "server/rule_difference.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

std::map<std::string, std::string> says(const RuleFiles& rules) {
  std::map<std::string, std::string> by_name;
  for (const RuleText& each : rules.texts) by_name.emplace(each.name, each.canonical);
  return by_name;
}

// Rules whose results leave on a way of their own, and which.
std::map<std::string, std::string> special_outputs(const RuleFiles& rules) {
  std::map<std::string, std::string> found;
  for (const rules::RulePlan& each : rules.set.rules) {
    if (!each.match_logs.empty() || !each.timeout_logs.empty()) {
      found.emplace(each.name, "emits to a log");
    }
    if (!each.match_topics.empty() || !each.timeout_topics.empty()) {
      found.emplace(each.name, "emits to a topic");
    }
  }
  for (const rules::StreamPlan& each : rules.set.streams) {
    const auto* results = std::get_if<rules::ResultPlan>(&each.origin);
    if (results == nullptr) continue;
    found.emplace(rules.set.rules[results->rule].name,
                  text("is what stream `{}` is made of", each.name));
  }
  return found;
}

}  // namespace

RuleDifference difference_of(const RuleFiles& before, const RuleFiles& after) {
  RuleDifference difference;
  const auto old_rules = says(before);
  const auto new_rules = says(after);
  for (const auto& [name, said] : new_rules) {
    const auto known = old_rules.find(name);
    if (known == old_rules.end()) {
      difference.added.push_back(name);
    } else if (known->second != said) {
      difference.changed.push_back(name);
    }
  }
  for (const auto& [name, said] : old_rules) {
    if (!new_rules.contains(name)) difference.removed.push_back(name);
  }
  if (before.frame != after.frame) {
    difference.obstacle = "streams, lists or macros differ";
    return difference;
  }
  std::map<std::string, std::string> special = special_outputs(before);
  special.merge(special_outputs(after));
  for (const auto* names : {&difference.added, &difference.changed, &difference.removed}) {
    for (const std::string& name : *names) {
      const auto found = special.find(name);
      if (found == special.end()) continue;
      difference.obstacle = text("rule `{}` {}", name, found->second);
    }
  }
  return difference;
}

RuleVersions next_versions(RuleVersions versions, const RuleDifference& difference) {
  for (const std::string& name : difference.added) ++versions[name];
  for (const std::string& name : difference.changed) ++versions.try_emplace(name, 1).first->second;
  return versions;
}

}  // namespace lymer::server
