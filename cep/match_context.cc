// Rows into batches, with ids made of the match's.
// Not here: when the batches leave (cep/pattern_operator.cc).
#include "cep/match_context.h"

#include <span>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::cep {
namespace {

std::uint64_t hash_of(const std::string& id) {
  return hash64(std::as_bytes(std::span(id.data(), id.size())));
}

}  // namespace

void RowCollector::set_match(const Match& match) {
  time_ = match.time;
  match_id_ = match_id(match);
  count_ = 0;
}

// A result is an event of its own; its id must not depend on when or where it was made.
void RowCollector::append(runtime::EventBatch& rows, const runtime::RowBuilder& row) {
  runtime::EventHeader header;
  header.time = time_;
  header.id = {runtime::SplitId(0),
               count_ == 0 ? hash_of(match_id_) : hash_of(text("{}/{}", match_id_, count_))};
  ++count_;
  rows.append(header, row.bytes(), {});
}

void RowCollector::collect(const runtime::RowBuilder& row) {
  LYMER_CHECK(&row.schema() == &row_.schema(), "a row of another schema than the function's");
  append(rows_, row);
}

EventTime MatchContext::processing_time() const {
  LYMER_CHECK(clock_ != nullptr, "the time was asked of an operator that was not opened");
  return clock_->now();
}

void MatchContext::output(const SideOutput& output, const runtime::RowBuilder& row) {
  LYMER_CHECK(&row.schema() == output.schema.get(), "a row of another schema than the output's");
  append(sides_.batches[output.port], row);
  ++sides_.waiting;
}

}  // namespace lymer::cep
