// The events that a partial match has taken, by the names of stages and fields: what conditions
// written in C++ ask for (cep/condition_context.h).
//
// Names are looked up when they are asked for, and what an aggregate needs is made once for each
// (aggregate, stage, field). A stage may take events of several streams; a field is that of each
// event's own stream.
// Not here: conditions out of rule text, whose names are resolved when rules are read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/event_view.h"
#include "cep/match_history.h"
#include "cep/path_aggregates.h"
#include "runtime/expression/expression.h"
#include "runtime/value.h"

namespace lymer::cep {

// Of one rule. Looks at the path at which the history looks.
class StageEvents {
 public:
  // `stages` are the names by index. `history` and `numbers`, the rule's, must outlive this.
  StageEvents(std::vector<std::string> stages, MatchHistory& history, AggregateNumbers& numbers)
      : stages_(std::move(stages)), history_(history), numbers_(numbers) {}

  [[nodiscard]] std::vector<EventView> events(std::string_view stage);
  // Requires kFirst ... kMax. Errors are counted in the context.
  [[nodiscard]] runtime::Value aggregate(runtime::Op op, std::string_view stage,
                                         std::string_view field,
                                         runtime::EvaluationContext& context);

 private:
  struct Named {
    runtime::Op op;
    runtime::HistoryIndex stage;
    std::string field;
    std::vector<runtime::Expression> by_schema;
  };
  [[nodiscard]] std::optional<runtime::HistoryIndex> index_of(std::string_view stage) const;
  [[nodiscard]] const Named& named(runtime::Op op, runtime::HistoryIndex stage,
                                   std::string_view field);
  [[nodiscard]] runtime::Expression make(runtime::Op op, runtime::HistoryIndex stage,
                                         const runtime::Schema& schema,
                                         std::string_view field) const;

  std::vector<std::string> stages_;
  MatchHistory& history_;
  AggregateNumbers& numbers_;
  std::vector<std::unique_ptr<const Named>> named_;  // They must not move: see AggregateNumbers.
};

}  // namespace lymer::cep
