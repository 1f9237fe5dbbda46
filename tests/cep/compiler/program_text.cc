// Rendering only; numbers of states are left out, as labels are unique.
// Not here: expectations.
#include "tests/cep/compiler/program_text.h"

#include <string_view>
#include <utility>

#include "cep/compiler/compiler.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

constexpr std::string_view kLetterCondition = "letter is ";

std::string guard_text(const nfa::Program& program, std::uint32_t index, bool inner = false) {
  const nfa::Guard& guard = program.guards[index];
  switch (guard.kind) {
    case nfa::GuardKind::kTrue:
      return "true";
    case nfa::GuardKind::kAtom: {
      std::string_view atom = program.atoms[guard.left];
      if (atom.starts_with(kLetterCondition)) atom.remove_prefix(kLetterCondition.size());
      return std::string(atom);
    }
    case nfa::GuardKind::kNot:
      return "!" + guard_text(program, guard.left, true);
    case nfa::GuardKind::kGap:
      return text("<{}ms", guard.gap().to_millis());
    case nfa::GuardKind::kAnd:
    case nfa::GuardKind::kOr:
      break;
  }
  const std::string both =
      text("{} {} {}", guard_text(program, guard.left, true),
           guard.kind == nfa::GuardKind::kAnd ? "&" : "|", guard_text(program, guard.right, true));
  return inner ? "(" + both + ")" : both;
}

std::string_view word(nfa::EdgeAction action) {
  if (action == nfa::EdgeAction::kTake) return "take";
  return action == nfa::EdgeAction::kIgnore ? "ignore" : "proceed";
}

}  // namespace

std::vector<std::string> lines_of(const nfa::Program& program) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    std::string line = program.states[i].label + ":";
    for (const nfa::Edge& edge : program.edges_of(nfa::StateIndex(static_cast<std::uint16_t>(i)))) {
      append_text(line, "{}{} {} -> {}", line.back() == ':' ? " " : ", ", word(edge.action),
                  guard_text(program, edge.guard.value()), program.state(edge.target).label);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> lines_of(PatternSpec spec) {
  return lines_of(compile(Pattern::make(std::move(spec)).value()).program);
}

std::vector<std::string> lines_of(std::vector<Stage> stages, Dialect dialect) {
  return lines_of(PatternSpec{.stages = std::move(stages), .dialect = dialect});
}

Stage times(Stage stage, std::uint32_t minimum, std::optional<std::uint32_t> maximum, Inner inner,
            bool greedy) {
  stage.quantifier.minimum = minimum;
  stage.quantifier.maximum = maximum;
  stage.quantifier.inner = inner;
  stage.quantifier.greedy = greedy;
  return stage;
}

Stage until(Stage stage, std::string_view letter) {
  stage.until = is_letter(letter);
  return stage;
}

}  // namespace lymer::cep
