// Rows into batches, with ids made of the match's.
// Not here: when the batches leave (cep/pattern_operator.cc).
#include "cep/match_context.h"

#include <span>

#include "runtime/base/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/derived_id.h"

namespace lymer::cep {
namespace {

std::uint64_t hash_of(const std::string& id) {
  return hash64(std::as_bytes(std::span(id.data(), id.size())));
}

}  // namespace

void RowCollector::set_match(const Match& match) {
  time_ = match.time;
  match_id_ = match_id(match);
  counts_.clear();
}

// A result is an event of its own; its id must not depend on when or where it was made, nor on what
// is asked for on other ports.
void RowCollector::append(runtime::Port port, runtime::EventBatch& rows,
                          const runtime::RowBuilder& row) {
  runtime::EventHeader header;
  header.time = time_;
  const bool is_main = port == runtime::kMainPort;
  header.id = runtime::derived_id(
      is_main ? hash_of(match_id_) : hash_of(text("{}/{}", match_id_, port.value())),
      counts_[port]++);
  rows.append(header, row.bytes(), {});
}

void RowCollector::collect(const runtime::RowBuilder& row) {
  LYMER_CHECK(&row.schema() == &row_.schema(), "a row of another schema than the function's");
  append(runtime::kMainPort, rows_, row);
}

EventTime MatchContext::processing_time() const {
  LYMER_CHECK(clock_ != nullptr, "the time was asked of an operator that was not opened");
  return clock_->now();
}

void MatchContext::output(const SideOutput& output, const runtime::RowBuilder& row) {
  LYMER_CHECK(&row.schema() == output.schema.get(), "a row of another schema than the output's");
  append(output.port, sides_.batches[output.port], row);
  ++sides_.waiting;
}

}  // namespace lymer::cep
