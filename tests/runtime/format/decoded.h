// What a decoder said about records, as text that tests can compare.
//
// A row is its JSON, a skip is "skip", a rejection is "reason: detail". Each record is copied to
// memory of exactly its size and padding, so that AddressSanitizer sees any byte read beyond; the
// padding is filled with closing brackets and quotes, which a parser must not take for input.
// Not here: the decoders' own tests.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/format/decoder.h"
#include "runtime/format/json_writer.h"
#include "runtime/source.h"

namespace lymer::runtime {

class RecordingSink final : public DecodeSink {
 public:
  void on_row(RowBuilder& row) override {
    std::string json;
    append_json_row(json, row.view(), row.schema());
    said_.push_back(std::move(json));
  }
  void on_skip() override { said_.emplace_back("skip"); }
  void on_reject(RejectReason reason, std::string detail) override {
    said_.push_back(std::string(to_string(reason)) + ": " + detail);
  }
  [[nodiscard]] const std::vector<std::string>& said() const noexcept { return said_; }

 private:
  std::vector<std::string> said_;
};

// Decodes one record and gives all that came of it.
[[nodiscard]] inline std::vector<std::string> decoded_all(Decoder& decoder,
                                                          std::string_view record) {
  constexpr std::string_view kHostile = "}]\",";
  std::vector<char> padded(record.begin(), record.end());
  for (std::size_t i = 0; i < kRecordPadding; ++i) padded.push_back(kHostile[i % 4]);
  RecordingSink sink;
  decoder.decode(std::string_view(padded.data(), record.size()), sink);
  return sink.said();
}

// As decoded_all(), joined with " | ".
[[nodiscard]] inline std::string decoded(Decoder& decoder, std::string_view record) {
  std::string joined;
  for (const std::string& each : decoded_all(decoder, record)) {
    if (!joined.empty()) joined += " | ";
    joined += each;
  }
  return joined;
}

// A source for each field, each with a path of one key: the field's name.
[[nodiscard]] inline std::vector<FieldSource> sources_by_name(const Schema& schema) {
  std::vector<FieldSource> sources;
  for (Slot slot = 0; slot < schema.size(); ++slot) {
    sources.push_back({slot, {schema.fields()[slot].name}});
  }
  return sources;
}

}  // namespace lymer::runtime
