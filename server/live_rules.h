// The rules of a job that runs, and what changes in them while it does.
//
//   live.begin_change(next, 2);              // Then the job's sources send a record of version 2.
//   const auto report = live.wait_for(2, Duration::seconds(10));
//
// Rules that read the same streams by the same keys and order are one operator, with a subtask for
// each share of the keys (server/job_builder.h). Each of these asks here what a control record
// changes, and says when it is done. An operator that is made anew, after a failure, has the newest
// rules from the start.
// Not here: which change a job can make (server/rule_difference.h), partial matches
// (cep/rule_change.h).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cep/pattern_operator.h"
#include "cep/rule_change.h"
#include "rules/rule_set.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/source_share.h"
#include "server/rule_operators.h"

namespace lymer::server {

// By rule name; a rule that is not here is of version 1.
using RuleVersions = std::map<std::string, std::uint32_t>;

struct RuleSetChange {
  std::shared_ptr<const rules::RuleSet> set;  // All rules as they are to be.
  RuleVersions versions = {};                 // Likewise.
  std::vector<std::string> changed = {};      // Rules of the set that are new or different.
  std::vector<std::string> removed = {};
};

// What became of the partial matches of each rule that was named, over all keys.
struct RuleSetReport {
  std::uint64_t version = 0;
  bool is_everywhere = false;  // All subtasks have it; else it is on its way to some.
  std::vector<cep::RuleOutcome> rules = {};
};

// Thread-safe, but for what is done before the job starts.
class LiveRules : public std::enable_shared_from_this<LiveRules> {
 public:
  using PartOf = std::function<RuleOperatorPart(const rules::RulePlan&)>;

  // `part_of` says how a rule is run that comes later.
  explicit LiveRules(RuleVersions versions = {}) : versions_(std::move(versions)) {}

  // ---- Before the job starts ----
  // The rules of one operator, of which there is one at least. `rules` must outlive this.
  [[nodiscard]] std::size_t add_operator(const rules::RuleSet& rules,
                                         std::vector<RuleOperatorPart> parts,
                                         cep::KeyLimit key_limit);
  void set_part_of(PartOf part_of) { part_of_ = std::move(part_of); }
  // Hears of all rules as they are to be, before any subtask has them.
  using OnChange = std::function<void(const rules::RuleSet&)>;
  void on_change(OnChange heard) { heard_.push_back(std::move(heard)); }

  // A subtask of an operator, with the newest rules.
  [[nodiscard]] std::unique_ptr<cep::PatternOperator> make_operator(
      std::size_t index, const runtime::SourceShare& share);

  // Returns kUnsupported, and changes nothing, where a rule needs an operator that the job does not
  // have. Else the version that the sources are to send; wait_for() says what came of it.
  [[nodiscard]] Result<std::uint64_t> begin_change(RuleSetChange change);
  // Waits until all subtasks have that version, or for so long.
  [[nodiscard]] RuleSetReport wait_for(std::uint64_t version, Duration most);
  [[nodiscard]] std::uint64_t version() const;
  // The job has come to its end: nobody waits any more.
  void end();

 private:
  class OfOperator;
  struct Operator {
    const rules::RuleSet* first_set = nullptr;
    const rules::RulePlan* first = nullptr;  // It reads what all of the operator's rules read.
    cep::KeyLimit key_limit;
    std::vector<RuleOperatorPart> parts;          // Of the newest rules.
    std::map<std::size_t, std::uint64_t> having;  // The version of each subtask.
  };
  // What a version changes in one operator.
  struct Step {
    std::vector<RuleOperatorPart> parts;
    std::vector<std::string> removed;
  };
  struct Version {
    RuleSetChange change;
    std::vector<Step> steps;  // By operator.
    std::map<std::string, cep::RuleOutcome> outcomes = {};
  };
  // So many of the last are remembered, for subtasks on their way.
  static constexpr std::size_t kRemembered = 64;

  [[nodiscard]] Result<cep::RuleChange> change_of(std::size_t index, std::uint64_t version) const;
  void on_changed(std::size_t index, std::uint64_t version, runtime::SourceShare share,
                  const std::vector<cep::RuleOutcome>& outcomes);
  [[nodiscard]] std::size_t operator_of(const rules::RulePlan& plan) const;
  [[nodiscard]] std::uint32_t version_of(const std::string& rule) const;
  [[nodiscard]] bool is_everywhere(std::uint64_t version) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  PartOf part_of_;
  std::vector<OnChange> heard_;
  RuleVersions versions_;
  std::vector<Operator> operators_;
  std::uint64_t version_ = 1;
  bool has_ended_ = false;
  std::map<std::uint64_t, Version> history_;
};

}  // namespace lymer::server
