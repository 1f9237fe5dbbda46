// The events of one partial match, stage by stage, as rows that expressions can read.
//
// The path is read from the shared buffer when something asks for it, once for each (event, run),
// and kept until the path changes. After the context of Flink's IterativeCondition.
// Not here: the expressions (runtime/expression/).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cep/event_store.h"
#include "nfa/event_references.h"
#include "nfa/shared_buffer.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

class MatchHistory final : public runtime::Histories {
 public:
  // All must outlive the history. `schemas` gives the row layouts by SchemaId.
  MatchHistory(const nfa::SharedBuffer& buffer, const EventStore& events,
               const std::vector<runtime::SchemaRef>& schemas)
      : buffer_(buffer), events_(events), schemas_(schemas) {}

  // Looks at another path. Nothing is read yet.
  void set_path(nfa::NodeId path);
  // Looks at these events, first event first.
  void set_events(std::span<const nfa::PathEntry> path);
  // Forgets what was read: nodes may have been freed and used again.
  void invalidate() { read_ = false; }

  // History n is stage n.
  [[nodiscard]] std::size_t count(runtime::HistoryIndex stage) override;
  [[nodiscard]] runtime::RowView row(runtime::HistoryIndex stage, std::size_t index) override;

  // The whole path, first event first.
  [[nodiscard]] const std::vector<nfa::PathEntry>& path();
  [[nodiscard]] runtime::RowView row_of(nfa::EventRef event) const;

 private:
  void read();
  void sort_by_stage();

  const nfa::SharedBuffer& buffer_;
  const EventStore& events_;
  const std::vector<runtime::SchemaRef>& schemas_;
  nfa::NodeId node_ = nfa::kNoNode;
  bool read_ = false;
  std::vector<nfa::PathEntry> path_;
  std::vector<std::vector<nfa::EventRef>> by_stage_;
};

}  // namespace lymer::cep
