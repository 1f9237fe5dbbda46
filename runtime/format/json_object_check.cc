// simdjson's parser of whole documents, whose memory is used again and again.
// Not here: on-demand parsing (runtime/format/json_decoder.cc).
#define SIMDJSON_EXCEPTIONS 0  // Its throwing interface must not compile here.
#include "runtime/format/json_object_check.h"

#include <simdjson.h>

#include "runtime/base/text.h"
#include "runtime/format/json_grammar.h"
#include "runtime/source.h"

namespace lymer::runtime {

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING, "simdjson reads behind a record");

struct JsonObjectCheck::Parser {
  simdjson::dom::parser simd;
};

JsonObjectCheck::JsonObjectCheck(std::size_t deepest)
    : deepest_(deepest), parser_(std::make_unique<Parser>()) {}

JsonObjectCheck::~JsonObjectCheck() = default;

std::optional<std::string> JsonObjectCheck::operator()(std::string_view text_to_check) {
  if (nests_deeper_than(text_to_check, deepest_)) {
    return text("it is nested deeper than {}", deepest_);
  }
  simdjson::dom::element element;
  const auto failed =
      parser_->simd.parse(text_to_check.data(), text_to_check.size(), false).get(element);
  if (failed != simdjson::SUCCESS) {
    return text("it is not JSON: {}", simdjson::error_message(failed));
  }
  if (!element.is_object()) return "it is no object";
  return std::nullopt;
}

}  // namespace lymer::runtime
