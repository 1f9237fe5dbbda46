// The matcher alone: cost of one event against the number of live partial matches.
//
// `a followedBy b` with nothing ever matching b, so partial matches only pile up; then events that
// concern none of them.
#include "nfa/matcher.h"

#include <benchmark/benchmark.h>

#include "cep/compiler/compiler.h"
#include "cep/pattern.h"

namespace lymer::nfa {
namespace {

// Holds for one atom only, or for none.
class OneAtom final : public Conditions {
 public:
  explicit OneAtom(AtomId atom) : atom_(atom) {}
  bool holds(AtomId atom, NodeId /*path*/) override { return atom == atom_; }

 private:
  AtomId atom_;
};

class NoSink final : public MatchSink {
 public:
  void on_match(std::span<const PathEntry>) override {}
  void on_timeout(std::span<const PathEntry>, EventTime) override {}
};

cep::CompiledPattern follow_pattern() {
  const auto never = [](const runtime::RowView&) { return false; };
  cep::PatternSpec spec;
  spec.name = "bench";
  spec.stages.push_back({.name = "a", .where = cep::simple_condition(never)});
  spec.stages.push_back({.name = "b",
                         .contiguity = cep::Contiguity::kFollowedBy,
                         .where = cep::simple_condition(never)});
  return cep::compile(*cep::Pattern::make(spec));
}

void step_with_partial_matches(benchmark::State& state) {
  const cep::CompiledPattern compiled = follow_pattern();
  EventReferences references;
  SharedBuffer buffer(references);
  Matcher matcher(compiled.program, buffer);
  OneAtom conditions(AtomId(1'000'000));  // No such atom: nothing ever holds.
  NoSink sink;
  RunState runs;
  const AtomId start_atom(
      compiled.program.guards[compiled.program.edges_of(compiled.program.start)[0].guard.value()]
          .left);
  OneAtom starts(start_atom);
  Ordinal ordinal = 0;
  for (int i = 0; i < state.range(0); ++i, ++ordinal) {
    (void)matcher.step(runs, {EventRef(ordinal), ordinal, EventTime::from_millis(ordinal)}, starts,
                       sink);
  }
  for (auto _ : state) {
    (void)matcher.step(runs, {EventRef(0), ordinal, EventTime::from_millis(ordinal)}, conditions,
                       sink);
    ++ordinal;
  }
  state.counters["partial_matches"] = static_cast<double>(runs.live_runs());
}
BENCHMARK(step_with_partial_matches)->Arg(0)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace lymer::nfa
