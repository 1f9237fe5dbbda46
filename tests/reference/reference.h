// The obviously right matcher: every run carries a copy of the events it took.
//
// No shared buffer, no heap, no early way out: runs are walked one by one, and finished ones are
// sorted by the documented order. It knows patterns only as programs, so it says nothing about the
// compiler, which is checked against Flink's answers (tests/conformance).
// After the rules of Flink's NFA (cep-semantics 3); ties are decided canonically.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "nfa/program.h"
#include "nfa/shared_buffer.h"
#include "runtime/base/time.h"

namespace lymer::reference {

using Path = std::vector<nfa::PathEntry>;

struct Event {
  char letter = 0;
  nfa::Ordinal ordinal = 0;
  EventTime time;
};

// Tells whether an atom holds for the event on a run that took `path`.
using Holds = std::function<bool(nfa::AtomId atom, const Event& event, const Path& path)>;

// A match, or a partial match whose window ended.
struct Finding {
  std::size_t step = 0;  // How many events had come.
  Path path;
  std::optional<EventTime> deadline;
};

class Reference {
 public:
  // The program must outlive the matcher.
  Reference(const nfa::Program& program, Holds holds);

  // Ends the windows that end at or before `now`, then finishes.
  void advance(EventTime now);
  void step(const Event& event);

  [[nodiscard]] const std::vector<Finding>& matches() const { return matches_; }
  [[nodiscard]] const std::vector<Finding>& timeouts() const { return timeouts_; }

 private:
  struct Run {
    nfa::StateIndex state;
    Path path;
    EventTime start;
    EventTime last;
  };

  [[nodiscard]] bool holds(nfa::GuardId guard, const Run& run, const Event& event) const;
  void outcomes(const Run& run, nfa::StateIndex at, const Event& event,
                std::vector<Run>& made) const;
  [[nodiscard]] bool reaches_final(const Run& run, nfa::StateIndex from, const Event& event) const;
  [[nodiscard]] std::optional<EventTime> deadline(const Run& run, EventTime now) const;
  void emit();
  void skip_after(const Path& match);

  const nfa::Program& program_;
  Holds holds_;
  std::vector<Run> runs_;       // Without the run that waits for a first event.
  std::vector<Path> finished_;  // Not yet let go.
  std::size_t steps_ = 0;
  std::vector<Finding> matches_;
  std::vector<Finding> timeouts_;
};

}  // namespace lymer::reference
