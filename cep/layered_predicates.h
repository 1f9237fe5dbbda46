// The conditions of rules that came one by one, beside those that were there from the start.
//
// An index of very many conditions takes as long to build as they are many
// (cep/predicate_index.h), which a stream cannot wait for when a rule comes. So what came later has
// a small index of its own, built anew each time; an event is looked up in both. Who owns this
// builds all anew once the small one has grown.
// Not here: when that is (cep/event_plan.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cep/condition.h"
#include "cep/predicate_index.h"
#include "runtime/base/clock.h"
#include "runtime/base/time.h"
#include "runtime/event.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

// As PredicateIndex has them, with the conditions numbered through: those of the start first.
class LayeredPredicates {
 public:
  LayeredPredicates(const std::vector<const Condition*>& conditions, runtime::SchemaId schema_id,
                    const runtime::Schema& schema);

  // These came later, all of them; those that had before are forgotten, and so are places and names
  // of answers.
  void set_later(std::span<const Condition* const> conditions);

  std::size_t look_up(const runtime::RowView& row, std::uint16_t key_mask) {
    const std::size_t place = first_.look_up(row, key_mask);
    if (!later_) return place;
    const std::size_t beside = later_->look_up(row, key_mask);
    return places_ > 0 ? place * later_->places() + beside : kNoPlace;
  }
  [[nodiscard]] std::size_t places() const noexcept { return places_; }
  [[nodiscard]] AnswersIndex test(const runtime::RowView& row, EventTime time,
                                  std::uint16_t key_mask);
  [[nodiscard]] bool needs_event() const {
    return first_.needs_event() || (later_ && later_->needs_event());
  }
  [[nodiscard]] const std::vector<std::uint32_t>& held();

  void set_clock(const Clock& clock);
  [[nodiscard]] std::uint64_t errors(std::size_t condition) const {
    return condition < firsts_ ? first_.errors(condition) : later_->errors(condition - firsts_);
  }

 private:
  static constexpr std::size_t kNoPlace = ~std::size_t{0};

  runtime::SchemaId schema_id_;
  const runtime::Schema& schema_;
  std::size_t firsts_;  // Conditions of the first index.
  PredicateIndex first_;
  std::optional<PredicateIndex> later_;
  std::size_t places_;
  const Clock* clock_ = nullptr;
  boost::unordered_flat_map<std::uint64_t, AnswersIndex> names_;  // By the names of both.
  std::vector<std::uint32_t> held_;
};

}  // namespace lymer::cep
