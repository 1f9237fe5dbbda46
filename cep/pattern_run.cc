// One chain, fed and drained by hand.
// Not here: what operators do.
#include "cep/pattern_run.h"

#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace lymer::cep {

PatternRun::PatternRun(Passkey /*key*/, const PatternStream& stream, Clock& clock)
    : clock_(clock),
      events_(stream.event_schema()),
      matches_(stream.match_schema()),
      timeouts_(stream.timeout_schema()) {}

Result<std::unique_ptr<PatternRun>> PatternRun::start(PatternStream stream, Clock& clock) {
  auto run = std::make_unique<PatternRun>(Passkey{}, stream, clock);
  LYMER_ASSIGN_OR_RETURN(auto members, stream.build());
  runtime::Collector& end = *run;
  run->chain_ = std::make_unique<runtime::OperatorChain>(std::move(members), end);
  LYMER_RETURN_IF_ERROR(run->chain_->open(clock));
  return run;
}

bool PatternRun::try_emit(runtime::Port port, runtime::StreamElement& element) {
  const runtime::StreamElement taken = std::exchange(element, runtime::EventBatch());
  const auto* const batch = std::get_if<runtime::EventBatch>(&taken);
  const auto listener = listeners_.find(port);
  if (batch == nullptr || listener == listeners_.end()) return true;
  const auto& [schema, handler] = listener->second;
  if (schema == nullptr) return true;
  for (const runtime::EventHeader& header : batch->headers()) {
    const runtime::RowView row(batch->bytes(header.row), schema->size());
    handler(EventView(header.time, row, *schema));
  }
  return true;
}

// Everything that comes out is taken, so the chain never blocks.
Result<void> PatternRun::push(runtime::StreamElement element) {
  LYMER_ASSIGN_OR_RETURN(const runtime::Progress progress, chain_->push(std::move(element)));
  LYMER_CHECK(progress == runtime::Progress::kDone, "a chain blocked without a refusal");
  return {};
}

Result<void> PatternRun::add(EventTime time, const runtime::RowBuilder& row) {
  LYMER_CHECK(&row.schema() == events_.get(), "a row of another schema than the stream's");
  runtime::EventHeader header;
  header.time = time;
  header.id = {runtime::SplitId(0), next_offset_++};
  runtime::EventBatch batch;
  batch.append(header, row.bytes(), {});
  return push(std::move(batch));
}

Result<void> PatternRun::advance_watermark(EventTime time) {
  return push(runtime::Watermark{time});
}

Result<void> PatternRun::advance_clock() {
  if (chain_->next_timer() > clock_.now()) return {};
  LYMER_RETURN_IF_ERROR(chain_->on_timer(clock_.now()));
  return {};
}

Result<void> PatternRun::finish() {
  LYMER_RETURN_IF_ERROR(push(runtime::Watermark{EventTime::max()}));
  LYMER_RETURN_IF_ERROR(push(runtime::EndOfInput{}));
  return chain_->close();
}

const PatternOperator& PatternRun::pattern() const {
  return static_cast<const PatternOperator&>(chain_->member(1));
}

RuleCounters PatternRun::counters() const { return pattern().counters(RuleIndex(0)); }

std::uint64_t PatternRun::late_events() const { return pattern().late_events(); }

}  // namespace lymer::cep
