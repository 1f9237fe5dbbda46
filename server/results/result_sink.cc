// A transaction says where its results are: sink, start, epoch, number of batches.
// Not here: how they become visible (server/results/result_changes.cc).
#include "server/results/result_sink.h"

#include <utility>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"

namespace lymer::results {
namespace {

constexpr std::uint8_t kVersion = 1;

struct Place {
  std::string sink;
  std::uint64_t start = 0;
  std::uint64_t epoch = 0;
  std::uint32_t batches = 0;
};

Result<Place> read_place(const runtime::Transaction& transaction) {
  ByteReader reader(transaction);
  const std::uint8_t version = reader.u8();
  Place place;
  place.sink = reader.string();
  place.start = reader.u64();
  place.epoch = reader.u64();
  place.batches = reader.u32();
  LYMER_RETURN_IF_ERROR(reader.status("a transaction of results"));
  if (version == kVersion) return place;
  return Error{ErrorCode::kUnsupported, text("a transaction of results of format {}", version)};
}

}  // namespace

ResultSink::ResultSink(ResultStore& store, ResultSinkOptions options, Convert convert)
    : store_(store), options_(std::move(options)), convert_(std::move(convert)) {}

Result<void> ResultSink::recover(const std::vector<runtime::Transaction>& held,
                                 runtime::Epoch next) {
  (void)next;
  ResultStore::Held places;
  for (const runtime::Transaction& each : held) {
    LYMER_ASSIGN_OR_RETURN(const Place place, read_place(each));
    if (place.sink == options_.name) places.emplace_back(place.start, place.epoch);
  }
  is_clean_ = true;
  return store_.drop_uncommitted(options_.name, places);
}

Result<void> ResultSink::begin(runtime::Epoch epoch) {
  if (!is_clean_) LYMER_RETURN_IF_ERROR(recover({}, epoch));
  epoch_ = epoch;
  results_.clear();
  bytes_ = 0;
  batches_ = 0;
  return {};
}

Result<void> ResultSink::write(const runtime::EventBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    results_.push_back(convert_(batch, i));
    bytes_ += results_.back().body.size() + results_.back().key.size() + sizeof(StoredResult);
    if (bytes_ >= options_.batch_bytes) LYMER_RETURN_IF_ERROR(write_batch());
  }
  return {};
}

Result<void> ResultSink::write_batch() {
  if (results_.empty()) return {};
  LYMER_RETURN_IF_ERROR(
      store_.put_uncommitted(options_.name, options_.start, epoch_.value(), batches_, results_));
  ++batches_;
  results_.clear();
  bytes_ = 0;
  return {};
}

Result<runtime::Transaction> ResultSink::pre_commit(runtime::Epoch epoch) {
  LYMER_RETURN_IF_ERROR(write_batch());
  ByteWriter writer;
  writer.put_u8(kVersion);
  writer.put_string(options_.name);
  writer.put_u64(options_.start);
  writer.put_u64(epoch.value());
  writer.put_u32(batches_);
  return std::move(writer).take();
}

Result<void> ResultSink::commit(const runtime::Transaction& transaction) {
  LYMER_ASSIGN_OR_RETURN(const Place place, read_place(transaction));
  return store_.commit(place.sink, place.start, place.epoch, place.batches);
}

Result<void> ResultSink::abort(runtime::Epoch epoch) {
  (void)epoch;
  results_.clear();
  return {};
}

}  // namespace lymer::results
