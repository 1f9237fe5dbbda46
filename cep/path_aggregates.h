// What the events of partial matches have come to: count, sum, first, last ... of a stage, kept
// with the nodes of the shared buffer.
//
//   value(node) = value(node before it) + the node's event
//
// So an aggregate in a condition costs one step for each event taken, whatever the length of the
// partial match, and partial matches that share events share the steps. What is kept goes with its
// node, and after a restore it is made again where it is asked for.
// Not here: the steps themselves (runtime/expression/aggregate.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "cep/event_store.h"
#include "nfa/shared_buffer.h"
#include "runtime/expression/aggregate.h"
#include "runtime/expression/expression.h"
#include "runtime/schema.h"

namespace lymer::cep {

// The aggregates in the conditions of one rule, numbered in the order in which they are first asked
// for. Aggregates are known by their address, so they must outlive this.
class AggregateNumbers {
 public:
  // Gives none for an aggregate whose argument reads histories itself: what it made of an event
  // changes with those that follow.
  [[nodiscard]] std::optional<std::uint32_t> number_of(const runtime::Expression& aggregate);

 private:
  static constexpr std::uint32_t kNotKept = 0xffffffffU;
  boost::unordered_flat_map<const runtime::Expression*, std::uint32_t> numbers_;
  std::uint32_t next_ = 0;
};

// For all rules of an operator; a node belongs to one rule, whose numbers it is asked with.
class PathAggregates {
 public:
  // All must outlive this. `schemas` gives the row layouts by SchemaId.
  PathAggregates(nfa::SharedBuffer& buffer, const EventStore& events,
                 const std::vector<runtime::SchemaRef>& schemas)
      : buffer_(buffer), events_(events), schemas_(schemas) {}

  // One form for all events, or one for each schema by SchemaId: an aggregate may be written
  // differently for the events of each stream, but for its kind and its history.
  using Forms = std::span<const runtime::Expression>;

  // Yields what the aggregate, of this number in its rule, comes to over the events up to `path`,
  // which is a node. Strings in it live as long as the event that they are of.
  [[nodiscard]] runtime::Value value(nfa::NodeId path, Forms forms, std::uint32_t number,
                                     runtime::EvaluationContext& context);

  // Counts the nodes looked at to bring aggregates up to date; for tests of cost.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  // Counts the nodes with something kept.
  [[nodiscard]] std::size_t kept_nodes() const;

 private:
  struct Kept {
    bool known = false;
    runtime::Accumulator accumulator;
  };
  using KeptOfNode = boost::container::small_vector<Kept, 1>;  // By number.

  [[nodiscard]] runtime::Accumulator up_to(nfa::NodeId path, Forms forms, std::uint32_t number,
                                           runtime::EvaluationContext& context);
  [[nodiscard]] const runtime::Accumulator* find(nfa::NodeId node, std::uint32_t number) const;
  void keep(nfa::NodeId node, std::uint32_t number, const runtime::Accumulator& accumulator);
  [[nodiscard]] std::uint32_t take_note();
  void reclaim_notes();
  [[nodiscard]] runtime::Value argument_on(Forms forms, nfa::EventRef event,
                                           runtime::EvaluationContext& context) const;
  [[nodiscard]] runtime::Value chosen_of(Forms forms, const runtime::Accumulator& accumulator,
                                         runtime::EvaluationContext& context) const;

  nfa::SharedBuffer& buffer_;
  const EventStore& events_;
  const std::vector<runtime::SchemaRef>& schemas_;
  std::vector<KeptOfNode> kept_ = std::vector<KeptOfNode>(1);  // By note; note 0 is none.
  std::vector<std::uint32_t> free_notes_;
  std::vector<nfa::NodeId> behind_;  // Scratch: nodes not brought up to date yet.
  std::uint64_t steps_ = 0;
};

}  // namespace lymer::cep
