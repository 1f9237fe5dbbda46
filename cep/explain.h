// A compiled pattern as people read it: text, Graphviz DOT, JSON.
//
// Shows every state with its edges in the order in which they are tried, and the condition on each.
#pragma once

#include <string>

#include "nfa/program.h"

namespace lymer::cep {

[[nodiscard]] std::string explain_text(const nfa::Program& program);
[[nodiscard]] std::string explain_dot(const nfa::Program& program, const std::string& name);
// One object: {"stages","window_ms","after_match","states":[{"id","label","kind","edges":[...]}]}.
[[nodiscard]] std::string explain_json(const nfa::Program& program);

}  // namespace lymer::cep
