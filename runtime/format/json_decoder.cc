// JSON objects to rows: one pass over each object with simdjson's on-demand parser, led by a small
// trie of the paths that fields want.
//
// What is validated: UTF-8 and the strings' ends everywhere; commas, colons and keys of the objects
// on the way to a wanted value; the wanted values in full; nesting up to 64; nothing but white
// space behind the object. What is not: values nobody wants, beyond balanced brackets (so `{"x":[1
// 2]}` passes if only `y` is wanted), and their numbers, literals and escapes. If a key comes
// twice, the last one counts. A number that is no int64 (5.0, 1e3, 2^63) is no `int`; one that no
// double holds is no `float`.
//
// With `at` the record is a document. The parser keeps about six times the longest record in
// memory, which counts for documents only. Elements are numbered from 0, as JSON paths do. If the
// document breaks off, the rows before that stay and one kMalformed follows.
// Not here: ip, time and duration (runtime/format/scalar_text.h) and computed fields.
#define SIMDJSON_EXCEPTIONS 0  // Its throwing interface must not compile here.
#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/decoder.h"
#include "runtime/format/json_grammar.h"
#include "runtime/format/scalar_text.h"
#include "runtime/source.h"

namespace lymer::runtime {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(kRecordPadding >= simdjson::SIMDJSON_PADDING, "simdjson reads behind a record");

constexpr std::size_t kNestingMax = 64;
// Records above this are few, so the parser's memory follows their exact length.
constexpr std::size_t kDocumentLength = std::size_t{1} << 20U;

template <typename Number>
std::optional<Value> value_of_number(std::string_view token) {
  Number number{};
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return Value::of(number);
}

enum class JsonKind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject, kBroken };

// A scalar as it stands in the input. `text` is the token, or a string's text without escapes.
struct Scalar {
  JsonKind kind = JsonKind::kBroken;
  std::string_view text;
};

// Looks at a value without consuming it, but for strings, whose escapes are undone.
Scalar look_at(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() &&
         (token.back() == ' ' || (token.back() >= '\t' && token.back() <= '\r'))) {
    token.remove_suffix(1);
  }
  if (token.empty()) return {};
  switch (token.front()) {
    case '{':
      return {JsonKind::kObject, "an object"};
    case '[':
      return {JsonKind::kArray, "an array"};
    case '"': {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return {};
      return {JsonKind::kString, text};
    }
    case 'n':
      return {token == "null" ? JsonKind::kNull : JsonKind::kBroken, token};
    case 't':
    case 'f':
      return {token == "true" || token == "false" ? JsonKind::kBool : JsonKind::kBroken, token};
    default:
      return {is_json_number(token) ? JsonKind::kNumber : JsonKind::kBroken, token};
  }
}

// Makes a value of type `kind`; nothing if the scalar is of another type.
std::optional<Value> convert(const Scalar& scalar, TypeKind kind) {
  if (scalar.kind == JsonKind::kBool && kind == TypeKind::kBool) {
    return Value::of(scalar.text == "true");
  }
  if (scalar.kind == JsonKind::kNumber) {
    if (kind == TypeKind::kInt) return value_of_number<std::int64_t>(scalar.text);
    if (kind == TypeKind::kFloat) return value_of_number<double>(scalar.text);
  }
  const bool is_spelt = kind == TypeKind::kString || kind == TypeKind::kIp ||
                        kind == TypeKind::kTime || kind == TypeKind::kDuration;
  if (scalar.kind == JsonKind::kString && is_spelt) return scalar_from_text(scalar.text, kind);
  return std::nullopt;
}

// Prints a scalar for a message.
std::string shown(const Scalar& scalar) {
  if (scalar.kind == JsonKind::kString) return quoted_sample(scalar.text);
  constexpr std::size_t kShownMax = 60;
  return std::string(scalar.text.substr(0, kShownMax));
}

// Gives a key's text; its escapes are undone only if it has any. Nothing for a broken escape.
std::optional<std::string_view> key_of(ondemand::field& field) {
  const char* const start = field.key().raw();
  const char* end = start;
  while (*end != '"' && *end != '\\') ++end;  // The first stage saw a closing quote.
  if (*end == '"') return std::string_view(start, static_cast<std::size_t>(end - start));
  std::string_view key;
  if (field.unescaped_key().get(key) != simdjson::SUCCESS) return std::nullopt;
  return key;
}

// A field that a path leads to, and what the current object has for it.
struct Leaf {
  Slot slot = 0;
  Value value;
  std::vector<std::byte> elements;  // What a list value points into.
};

// One key on the way to wanted values. Node 0 is the top of an event.
struct Node {
  std::string key;
  std::vector<std::size_t> children;
  std::vector<std::size_t> leaves;
};

enum class Outcome : std::uint8_t {
  kDone,
  kRejected,  // This event is refused; the input can still be followed.
  kBroken,    // The input is no JSON; nothing behind this point can be trusted.
};

class JsonDecoder final : public Decoder {
 public:
  JsonDecoder(SchemaRef schema, JsonFormat format, const std::vector<FieldSource>& fields);

  void decode(std::string_view record, DecodeSink& sink) override;

 private:
  std::size_t child_of(std::size_t node, std::string_view key) const;
  void add_path(const FieldSource& field);

  Outcome walk(ondemand::object object, std::size_t node);
  Outcome take(ondemand::value& value, const Node& node);
  Outcome take_list(ondemand::value& value, const Node& node);
  Outcome take_element(const Scalar& element, std::uint32_t index, Leaf& leaf);
  Outcome read_record(std::string_view record, DecodeSink& sink);
  simdjson::error_code reserve(std::size_t length);
  Outcome read_event(ondemand::object object);
  Outcome fill_row();
  Outcome find_events(ondemand::object object, std::size_t level, DecodeSink& sink);
  Outcome read_events(ondemand::array events, DecodeSink& sink);

  Outcome reject(RejectReason reason, std::string detail);
  Outcome broken(simdjson::error_code error);
  const Field& field_of(const Leaf& leaf) const { return row_.schema().fields()[leaf.slot]; }

  RowBuilder row_;
  std::vector<std::string> at_;
  std::vector<Node> nodes_ = {Node{}};
  std::vector<Leaf> leaves_;
  ondemand::parser parser_;
  bool found_events_ = false;
  // Why the last Outcome was not kDone.
  RejectReason reason_ = RejectReason::kMalformed;
  std::string detail_;
};

JsonDecoder::JsonDecoder(SchemaRef schema, JsonFormat format,
                         const std::vector<FieldSource>& fields)
    : row_(std::move(schema)), at_(std::move(format.at)) {
  for (const FieldSource& field : fields) add_path(field);
}

constexpr std::size_t kNoNode = 0;  // No child is the top.

std::size_t JsonDecoder::child_of(std::size_t node, std::string_view key) const {
  for (const std::size_t child : nodes_[node].children) {
    if (nodes_[child].key == key) return child;
  }
  return kNoNode;
}

void JsonDecoder::add_path(const FieldSource& field) {
  std::size_t node = 0;
  for (const std::string& key : field.path) {
    std::size_t child = child_of(node, key);
    if (child == kNoNode) {
      child = nodes_.size();
      nodes_.push_back(Node{key, {}, {}});
      nodes_[node].children.push_back(child);
    }
    node = child;
  }
  nodes_[node].leaves.push_back(leaves_.size());
  leaves_.push_back(Leaf{field.slot, Value::null(), {}});
}

Outcome JsonDecoder::reject(RejectReason reason, std::string detail) {
  reason_ = reason;
  detail_ = std::move(detail);
  return Outcome::kRejected;
}

Outcome JsonDecoder::broken(simdjson::error_code error) {
  (void)reject(RejectReason::kMalformed, text("not JSON: {}", simdjson::error_message(error)));
  return Outcome::kBroken;
}

void JsonDecoder::decode(std::string_view record, DecodeSink& sink) {
  if (is_blank(record)) return sink.on_skip();
  if (nests_deeper_than(record, kNestingMax)) {
    return sink.on_reject(RejectReason::kTooDeep, text("nested deeper than {}", kNestingMax));
  }
  const Outcome outcome = read_record(record, sink);
  if (outcome == Outcome::kDone) {
    if (at_.empty()) sink.on_row(row_);
  } else if (outcome == Outcome::kBroken && !simdjson::validate_utf8(record)) {
    sink.on_reject(RejectReason::kNotUtf8, "not UTF-8");
  } else {
    sink.on_reject(reason_, std::move(detail_));
  }
}

// Reads one event into the row or, with `at`, gives a document's events to the sink.
Outcome JsonDecoder::read_record(std::string_view record, DecodeSink& sink) {
  if (const auto error = reserve(record.size())) return broken(error);
  const simdjson::padded_string_view padded(record.data(), record.size(),
                                            record.size() + kRecordPadding);
  ondemand::document document;
  ondemand::object object;
  auto error = parser_.iterate(padded).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) {
    return reject(RejectReason::kMalformed, "not a JSON object");
  }
  if (error != simdjson::SUCCESS) return broken(error);
  found_events_ = false;
  const Outcome outcome = at_.empty() ? read_event(object) : find_events(object, 0, sink);
  if (outcome != Outcome::kDone) return outcome;
  // At the end of its input the parser has no location any more.
  if (!document.current_location().error()) return broken(simdjson::TRAILING_CONTENT);
  if (at_.empty()) return fill_row();
  if (found_events_) return Outcome::kDone;
  return reject(RejectReason::kMalformed,
                text("the document has no array at `{}`", fmt::join(at_, ".")));
}

// Lets the parser grow in powers of two, as it would by itself grow to each record's exact length.
simdjson::error_code JsonDecoder::reserve(std::size_t length) {
  if (parser_.capacity() >= length) return simdjson::SUCCESS;
  const bool is_document = length > kDocumentLength;
  return parser_.allocate(is_document ? length : std::bit_ceil(length));
}

// Finds the array of events below `object` and reads it; the rest of the document is passed over.
Outcome JsonDecoder::find_events(ondemand::object object, std::size_t level, DecodeSink& sink) {
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return broken(error);
    const auto key = key_of(field);
    if (!key) return broken(simdjson::STRING_ERROR);
    if (found_events_ || *key != at_[level]) continue;
    ondemand::value value = field.value();
    const JsonKind kind = look_at(value).kind;
    Outcome outcome = Outcome::kDone;
    if (level + 1 < at_.size() && kind == JsonKind::kObject) {
      ondemand::object inner;
      if (const auto error = value.get_object().get(inner)) return broken(error);
      outcome = find_events(inner, level + 1, sink);
    } else if (level + 1 == at_.size() && kind == JsonKind::kArray) {
      found_events_ = true;
      ondemand::array events;
      if (const auto error = value.get_array().get(events)) return broken(error);
      outcome = read_events(events, sink);
    }
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

Outcome JsonDecoder::read_events(ondemand::array events, DecodeSink& sink) {
  std::size_t number = 0;
  for (auto result : events) {
    ondemand::value value;
    if (const auto error = std::move(result).get(value)) return broken(error);
    ondemand::object object;
    const auto error = value.get_object().get(object);
    Outcome outcome = Outcome::kDone;
    if (error == simdjson::INCORRECT_TYPE) {
      outcome = reject(RejectReason::kMalformed, "not a JSON object");
    } else if (error != simdjson::SUCCESS) {
      outcome = broken(error);
    } else {
      outcome = read_event(object);
    }
    if (outcome == Outcome::kDone) outcome = fill_row();
    if (outcome == Outcome::kDone) {
      sink.on_row(row_);
    } else {
      detail_ = text("element {}: {}", number, detail_);
      if (outcome == Outcome::kBroken) return outcome;
      sink.on_reject(reason_, std::move(detail_));
    }
    ++number;
  }
  return Outcome::kDone;
}

Outcome JsonDecoder::read_event(ondemand::object object) {
  for (Leaf& leaf : leaves_) leaf.value = Value::null();
  return walk(object, 0);
}

// Recursion is bounded by the longest wanted path.
Outcome JsonDecoder::walk(ondemand::object object, std::size_t node) {
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return broken(error);
    const auto key = key_of(field);
    if (!key) return broken(simdjson::STRING_ERROR);
    const std::size_t child = child_of(node, *key);
    if (child == kNoNode) continue;
    ondemand::value value = field.value();
    if (nodes_[child].leaves.empty()) {
      ondemand::object inner;
      const auto error = value.get_object().get(inner);
      // Anything but an object has no such field: that is missing, not wrong.
      if (error == simdjson::INCORRECT_TYPE) continue;
      if (error) return broken(error);
      if (const Outcome outcome = walk(inner, child); outcome != Outcome::kDone) return outcome;
    } else if (const Outcome outcome = take(value, nodes_[child]); outcome != Outcome::kDone) {
      return outcome;
    }
  }
  return Outcome::kDone;
}

// Gives a value to every field that wants it.
Outcome JsonDecoder::take(ondemand::value& value, const Node& node) {
  const Scalar scalar = look_at(value);
  if (scalar.kind == JsonKind::kBroken) return broken(simdjson::TAPE_ERROR);
  if (scalar.kind == JsonKind::kArray) return take_list(value, node);
  for (const std::size_t each : node.leaves) {
    Leaf& leaf = leaves_[each];
    if (scalar.kind == JsonKind::kNull) {
      leaf.value = Value::null();
      continue;
    }
    const auto converted = convert(scalar, field_of(leaf).type.kind);
    if (!converted) {
      return reject(RejectReason::kWrongType, wrong_type_detail(field_of(leaf), shown(scalar)));
    }
    leaf.value = *converted;
  }
  return Outcome::kDone;
}

Outcome JsonDecoder::take_list(ondemand::value& value, const Node& node) {
  for (const std::size_t each : node.leaves) {
    const Field& field = field_of(leaves_[each]);
    if (field.type.kind != TypeKind::kList) {
      return reject(RejectReason::kWrongType, wrong_type_detail(field, "an array"));
    }
    leaves_[each].elements.clear();
  }
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return broken(error);
  std::uint32_t count = 0;
  for (auto result : array) {
    ondemand::value element;
    if (const auto error = std::move(result).get(element)) return broken(error);
    const Scalar scalar = look_at(element);
    if (scalar.kind == JsonKind::kBroken) return broken(simdjson::TAPE_ERROR);
    for (const std::size_t each : node.leaves) {
      const Outcome outcome = take_element(scalar, count, leaves_[each]);
      if (outcome != Outcome::kDone) return outcome;
    }
    ++count;
  }
  for (const std::size_t each : node.leaves) {
    Leaf& leaf = leaves_[each];
    leaf.value = Value::of(ListView(field_of(leaf).type.element, count, leaf.elements));
  }
  return Outcome::kDone;
}

Outcome JsonDecoder::take_element(const Scalar& element, std::uint32_t index, Leaf& leaf) {
  const Field& field = field_of(leaf);
  if (element.kind == JsonKind::kNull) {
    append_list_element(leaf.elements, Value::null());
    return Outcome::kDone;
  }
  const auto converted = convert(element, field.type.element);
  if (!converted) {
    return reject(RejectReason::kWrongType,
                  wrong_type_detail(field, text("{} at index {}", shown(element), index)));
  }
  append_list_element(leaf.elements, *converted);
  return Outcome::kDone;
}

// Writes the found values in the order of the fields, so that the order of keys in the input leaves
// no trace in the row's bytes.
Outcome JsonDecoder::fill_row() {
  row_.reset();
  for (const Leaf& leaf : leaves_) {
    if (!leaf.value.is_null()) {
      row_.set(leaf.slot, leaf.value);
    } else if (!field_of(leaf).nullable) {
      return reject(RejectReason::kMissingField, missing_detail(field_of(leaf)));
    }
  }
  return Outcome::kDone;
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_json_decoder(SchemaRef schema, JsonFormat format,
                                                   std::vector<FieldSource> fields) {
  for (const FieldSource& field : fields) {
    LYMER_CHECK_LT(field.slot, schema->size());
    const Field& declared = schema->fields()[field.slot];
    if (field.path.empty() || field.path.size() + format.at.size() > kNestingMax) {
      return Error{ErrorCode::kInvalidArgument,
                   text("field `{}` needs a JSON path of 1 to {} keys", declared.name,
                        kNestingMax - format.at.size())};
    }
    const Type type = declared.type;
    const Type scalar = type.kind == TypeKind::kList ? Type{type.element} : type;
    if (!has_text_form(scalar)) {
      return Error{ErrorCode::kInvalidArgument, text("field `{}` cannot be read from JSON as {}",
                                                     declared.name, to_string(type))};
    }
  }
  // Rows are filled in this order (see fill_row).
  std::ranges::stable_sort(fields, {}, &FieldSource::slot);
  return std::unique_ptr<Decoder>(
      std::make_unique<JsonDecoder>(std::move(schema), std::move(format), fields));
}

}  // namespace lymer::runtime
