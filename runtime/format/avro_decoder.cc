// A tree of steps along the wanted paths, made once; what no step wants is passed over by the
// schema alone. Values stand in no order of the fields, so they are kept until the record has been
// read whole, and a record that breaks off gives no row.
//
// Of a decimal the nearest double is given, to one unit in its last place. Wanted strings are
// checked to be UTF-8, others are not looked at.
// Not here: the text of ip, time and duration (runtime/format/scalar_text.h).
#include "runtime/format/avro_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/avro_value.h"
#include "runtime/format/scalar_text.h"

namespace lymer::runtime {
namespace {

constexpr std::size_t kNoStep = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kFrameSize = 5;

// A node of the schema on the way to wanted values.
struct Step {
  std::size_t node = 0;
  std::vector<std::size_t> children = {};  // Steps: of record fields and branches; kNoStep: skip.
  std::vector<std::pair<std::string, std::size_t>> keys = {};  // map: steps of wanted keys.
  std::vector<std::size_t> leaves = {};
};

struct Leaf {
  Slot slot = 0;
  Value value = {};
  std::vector<std::byte> elements = {};  // What a list value points into.
};

// A field, and the leaf that it fills.
struct Want {
  const FieldSource* source = nullptr;
  std::size_t leaf = 0;
};

// Says why a field cannot be read from below `node`, or nothing.
std::string misfit(const AvroSchema& schema, std::size_t index, const FieldSource& source,
                   std::size_t depth, Type type) {
  const AvroNode& node = schema.nodes[index];
  const bool is_leaf = depth == source.path.size();
  if (node.kind == AvroKind::kUnion) {
    std::string found = "a union of null";
    for (const std::size_t branch : node.children) {
      if (schema.nodes[branch].kind == AvroKind::kNull) continue;
      found = misfit(schema, branch, source, depth, type);
      // All values must fit, but a path may lead through some branches only.
      if (found.empty() != is_leaf) return found;
    }
    return found;
  }
  if (is_leaf) return avro_misfit(schema, index, type);
  const std::string& name = source.path[depth];
  if (node.kind == AvroKind::kMap) {
    return misfit(schema, node.children[0], source, depth + 1, type);
  }
  const auto field = std::ranges::find(node.names, name);
  if (node.kind != AvroKind::kRecord || field == node.names.end()) {
    return text("the schema has no `{}` there", name);
  }
  const auto child = static_cast<std::size_t>(field - node.names.begin());
  return misfit(schema, node.children[child], source, depth + 1, type);
}

class AvroDecoder final : public Decoder {
 public:
  AvroDecoder(SchemaRef schema, AvroFormat format, const std::vector<FieldSource>& fields);

  void decode(std::string_view record, DecodeSink& sink) override;

 private:
  std::size_t make_step(std::size_t node, const std::vector<Want>& wants, std::size_t depth);

  bool take_frame();
  bool read(std::size_t step);
  bool read_record(const Step& step, const AvroNode& node);
  bool take_branch(const AvroNode& node, std::size_t& branch);
  bool read_union(const Step& step, const AvroNode& node);
  bool read_map(const Step& step, const AvroNode& node);
  bool read_list(const Step& step, const AvroNode& node);
  bool read_leaves(const Step& step);
  bool skip(std::size_t node);
  bool skip_blocks(const AvroNode& node);
  bool fill_row();

  // Begins a block; `count` is 0 behind the last one. Gives its size in bytes where that is known.
  bool begin_block(std::uint64_t& count, std::optional<std::uint64_t>& size);
  bool fail(RejectReason reason, std::string detail);
  bool fail_input();
  void within(std::string_view name);
  bool enter();
  const Field& field_of(const Leaf& leaf) const { return row_.schema().fields()[leaf.slot]; }

  RowBuilder row_;
  AvroFormat format_;
  std::vector<Step> steps_;
  std::vector<Leaf> leaves_;
  std::size_t root_ = 0;

  AvroInput in_;
  std::size_t depth_ = 0;
  std::uint64_t items_left_ = 0;
  RejectReason reason_ = RejectReason::kMalformed;
  std::string detail_;
  std::string place_;  // The fields that lead to it.
};

AvroDecoder::AvroDecoder(SchemaRef schema, AvroFormat format,
                         const std::vector<FieldSource>& fields)
    : row_(std::move(schema)), format_(std::move(format)) {
  std::vector<Want> wants;
  for (const FieldSource& each : fields) {
    wants.push_back({&each, leaves_.size()});
    leaves_.push_back({.slot = each.slot});
  }
  root_ = make_step(format_.schema->root, wants, 0);
}

// Recursion is bounded by the longest wanted path.
std::size_t AvroDecoder::make_step(std::size_t index, const std::vector<Want>& wants,
                                   std::size_t depth) {
  const AvroNode& node = format_.schema->nodes[index];
  Step step{.node = index};
  std::vector<Want> inner;
  for (const Want& each : wants) {
    const bool is_here = depth == each.source->path.size();
    if (is_here && node.kind != AvroKind::kUnion) {
      step.leaves.push_back(each.leaf);
    } else {
      inner.push_back(each);
    }
  }
  const auto child_step = [&](std::size_t child, std::string_view name) {
    std::vector<Want> some;
    std::ranges::copy_if(inner, std::back_inserter(some), [&](const Want& each) {
      return depth < each.source->path.size() && each.source->path[depth] == name;
    });
    return some.empty() ? kNoStep : make_step(child, some, depth + 1);
  };
  if (node.kind == AvroKind::kUnion) {
    for (const std::size_t branch : node.children) {
      std::vector<Want> some;
      std::ranges::copy_if(inner, std::back_inserter(some), [&](const Want& each) {
        const Type type = field_of(leaves_[each.leaf]).type;
        return misfit(*format_.schema, branch, *each.source, depth, type).empty();
      });
      step.children.push_back(make_step(branch, some, depth));
    }
  } else if (node.kind == AvroKind::kRecord) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      step.children.push_back(child_step(node.children[i], node.names[i]));
    }
  } else if (node.kind == AvroKind::kMap) {
    for (const Want& each : inner) {
      const std::string& key = each.source->path[depth];
      const bool is_known = std::ranges::find(step.keys, key, [](const auto& pair) {
                              return pair.first;
                            }) != step.keys.end();
      if (!is_known) step.keys.emplace_back(key, child_step(node.children[0], key));
    }
  }
  steps_.push_back(std::move(step));
  return steps_.size() - 1;
}

bool AvroDecoder::fail(RejectReason reason, std::string detail) {
  reason_ = reason;
  detail_ = std::move(detail);
  place_.clear();
  return false;
}

bool AvroDecoder::fail_input() {
  return fail(RejectReason::kMalformed, text("{} at byte {}", in_.failure(), in_.at()));
}

void AvroDecoder::within(std::string_view name) {
  place_ = place_.empty() ? std::string(name) : text("{}.{}", name, place_);
}

bool AvroDecoder::enter() {
  if (depth_ == kAvroDepthMax) {
    return fail(RejectReason::kTooDeep, text("nested deeper than {}", kAvroDepthMax));
  }
  ++depth_;
  return true;
}

void AvroDecoder::decode(std::string_view record, DecodeSink& sink) {
  if (record.empty()) return sink.on_skip();  // A deletion, in a topic that is compacted.
  in_ = AvroInput(record);
  depth_ = 0;
  // Items may be empty, so bytes alone do not bound them.
  constexpr std::uint64_t kEmptyItemsMax = 65'536;
  items_left_ = record.size() + kEmptyItemsMax;
  for (Leaf& leaf : leaves_) leaf.value = Value::null();
  bool is_good = take_frame() && read(root_);
  if (is_good && in_.left() > 0) {
    is_good = fail(RejectReason::kMalformed,
                   text("{} bytes are left behind the record, from byte {}", in_.left(), in_.at()));
  }
  if (is_good && fill_row()) return sink.on_row(row_);
  sink.on_reject(reason_, place_.empty() ? detail_ : text("at `{}`: {}", place_, detail_));
}

bool AvroDecoder::take_frame() {
  if (!format_.is_framed) return true;
  std::string_view frame;
  if (!in_.bytes(kFrameSize, frame)) return fail_input();
  if (frame[0] != '\0') {
    return fail(RejectReason::kMalformed, text("the frame begins with byte {} instead of 0",
                                               static_cast<unsigned char>(frame[0])));
  }
  std::uint32_t id = 0;
  for (const char each : frame.substr(1)) id = id << 8U | static_cast<unsigned char>(each);
  if (format_.schema_id.value_or(id) == id) return true;
  return fail(RejectReason::kMalformed,
              text("written by schema {}, expected {}", id, *format_.schema_id));
}

// Recursion is bounded by the longest wanted path.
bool AvroDecoder::read(std::size_t index) {
  const Step& step = steps_[index];
  const AvroNode& node = format_.schema->nodes[step.node];
  if (!step.leaves.empty()) {
    return node.kind == AvroKind::kArray ? read_list(step, node) : read_leaves(step);
  }
  if (!enter()) return false;
  bool is_good = false;
  if (node.kind == AvroKind::kRecord) {
    is_good = read_record(step, node);
  } else if (node.kind == AvroKind::kUnion) {
    is_good = read_union(step, node);
  } else if (node.kind == AvroKind::kMap) {
    is_good = read_map(step, node);
  } else {
    is_good = skip(step.node);  // A branch through which the path does not lead.
  }
  --depth_;
  return is_good;
}

bool AvroDecoder::read_record(const Step& step, const AvroNode& node) {
  for (std::size_t i = 0; i < step.children.size(); ++i) {
    const std::size_t child = step.children[i];
    if (child == kNoStep ? skip(node.children[i]) : read(child)) continue;
    within(node.names[i]);
    return false;
  }
  return true;
}

bool AvroDecoder::take_branch(const AvroNode& node, std::size_t& branch) {
  return read_avro_branch(node, in_, branch) || fail_input();
}

bool AvroDecoder::read_union(const Step& step, const AvroNode& node) {
  std::size_t branch = 0;
  return take_branch(node, branch) && read(step.children[branch]);
}

bool AvroDecoder::begin_block(std::uint64_t& count, std::optional<std::uint64_t>& size) {
  std::int64_t number = 0;
  if (!in_.number(number)) return fail_input();
  size.reset();
  if (number < 0) {
    std::int64_t length = 0;
    if (!in_.number(length)) return fail_input();
    if (length < 0 || static_cast<std::uint64_t>(length) > in_.left()) {
      return fail(
          RejectReason::kMalformed,
          text("a block of {} bytes where {} are left, at byte {}", length, in_.left(), in_.at()));
    }
    size = static_cast<std::uint64_t>(length);
  }
  count = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  if (count > items_left_) {
    return fail(RejectReason::kMalformed,
                text("{} items in a record of that length, at byte {}", count, in_.at()));
  }
  items_left_ -= count;
  return true;
}

bool AvroDecoder::read_map(const Step& step, const AvroNode& node) {
  std::uint64_t count = 0;
  std::optional<std::uint64_t> size;
  do {
    if (!begin_block(count, size)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string_view key;
      if (!in_.text(key)) return fail_input();
      const auto wanted =
          std::ranges::find_if(step.keys, [&](const auto& each) { return each.first == key; });
      if (wanted == step.keys.end() ? skip(node.children[0]) : read(wanted->second)) continue;
      within(quoted_sample(key));
      return false;
    }
  } while (count > 0);
  return true;
}

bool AvroDecoder::read_list(const Step& step, const AvroNode& node) {
  for (const std::size_t each : step.leaves) leaves_[each].elements.clear();
  std::uint32_t total = 0;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> size;
  do {
    if (!begin_block(count, size)) return false;
    for (std::uint64_t i = 0; i < count; ++i, ++total) {
      AvroScalar scalar;
      if (!read_avro_scalar(*format_.schema, node.children[0], in_, scalar)) return fail_input();
      for (const std::size_t each : step.leaves) {
        Leaf& leaf = leaves_[each];
        const auto value = avro_value(scalar, field_of(leaf).type.element);
        if (!value) {
          return fail(
              RejectReason::kWrongType,
              wrong_type_detail(field_of(leaf), text("{} at index {}", shown(scalar), total)));
        }
        append_list_element(leaf.elements, *value);
      }
    }
  } while (count > 0);
  for (const std::size_t each : step.leaves) {
    Leaf& leaf = leaves_[each];
    leaf.value = Value::of(ListView(field_of(leaf).type.element, total, leaf.elements));
  }
  return true;
}

bool AvroDecoder::read_leaves(const Step& step) {
  AvroScalar scalar;
  if (!read_avro_scalar(*format_.schema, step.node, in_, scalar)) return fail_input();
  for (const std::size_t each : step.leaves) {
    Leaf& leaf = leaves_[each];
    const auto value = avro_value(scalar, field_of(leaf).type.kind);
    if (!value) {
      return fail(RejectReason::kWrongType, wrong_type_detail(field_of(leaf), shown(scalar)));
    }
    leaf.value = *value;
  }
  return true;
}

bool AvroDecoder::skip(std::size_t index) {
  const AvroNode& node = format_.schema->nodes[index];
  switch (node.kind) {
    case AvroKind::kRecord:
    case AvroKind::kUnion:
    case AvroKind::kArray:
    case AvroKind::kMap:
      break;
    default: {
      AvroScalar scalar;
      return read_avro_scalar(*format_.schema, index, in_, scalar) || fail_input();
    }
  }
  if (!enter()) return false;
  bool is_good = true;
  if (node.kind == AvroKind::kRecord) {
    for (std::size_t i = 0; is_good && i < node.children.size(); ++i) {
      is_good = skip(node.children[i]);
      if (!is_good) within(node.names[i]);
    }
  } else if (node.kind == AvroKind::kUnion) {
    std::size_t branch = 0;
    is_good = take_branch(node, branch) && skip(node.children[branch]);
  } else {
    is_good = skip_blocks(node);
  }
  --depth_;
  return is_good;
}

bool AvroDecoder::skip_blocks(const AvroNode& node) {
  std::uint64_t count = 0;
  std::optional<std::uint64_t> size;
  do {
    if (!begin_block(count, size)) return false;
    std::string_view passed;
    if (size) {
      if (!in_.bytes(*size, passed)) return fail_input();
      continue;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (node.kind == AvroKind::kMap && !in_.text(passed)) return fail_input();
      if (!skip(node.children[0])) return false;
    }
  } while (count > 0);
  return true;
}

// In the order of the fields, so that the order of the schema leaves no trace in the row's bytes.
bool AvroDecoder::fill_row() {
  row_.reset();
  for (const Leaf& leaf : leaves_) {
    if (!leaf.value.is_null()) {
      row_.set(leaf.slot, leaf.value);
    } else if (!field_of(leaf).nullable) {
      return fail(RejectReason::kMissingField, missing_detail(field_of(leaf)));
    }
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_avro_decoder(SchemaRef schema, const AvroFormat& format,
                                                   const std::vector<FieldSource>& fields) {
  LYMER_CHECK(format.schema != nullptr, "Avro without a schema");
  std::vector<FieldSource> sorted = fields;
  std::ranges::stable_sort(sorted, {}, &FieldSource::slot);
  for (const FieldSource& each : sorted) {
    LYMER_CHECK_LT(each.slot, schema->size());
    const Field& field = schema->fields()[each.slot];
    const bool is_path = !each.path.empty() && each.path.size() < kAvroDepthMax;
    std::string wrong = is_path ? misfit(*format.schema, format.schema->root, each, 0, field.type)
                                : text("its path needs 1 to {} names", kAvroDepthMax - 1);
    if (wrong.empty()) continue;
    return Error{ErrorCode::kInvalidArgument,
                 text("field `{}` cannot be read from Avro at `{}`: {}", field.name,
                      fmt::join(each.path, "."), wrong)};
  }
  return std::unique_ptr<Decoder>(std::make_unique<AvroDecoder>(std::move(schema), format, sorted));
}

}  // namespace lymer::runtime
