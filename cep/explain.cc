// Three renderings of the same walk over states and edges.
// Not here: why the states are as they are (cep/compiler/).
#include "cep/explain.h"

#include <string_view>

#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::cep {
namespace {

using nfa::EdgeAction;
using nfa::GuardKind;
using nfa::StateKind;

std::string_view word(EdgeAction action) {
  switch (action) {
    case EdgeAction::kTake:
      return "take";
    case EdgeAction::kIgnore:
      return "ignore";
    case EdgeAction::kProceed:
      return "proceed";
  }
  return "?";
}

std::string_view word(StateKind kind) {
  switch (kind) {
    case StateKind::kStart:
      return "start";
    case StateKind::kNormal:
      return "normal";
    case StateKind::kFinal:
      return "final";
    case StateKind::kStop:
      return "stop";
    case StateKind::kPending:
      return "pending";
  }
  return "?";
}

std::string after_match_words(const nfa::Program& program) {
  switch (program.after_match.kind) {
    case nfa::SkipKind::kNone:
      return "none";
    case nfa::SkipKind::kToNext:
      return "to next";
    case nfa::SkipKind::kPastLast:
      return "past last";
    case nfa::SkipKind::kToFirst:
      return "to first(" + program.after_match.target_name + ")";
    case nfa::SkipKind::kToLast:
      return "to last(" + program.after_match.target_name + ")";
  }
  return "?";
}

// Writes the condition of an edge; `inner` puts compound operands into parentheses.
std::string guard_text(const nfa::Program& program, std::uint32_t index, bool inner) {
  const nfa::Guard& guard = program.guards[index];
  switch (guard.kind) {
    case GuardKind::kTrue:
      return "true";
    case GuardKind::kAtom: {
      const std::string& atom = program.atoms[guard.left];
      return atom.find(' ') != std::string::npos && inner ? "(" + atom + ")" : atom;
    }
    case GuardKind::kNot:
      return "not " + guard_text(program, guard.left, true);
    case GuardKind::kAnd:
    case GuardKind::kOr: {
      const std::string both = guard_text(program, guard.left, true) +
                               (guard.kind == GuardKind::kAnd ? " and " : " or ") +
                               guard_text(program, guard.right, true);
      return inner ? "(" + both + ")" : both;
    }
    case GuardKind::kGap: {
      const std::string gap = "less than " + to_string(guard.gap()) + " after the last event";
      return inner ? "(" + gap + ")" : gap;
    }
  }
  return "?";
}

std::string guard_text(const nfa::Program& program, const nfa::Edge& edge) {
  return guard_text(program, edge.guard.value(), false);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  runtime::append_json_string(out, name);
  out += ':';
  runtime::append_json_string(out, value);
}

void append_json_state(std::string& out, const nfa::Program& program, std::size_t index) {
  const nfa::State& state = program.states[index];
  append_text(out, "{{\"id\":{},", index);
  append_field(out, "label", state.label);
  out += ',';
  append_field(out, "kind", word(state.kind));
  append_text(out, ",\"accepts_at_deadline\":{},", state.accepts_at_deadline);
  if (state.gap_window > Duration{}) {
    append_text(out, "\"gap_ms\":{},", state.gap_window.to_millis());
  }
  append_text(out, "\"edges\":[");
  const nfa::StateIndex id(static_cast<std::uint16_t>(index));
  for (const nfa::Edge& edge : program.edges_of(id)) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_field(out, "action", word(edge.action));
    append_text(out, ",\"target\":{},", edge.target.value());
    append_field(out, "condition", guard_text(program, edge));
    out += '}';
  }
  out += "]}";
}

}  // namespace

std::string explain_text(const nfa::Program& program) {
  std::string out;
  append_text(out, "window: {}; after a match skip {}\n",
              program.has_window() ? to_string(program.window) : "none",
              after_match_words(program));
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const nfa::State& state = program.states[i];
    append_text(out, "{:>3} {}  [{}]{}{}\n", i, state.label, word(state.kind),
                state.gap_window > Duration{}
                    ? " at most " + to_string(state.gap_window) + " after the last event"
                    : "",
                state.accepts_at_deadline ? " a match if the window ends here" : "");
    for (const nfa::Edge& edge : program.edges_of(nfa::StateIndex(static_cast<std::uint16_t>(i)))) {
      append_text(out, "      {:<7} -> {:>3} {:<12} if {}\n", word(edge.action),
                  edge.target.value(), program.state(edge.target).label, guard_text(program, edge));
    }
  }
  return out;
}

std::string explain_dot(const nfa::Program& program, const std::string& name) {
  std::string out = "digraph ";
  runtime::append_json_string(out, name);
  out +=
      " {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n";
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const nfa::State& state = program.states[i];
    append_text(out, "  s{} [label=", i);
    runtime::append_json_string(out, state.label);
    const bool ends = state.kind == StateKind::kFinal || state.accepts_at_deadline ||
                      state.kind == StateKind::kPending;
    append_text(out, ", shape={}];\n",
                ends ? "doublecircle" : (state.kind == StateKind::kStop ? "octagon" : "circle"));
    for (const nfa::Edge& edge : program.edges_of(nfa::StateIndex(static_cast<std::uint16_t>(i)))) {
      append_text(out, "  s{} -> s{} [style={}, label=", i, edge.target.value(),
                  edge.action == EdgeAction::kTake     ? "solid"
                  : edge.action == EdgeAction::kIgnore ? "dashed"
                                                       : "dotted");
      runtime::append_json_string(out,
                                  std::string(word(edge.action)) + " " + guard_text(program, edge));
      out += "];\n";
    }
  }
  out += "}\n";
  return out;
}

std::string explain_json(const nfa::Program& program) {
  std::string out = "{\"stages\":[";
  for (const std::string& stage : program.stages) {
    if (out.back() != '[') out += ',';
    runtime::append_json_string(out, stage);
  }
  append_text(out, "],\"window_ms\":{},",
              program.has_window() ? std::to_string(program.window.to_millis()) : "null");
  append_field(out, "after_match", after_match_words(program));
  append_text(out, ",\"start\":{},\"states\":[", program.start.value());
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    if (i > 0) out += ',';
    append_json_state(out, program, i);
  }
  out += "]}";
  return out;
}

}  // namespace lymer::cep
