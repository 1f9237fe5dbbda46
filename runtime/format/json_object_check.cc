// simdjson's parser of whole documents, whose memory is used again and again.
// Not here: on-demand parsing (runtime/format/json_decoder.cc).
#define SIMDJSON_EXCEPTIONS 0  // Its throwing interface must not compile here.
#include "runtime/format/json_object_check.h"

#include <simdjson.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/source.h"

namespace lymer::runtime {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING, "simdjson reads behind a record");

struct JsonObjectCheck::Parser {
  simdjson::dom::parser simd;
  std::size_t deepest = 0;
};

namespace {

constexpr std::size_t kFirstCapacity = 4096;

}  // namespace

JsonObjectCheck::JsonObjectCheck(std::size_t deepest) : parser_(std::make_unique<Parser>()) {
  parser_->deepest = deepest;
  // The parser counts the value itself as a level too.
  const auto failed = parser_->simd.allocate(kFirstCapacity, deepest + 1);
  LYMER_CHECK(failed == simdjson::SUCCESS, "a parser has memory");
}

JsonObjectCheck::~JsonObjectCheck() = default;

std::optional<std::string> JsonObjectCheck::operator()(std::string_view text_to_check) {
  simdjson::dom::element element;
  const auto failed =
      parser_->simd.parse(text_to_check.data(), text_to_check.size(), false).get(element);
  if (failed == simdjson::DEPTH_ERROR) {
    return text("it is nested deeper than {}", parser_->deepest);
  }
  if (failed != simdjson::SUCCESS) {
    return text("it is not JSON: {}", simdjson::error_message(failed));
  }
  if (!element.is_object()) return "it is no object";
  return std::nullopt;
}

}  // namespace lymer::runtime
