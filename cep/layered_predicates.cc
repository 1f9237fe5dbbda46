// Two indexes as one: places multiply, names of answers pair up.
// Not here: either of them (cep/predicate_index.cc).
#include "cep/layered_predicates.h"

namespace lymer::cep {
namespace {

// What is kept for events to come, of each kind.
constexpr std::size_t kMostPlaces = std::size_t{1} << 16U;
constexpr std::size_t kMostNames = std::size_t{1} << 16U;

}  // namespace

LayeredPredicates::LayeredPredicates(const std::vector<const Condition*>& conditions,
                                     runtime::SchemaId schema_id, const runtime::Schema& schema)
    : schema_id_(schema_id),
      schema_(schema),
      firsts_(conditions.size()),
      first_(conditions, schema_id, schema),
      places_(first_.places()) {}

void LayeredPredicates::set_later(std::span<const Condition* const> conditions) {
  names_.clear();
  later_.reset();
  places_ = first_.places();
  if (conditions.empty()) return;
  later_.emplace(std::vector<const Condition*>(conditions.begin(), conditions.end()), schema_id_,
                 schema_);
  if (clock_ != nullptr) later_->set_clock(*clock_);
  const std::size_t product = places_ * later_->places();
  places_ = product <= kMostPlaces ? product : 0;
}

void LayeredPredicates::set_clock(const Clock& clock) {
  clock_ = &clock;
  first_.set_clock(clock);
  if (later_) later_->set_clock(clock);
}

AnswersIndex LayeredPredicates::test(const runtime::RowView& row, EventTime time,
                                     std::uint16_t key_mask) {
  const AnswersIndex first = first_.test(row, time, key_mask);
  if (!later_) return first;
  const AnswersIndex later = later_->test(row, time, key_mask);
  if (first == kUnnamedAnswers || later == kUnnamedAnswers) return kUnnamedAnswers;
  const std::uint64_t both = (std::uint64_t{first.value()} << 32U) | later.value();
  const auto known = names_.find(both);
  if (known != names_.end()) return known->second;
  if (names_.size() >= kMostNames) return kUnnamedAnswers;
  const AnswersIndex name(static_cast<std::uint32_t>(names_.size()));
  names_.emplace(both, name);
  return name;
}

const std::vector<std::uint32_t>& LayeredPredicates::held() {
  if (!later_) return first_.held();
  held_ = first_.held();
  for (const std::uint32_t condition : later_->held()) {
    held_.push_back(condition + static_cast<std::uint32_t>(firsts_));
  }
  return held_;
}

}  // namespace lymer::cep
