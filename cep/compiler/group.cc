// Groups: the chain of members compiled once for each repetition (cep-semantics 2.10 and 10.4).
//
//   ... --take--> hub --proceed--> head of the loop's chain --proceed--> sink
//                  ^------------- last member --take---'
//
// The chain of a loop ends in a hub, whose way on is the head of the same chain; the head is also
// the way out. The mandatory iterations before it are copies that end in that head.
// Not here: how often a group is repeated (repetition.cc).
#include "cep/compiler/construction.h"

namespace lymer::cep {

GraphState Construction::group_once(GraphState sink, std::optional<GraphState> skip_to) {
  const nfa::GuardId always = proceed_guard();
  const GraphState head = chain_before(sink, stage().group, &stage());
  if (skip_to) graph_.proceed(head, *skip_to, always);
  return head;
}

GraphState Construction::group_loop(GraphState sink) {
  const nfa::GuardId always = proceed_guard();
  const GraphState hub = add_main_state(nfa::StateKind::kNormal);
  const GraphState head = chain_before(hub, stage().group, &stage());
  graph_.proceed(head, sink, always);
  graph_.proceed(hub, head, always);
  return head;
}

void Construction::set_first_iteration(bool first) {
  if (stage().is_group()) first_iteration_[&stage()] = first;
}

// Of the group whose chain is being compiled.
bool Construction::is_first_iteration() const {
  const auto known = first_iteration_.find(place_.group);
  return known == first_iteration_.end() || known->second;
}

bool Construction::heads_group() const { return place_.group != nullptr && place_.index == 0; }

bool Construction::heads_optional_group() const {
  return heads_group() && place_.group->quantifier.optional && is_first_iteration();
}

}  // namespace lymer::cep
