// The events of one partial match, stage by stage, as rows that expressions can read.
//
// The path is read from the shared buffer when something asks for its events, once for each (event,
// run), and kept until the path changes. Aggregates need no path: they are kept up with the nodes
// (cep/path_aggregates.h). After the context of Flink's IterativeCondition.
// Not here: the expressions (runtime/expression/).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "cep/event_store.h"
#include "cep/event_view.h"
#include "cep/path_aggregates.h"
#include "nfa/event_references.h"
#include "nfa/shared_buffer.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

class MatchHistory final : public runtime::Histories {
 public:
  // All must outlive the history. `schemas` gives the row layouts by SchemaId.
  MatchHistory(nfa::SharedBuffer& buffer, const EventStore& events,
               const std::vector<runtime::SchemaRef>& schemas)
      : buffer_(buffer), events_(events), schemas_(schemas), aggregates_(buffer, events, schemas) {}

  // Looks at another path. Nothing is read yet. `numbers` are those of the rule that asks, if its
  // aggregates are to be kept; they must stay until another path is looked at.
  void set_path(nfa::NodeId path, AggregateNumbers* numbers = nullptr);
  // Looks at these events, first event first.
  void set_events(std::span<const nfa::PathEntry> path);
  // Forgets what was read: nodes may have been freed and used again.
  void invalidate() { read_ = false; }

  // History n is stage n.
  [[nodiscard]] std::size_t count(runtime::HistoryIndex stage) override;
  [[nodiscard]] runtime::RowView row(runtime::HistoryIndex stage, std::size_t index) override;
  [[nodiscard]] std::optional<runtime::Value> kept(const runtime::Expression& aggregate,
                                                   runtime::EvaluationContext& context) override;
  // Yields the value of an aggregate given for each schema, which is kept under the rule's numbers.
  // Requires set_path() before.
  [[nodiscard]] runtime::Value aggregate(PathAggregates::Forms forms, AggregateNumbers& numbers,
                                         runtime::EvaluationContext& context);

  // The whole path, first event first.
  [[nodiscard]] const std::vector<nfa::PathEntry>& path();
  [[nodiscard]] runtime::RowView row_of(nfa::EventRef event) const {
    return cep::row_of(events_.get(event), schemas_);
  }
  // Lists the stage's events, earliest first; they live as long as the path.
  [[nodiscard]] std::vector<EventView> events(runtime::HistoryIndex stage);
  [[nodiscard]] EventView view_of(nfa::EventRef event) const {
    const StoredEvent& stored = events_.get(event);
    return {stored.time, cep::row_of(stored, schemas_), *schemas_[stored.schema.value()]};
  }
  [[nodiscard]] const std::vector<runtime::SchemaRef>& schemas() const { return schemas_; }
  [[nodiscard]] const PathAggregates& aggregates() const noexcept { return aggregates_; }

 private:
  void read();
  void sort_by_stage();

  nfa::SharedBuffer& buffer_;
  const EventStore& events_;
  const std::vector<runtime::SchemaRef>& schemas_;
  PathAggregates aggregates_;
  AggregateNumbers* numbers_ = nullptr;
  nfa::NodeId node_ = nfa::kNoNode;
  bool read_ = false;
  std::vector<nfa::PathEntry> path_;
  std::vector<std::vector<nfa::EventRef>> by_stage_;
};

}  // namespace lymer::cep
