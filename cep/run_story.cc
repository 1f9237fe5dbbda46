// A partial match is known by its path: the events it took, each with its stage.
// Not here: the automaton (nfa/matcher.h).
#include "cep/run_story.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include "cep/condition_cache.h"
#include "cep/event_store.h"
#include "cep/match_history.h"
#include "nfa/matcher.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::cep {
namespace {

using nfa::EdgeAction;
using nfa::GuardKind;
using nfa::StateKind;
using runtime::Op;

// Stages and ordinals.
using Path = std::vector<std::pair<std::uint16_t, nfa::Ordinal>>;

Path path_of(std::span<const nfa::PathEntry> entries) {
  Path path;
  for (const nfa::PathEntry& each : entries) path.emplace_back(each.stage.value(), each.ordinal);
  return path;
}

std::string_view word_of(Op op) {
  switch (op) {
    case Op::kFirst:
      return "first";
    case Op::kLast:
      return "last";
    case Op::kCount:
      return "count";
    case Op::kSum:
      return "sum";
    case Op::kAvg:
      return "avg";
    case Op::kMin:
      return "min";
    case Op::kMax:
      return "max";
    default:
      return {};
  }
}

// What one step has found.
class Findings final : public nfa::MatchSink {
 public:
  void on_match(std::span<const nfa::PathEntry> path) override { matches.push_back(path_of(path)); }
  void on_timeout(std::span<const nfa::PathEntry> path, EventTime deadline) override {
    timeouts.emplace_back(path_of(path), deadline);
  }

  std::vector<Path> matches;
  std::vector<std::pair<Path, EventTime>> timeouts;
};

// What an event means to a partial match.
struct Ways {
  std::vector<TestedCondition> tested;
  bool is_forbidden = false;
  bool has_any = false;
};

}  // namespace

std::string_view to_string(StoryEnd end) {
  switch (end) {
    case StoryEnd::kOpen:
      return "open";
    case StoryEnd::kMatched:
      return "matched";
    case StoryEnd::kTimedOut:
      return "timed_out";
    case StoryEnd::kForbidden:
      return "forbidden";
    case StoryEnd::kNoWay:
      return "no_way";
    case StoryEnd::kSkipped:
      return "skipped";
    case StoryEnd::kFailed:
      return "failed";
  }
  return "?";
}

class RunTeller::Walk {
 public:
  Walk(const CompiledPattern& pattern, const std::vector<runtime::SchemaRef>& schemas)
      : program_(pattern.program),
        atoms_(pattern.atoms),
        schemas_(schemas),
        conditions_(pattern.atoms, history_, pattern.program.stages),
        matcher_(program_, buffer_) {}

  Result<void> add(const runtime::EventHeader& header, std::span<const std::byte> row);
  Result<void> finish();

  std::vector<RunStory> stories;
  std::vector<StoryStep> begun_nothing;

 private:
  [[nodiscard]] Result<void> advance(EventTime now, bool is_over);
  [[nodiscard]] Ways ways_of(const nfa::Run& run);
  [[nodiscard]] bool holds(nfa::GuardId guard, const nfa::Run& run, Ways& ways);
  void test(nfa::AtomId atom, const nfa::Run& run, Ways& ways);
  void append_values(const Condition& condition, nfa::NodeId path, std::string& out);
  void append_values(const runtime::Expression& expression, std::string& out);
  void append_value(const std::string& name, const runtime::Value& value, std::string& out);
  [[nodiscard]] std::string field_name(runtime::Slot slot, const runtime::Schema& schema) const;
  [[nodiscard]] Path path_of_run(const nfa::Run& run) const;
  [[nodiscard]] std::map<Path, std::string> alive() const;
  void tell_step(std::size_t event, EventTime time, const std::map<Path, Ways>& ways,
                 const Findings& found);
  void branch(const Path& path, std::size_t event, const std::map<Path, std::size_t>& parents,
              std::set<std::size_t>& continued, bool parent_lives);
  void end(const Path& path, StoryEnd why, EventTime time);
  void fail(EventTime time);
  void drop_those_that_went(EventTime time, const Findings& found);

  const nfa::Program& program_;
  const std::vector<ConditionRef>& atoms_;
  const std::vector<runtime::SchemaRef>& schemas_;
  EventStore store_;
  nfa::SharedBuffer buffer_{store_.references()};
  MatchHistory history_{buffer_, store_, schemas_};
  // For values: it keeps no aggregates.
  MatchHistory shown_{buffer_, store_, schemas_};
  ConditionCache conditions_;
  nfa::Matcher matcher_;
  nfa::RunState state_;
  nfa::Ordinal ordinal_ = 0;
  EventTime last_time_ = EventTime::min();
  std::map<Path, std::size_t> live_;  // Stories that have not ended.
  runtime::RowView row_;
  runtime::SchemaId schema_;
  runtime::Scratch scratch_;
};

// ---- Conditions --------------------------------------------------------------------------------

bool RunTeller::Walk::holds(nfa::GuardId guard, const nfa::Run& run, Ways& ways) {
  const nfa::Guard& node = program_.guards[guard.value()];
  switch (node.kind) {
    case GuardKind::kTrue:
      return true;
    case GuardKind::kAtom:
      test(nfa::AtomId(node.left), run, ways);
      return conditions_.holds(nfa::AtomId(node.left), run.node);
    case GuardKind::kNot:
      return !holds(nfa::GuardId(node.left), run, ways);
    case GuardKind::kAnd:
      return holds(nfa::GuardId(node.left), run, ways) &&
             holds(nfa::GuardId(node.right), run, ways);
    case GuardKind::kOr:
      return holds(nfa::GuardId(node.left), run, ways) ||
             holds(nfa::GuardId(node.right), run, ways);
    case GuardKind::kGap: {
      const bool is_near = run.is_start() || last_time_ - run.last_time < node.gap();
      ways.tested.push_back(
          {.text = text("less than {} after the last event", lymer::to_string(node.gap())),
           .values = {},
           .holds = is_near});
      return is_near;
    }
  }
  return false;
}

void RunTeller::Walk::test(nfa::AtomId atom, const nfa::Run& run, Ways& ways) {
  const std::string& text = program_.atoms[atom.value()];
  const bool is_known = std::ranges::any_of(
      ways.tested, [&](const TestedCondition& each) { return each.text == text; });
  if (is_known) return;
  TestedCondition tested{.text = text, .values = {}, .holds = conditions_.holds(atom, run.node)};
  append_values(*atoms_[atom.value()], run.node, tested.values);
  ways.tested.push_back(std::move(tested));
}

void RunTeller::Walk::append_values(const Condition& condition, nfa::NodeId path,
                                    std::string& out) {
  const ConditionParts parts = condition.parts();
  if (parts.expression != nullptr) {
    shown_.set_path(path);
    append_values(*parts.expression, out);
  }
  if (parts.left != nullptr) append_values(*parts.left, path, out);
  if (parts.right != nullptr) append_values(*parts.right, path, out);
}

// Fields and aggregates, each once.
void RunTeller::Walk::append_values(const runtime::Expression& expression, std::string& out) {
  runtime::EvaluationContext context{.row = row_, .histories = &shown_, .scratch = scratch_};
  const std::string_view aggregate = word_of(expression.op);
  if (expression.op == Op::kField) {
    append_value(field_name(expression.slot, *schemas_[schema_.value()]),
                 evaluate(expression, context), out);
    return;
  }
  if (aggregate.empty()) {
    for (const runtime::Expression& each : expression.args) append_values(each, out);
    return;
  }
  std::string name = program_.stages[expression.history];
  if (!expression.args.empty() && expression.args[0].op == Op::kField) {
    const auto& path = shown_.path();
    const auto of_stage = std::ranges::find_if(
        path, [&](const nfa::PathEntry& each) { return each.stage.value() == expression.history; });
    const runtime::SchemaId schema =
        of_stage == path.end() ? schema_ : store_.get(of_stage->event).schema;
    name += "." + field_name(expression.args[0].slot, *schemas_[schema.value()]);
  }
  append_value(text("{}({})", aggregate, name), evaluate(expression, context), out);
}

void RunTeller::Walk::append_value(const std::string& name, const runtime::Value& value,
                                   std::string& out) {
  std::string one = name + "=";
  runtime::append_json(one, value);
  if (out.find(one) != std::string::npos) return;
  out += (out.empty() ? "" : ", ") + one;
}

std::string RunTeller::Walk::field_name(runtime::Slot slot, const runtime::Schema& schema) const {
  return slot < schema.size() ? schema.fields()[slot].name : "?";
}

// The same walk as the matcher's.
Ways RunTeller::Walk::ways_of(const nfa::Run& run) {
  constexpr std::size_t kMost = 10'000;  // Of states, where the automaton has a circle.
  Ways ways;
  std::vector<nfa::StateIndex> to_visit = {run.state};
  for (std::size_t visited = 0; !to_visit.empty() && visited < kMost; ++visited) {
    const nfa::StateIndex current = to_visit.back();
    to_visit.pop_back();
    for (const nfa::Edge& edge : program_.edges_of(current)) {
      if (!holds(edge.guard, run, ways)) continue;
      if (edge.action == EdgeAction::kProceed) {
        to_visit.push_back(edge.target);
      } else {
        ways.has_any = true;
        ways.is_forbidden =
            ways.is_forbidden || program_.state(edge.target).kind == StateKind::kStop;
      }
    }
  }
  return ways;
}

// ---- Stories -----------------------------------------------------------------------------------

Path RunTeller::Walk::path_of_run(const nfa::Run& run) const {
  std::vector<nfa::PathEntry> entries;
  buffer_.read_path(run.node, entries);
  return path_of(entries);
}

// Paths, and where they stand.
std::map<Path, std::string> RunTeller::Walk::alive() const {
  std::map<Path, std::string> all;
  for (const nfa::Run& each : state_.partial) {
    if (!each.is_start()) all[path_of_run(each)] = program_.state(each.state).label;
  }
  for (const nfa::Run& each : state_.completed) all.try_emplace(path_of_run(each), "");
  return all;
}

void RunTeller::Walk::end(const Path& path, StoryEnd why, EventTime time) {
  const auto found = live_.find(path);
  if (found == live_.end()) return;
  RunStory& story = stories[found->second];
  story.end = why;
  story.time = time;
  live_.erase(found);
}

void RunTeller::Walk::fail(EventTime time) {
  while (!live_.empty()) end(Path(live_.begin()->first), StoryEnd::kFailed, time);
}

// A path that is longer by this event: the story of the shorter one goes on if that has no other
// way to go on, else it is a story of its own.
void RunTeller::Walk::branch(const Path& path, std::size_t event,
                             const std::map<Path, std::size_t>& parents,
                             std::set<std::size_t>& continued, bool parent_lives) {
  const std::string& stage = program_.stages[path.back().first];
  const Path shorter(path.begin(), path.end() - 1);
  const auto parent = parents.find(shorter);
  if (parent != parents.end() && !parent_lives && continued.insert(parent->second).second) {
    RunStory& story = stories[parent->second];
    story.events.emplace_back(stage, event);
    if (!story.steps.empty() && story.steps.back().event == event) story.steps.back().stage = stage;
    live_.erase(shorter);
    live_[path] = parent->second;
    return;
  }
  RunStory story;
  if (parent != parents.end()) {
    story.from = parent->second;
    const std::vector<StoryStep>& steps = stories[parent->second].steps;
    if (!steps.empty() && steps.back().event == event) story.steps.push_back(steps.back());
  } else {
    story.steps.push_back({.event = event, .tested = {}, .stage = {}});
  }
  for (const auto& [index, ordinal] : path) {
    story.events.emplace_back(program_.stages[index], ordinal);
  }
  if (!story.steps.empty()) story.steps.back().stage = stage;
  live_[path] = stories.size();
  stories.push_back(std::move(story));
}

void RunTeller::Walk::tell_step(std::size_t event, EventTime time, const std::map<Path, Ways>& ways,
                                const Findings& found) {
  const std::map<Path, std::size_t> before = live_;
  const std::map<Path, std::string> now = alive();
  for (const auto& [path, index] : before) {
    const auto looked = ways.find(path);
    if (looked == ways.end()) continue;
    stories[index].steps.push_back({.event = event, .tested = looked->second.tested, .stage = {}});
  }
  std::set<Path> longer;
  for (const auto& [path, label] : now) {
    if (!before.contains(path)) longer.insert(path);
  }
  for (const Path& path : found.matches) {
    if (!before.contains(path)) longer.insert(path);
  }
  std::set<std::size_t> continued;
  for (const Path& path : longer) {
    const bool parent_lives = now.contains(Path(path.begin(), path.end() - 1));
    branch(path, event, before, continued, parent_lives);
    const auto looked = ways.find(Path{});
    if (path.size() == 1 && looked != ways.end()) {
      stories[live_[path]].steps.back().tested = looked->second.tested;
    }
  }
  for (const Path& path : found.matches) {
    // One that goes on after its match is told apart.
    if (now.contains(path) && live_.contains(path)) {
      RunStory matched = stories[live_[path]];
      matched.end = StoryEnd::kMatched;
      matched.time = time;
      matched.waits_for.clear();
      stories.push_back(std::move(matched));
    } else {
      end(path, StoryEnd::kMatched, time);
    }
  }
  for (const auto& [path, looked] : ways) {
    if (now.contains(path) || !live_.contains(path)) continue;
    end(path,
        looked.is_forbidden ? StoryEnd::kForbidden
        : looked.has_any    ? StoryEnd::kSkipped
                            : StoryEnd::kNoWay,
        time);
  }
  drop_those_that_went(time, found);
}

// Whatever is no longer there was ended by a match.
void RunTeller::Walk::drop_those_that_went(EventTime time, const Findings& found) {
  const std::map<Path, std::string> now = alive();
  const std::map<Path, std::size_t> before = live_;
  for (const auto& [path, index] : before) {
    const auto still = now.find(path);
    if (still == now.end()) {
      end(path, found.matches.empty() ? StoryEnd::kNoWay : StoryEnd::kSkipped, time);
    } else {
      stories[index].waits_for = still->second;
    }
  }
}

// ---- Time --------------------------------------------------------------------------------------

// Ends windows one deadline after the other. With `is_over` what times out is told as open.
Result<void> RunTeller::Walk::advance(EventTime now, bool is_over) {
  while (true) {
    const EventTime deadline = matcher_.next_deadline(state_);
    if (deadline > now || deadline == EventTime::max()) return {};
    Findings found;
    const auto advanced = matcher_.advance(state_, deadline, found);
    for (const Path& each : found.matches) end(each, StoryEnd::kMatched, deadline);
    for (const auto& [path, at] : found.timeouts) {
      const auto story = live_.find(path);
      if (story == live_.end()) continue;
      if (is_over) stories[story->second].deadline = at;
      end(path, is_over ? StoryEnd::kOpen : StoryEnd::kTimedOut, at);
    }
    if (!advanced) {
      fail(deadline);
      return advanced;
    }
    drop_those_that_went(deadline, found);
  }
}

Result<void> RunTeller::Walk::add(const runtime::EventHeader& header,
                                  std::span<const std::byte> row) {
  if (header.time > last_time_) LYMER_RETURN_IF_ERROR(advance(header.time, false));
  last_time_ = header.time;
  runtime::EventBatch batch;
  batch.append(header, row, {});
  // Kept for good: stories name events long after they have gone.
  const nfa::EventRef event = store_.add(batch, 0);
  row_ = row_of(store_.get(event), schemas_);
  schema_ = header.schema;
  conditions_.set_event(row_, store_.get(event));
  scratch_.reset();
  std::map<Path, Ways> ways;
  for (const nfa::Run& each : state_.partial) {
    if (each.is_start()) continue;
    Ways& all = ways[path_of_run(each)];
    const Ways own = ways_of(each);
    all.tested.insert(all.tested.end(), own.tested.begin(), own.tested.end());
    all.is_forbidden = all.is_forbidden || own.is_forbidden;
    all.has_any = all.has_any || own.has_any;
  }
  nfa::Run start;
  start.state = program_.start;
  ways[Path{}] = ways_of(start);
  Findings found;
  const nfa::Ordinal ordinal = ordinal_++;
  const auto stepped = matcher_.step(
      state_, {.event = event, .ordinal = ordinal, .time = header.time}, conditions_, found);
  const std::size_t stories_before = stories.size();
  tell_step(ordinal, header.time, ways, found);
  const bool has_begun =
      std::any_of(stories.begin() + static_cast<std::ptrdiff_t>(stories_before), stories.end(),
                  [&](const RunStory& story) { return story.events.front().second == ordinal; });
  if (!has_begun) {
    begun_nothing.push_back({.event = ordinal, .tested = ways[Path{}].tested, .stage = {}});
  }
  if (!stepped) fail(header.time);
  return stepped;
}

Result<void> RunTeller::Walk::finish() {
  return advance(EventTime::from_millis(EventTime::max().to_millis() - 1), true);
}

RunTeller::RunTeller(const CompiledPattern& pattern, const std::vector<runtime::SchemaRef>& schemas)
    : walk_(std::make_unique<Walk>(pattern, schemas)) {}
RunTeller::~RunTeller() = default;

Result<void> RunTeller::add(const runtime::EventHeader& header, std::span<const std::byte> row) {
  return walk_->add(header, row);
}

Result<void> RunTeller::finish() { return walk_->finish(); }

const std::vector<RunStory>& RunTeller::stories() const { return walk_->stories; }

const std::vector<StoryStep>& RunTeller::begun_nothing() const { return walk_->begun_nothing; }

}  // namespace lymer::cep
