// Rules that come, change and go while a pattern operator runs.
//
// A change travels in the stream as a control record, so that all subtasks make it at a place of
// their own input, and what came before is as if it had never been. Rules that it does not name
// keep everything. A rule that it changes keeps its partial matches where the new version has the
// states in which they stand (nfa/state_map.h). A rule that is new begins behind the newest event
// that had come when it came: which of those before it were still there is an accident.
// Not here: what a record says (server/), the change itself (cep/rule_change.cc).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cep/pattern_rule.h"
#include "nfa/state_map.h"
#include "runtime/base/result.h"
#include "runtime/source_share.h"
#include "runtime/stream_element.h"

namespace lymer::cep {

struct RuleChange {
  // One that has the name of another takes its place.
  std::vector<PatternRule> rules = {};
  std::vector<std::string> removed = {};
};

// What became of a rule's partial matches under all keys of a subtask.
enum class RuleFate : std::uint8_t {
  kAdded,     // There was no rule of this name.
  kMigrated,  // They are the new version's.
  kDropped,   // They mean nothing to the new version.
  kRemoved,   // They went with the rule.
};
struct RuleOutcome {
  std::string rule;
  RuleFate fate = RuleFate::kAdded;
  std::uint64_t keys = 0;  // That had some.
};

// What a snapshot says of the rules that there were when it was taken, while it is read.
struct RestoredRules {
  using Id = std::pair<std::string, std::uint32_t>;
  std::map<Id, nfa::StateNames> names = {};
  std::map<std::string, RuleOutcome> outcomes = {};  // By rule: those that are others now, or gone.
  bool is_changing = false;                          // The piece at hand is of changing rules.
};

// Where an operator asks what to change, and tells what it did. Called by subtasks, each on its own
// thread.
class RuleChanges {
 public:
  virtual ~RuleChanges() = default;
  // The rules, made for this subtask alone. An error ends the job.
  [[nodiscard]] virtual Result<RuleChange> change_of(const runtime::ControlRecord& record) = 0;
  // The version that the subtask has now. Also told of a record that changed nothing, as the
  // operator has this version or a newer one, and after a restore that met states of other rules.
  virtual void on_changed(std::uint64_t version, runtime::SourceShare share,
                          const std::vector<RuleOutcome>& outcomes) = 0;
};

}  // namespace lymer::cep
