// The recipe, and the product's own decoder.
// Not here: what jobs make of the rows (tests/bench/stream_jobs.cc).
#include "tests/bench/json_events.h"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/decoder.h"
#include "runtime/source.h"

namespace lymer::bench {
namespace {

using runtime::Type;
using runtime::TypeKind;

constexpr std::uint64_t kFirstMillis = 1'700'000'000'000;
constexpr std::size_t kBatchEvents = 1024;
constexpr std::uint64_t kKinds = 10;
constexpr std::uint64_t kAmounts = 1000;
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

// A step of splitmix64 (Steele, Lea and Flood, 2014).
std::uint64_t draw(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed + (number + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

class Keep final : public runtime::DecodeSink {
 public:
  explicit Keep(std::vector<runtime::EventBatch>& batches) : batches_(batches) {}
  void on_row(runtime::RowBuilder& row) override {
    runtime::EventHeader header;
    header.time = EventTime::from_millis(static_cast<std::int64_t>(row.view().fixed(kAt)));
    if (batches_.empty() || batches_.back().size() == kBatchEvents) batches_.emplace_back();
    batches_.back().append(header, row.bytes(), {});
  }
  void on_skip() override {}
  void on_reject(runtime::RejectReason reason, std::string detail) override {
    LYMER_CHECK(false, text("an event was refused: {} {}", to_string(reason), detail));
  }

 private:
  std::vector<runtime::EventBatch>& batches_;
};

}  // namespace

const runtime::SchemaRef& json_schema() {
  constexpr Type kInt{TypeKind::kInt};
  static const runtime::SchemaRef schema = std::make_shared<const runtime::Schema>(
      "events", std::vector<runtime::Field>{{"at", kInt},
                                            {"id", kInt},
                                            {"key", kInt},
                                            {"kind", kInt},
                                            {"amount", kInt},
                                            {"text", Type{TypeKind::kString}}});
  return schema;
}

std::string json_event(const JsonShape& shape, std::uint64_t number) {
  const std::uint64_t drawn = draw(shape.seed, number);
  const std::uint64_t kind = (drawn >> 40U) % kKinds;
  std::string json = text(R"({{"at":{},"id":{},"key":{},"kind":{},"amount":{},"text":")",
                          kFirstMillis + number * 1000 / shape.per_second, number,
                          (drawn & 0xffffffffU) % shape.keys, kind, (drawn >> 44U) % kAmounts);
  json += kLetters.substr(kind, kJsonBytes - json.size() - 2);
  json += R"("})";
  return json;
}

runtime::MakeBatch decoded_events(const JsonShape& shape, std::uint64_t count) {
  std::vector<runtime::FieldSource> fields;
  for (runtime::Slot slot = 0; slot < json_schema()->size(); ++slot) {
    fields.push_back({slot, {json_schema()->fields()[slot].name}});
  }
  const auto decoder = runtime::make_json_decoder(json_schema(), {}, std::move(fields)).value();
  const auto batches = std::make_shared<std::vector<runtime::EventBatch>>();
  Keep keep(*batches);
  for (std::uint64_t number = 0; number < count; ++number) {
    std::string record = json_event(shape, number);
    record.resize(kJsonBytes + runtime::kRecordPadding);
    decoder->decode(std::string_view(record).substr(0, kJsonBytes), keep);
  }
  return [batches](std::uint64_t number, runtime::EventBatch& batch) {
    if (number >= batches->size()) return false;
    batch = std::move((*batches)[number]);
    return true;
  };
}

}  // namespace lymer::bench
