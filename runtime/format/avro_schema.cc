// One walk over the JSON. A named type gets its node before its inside is read, so that the inside
// may name it.
// Not here: what becomes of values (runtime/format/avro_decoder.cc).
#define SIMDJSON_EXCEPTIONS 0  // Its throwing interface must not compile here.
#include "runtime/format/avro_schema.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include <simdjson.h>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kSchemaBytesMax = std::size_t{4} << 20U;
constexpr std::int64_t kFixedMax = std::int64_t{1} << 30U;
constexpr std::int64_t kScaleMax = 300;  // What a double can be divided by.

constexpr std::array<std::string_view, 14> kKindNames = {
    "null",   "boolean", "int",  "long",  "float", "double", "bytes",
    "string", "fixed",   "enum", "array", "map",   "union",  "record"};
constexpr std::size_t kPrimitives = 8;

bool is_name(std::string_view name) {
  const auto is_letter = [](char each) {
    return each == '_' || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
  };
  if (name.empty() || !is_letter(name.front())) return false;
  return std::ranges::all_of(
      name, [&](char each) { return is_letter(each) || (each >= '0' && each <= '9'); });
}

std::string string_in(const dom::object& object, std::string_view key) {
  std::string_view found;
  if (object[key].get_string().get(found) != simdjson::SUCCESS) return {};
  return std::string(found);
}

std::int64_t number_in(const dom::object& object, std::string_view key, std::int64_t otherwise) {
  std::int64_t found = 0;
  return object[key].get_int64().get(found) == simdjson::SUCCESS ? found : otherwise;
}

class SchemaReader {
 public:
  Result<AvroSchema> read(const dom::element& json) {
    LYMER_ASSIGN_OR_RETURN(schema_.root, read_type(json, ""));
    return std::move(schema_);
  }

 private:
  using Index = Result<std::size_t>;

  Index read_type(const dom::element& json, const std::string& space);
  Index read_union(const dom::array& branches, const std::string& space);
  Index read_object(const dom::object& object, const std::string& space);
  Index read_named(const dom::object& object, AvroKind kind, const std::string& space);
  Index read_primitive(const dom::object& object, AvroKind kind);
  Result<void> read_fields(const dom::object& object, std::size_t index, const std::string& space);
  Result<void> read_symbols(const dom::object& object, AvroNode& node);
  Index find(const std::string& name, const std::string& space);
  void read_logical(const dom::object& object, AvroNode& node) const;

  std::size_t add(AvroNode node) {
    schema_.nodes.push_back(std::move(node));
    return schema_.nodes.size() - 1;
  }
  Error wrong(const std::string& what) const {
    return Error{ErrorCode::kInvalidArgument,
                 path_.empty() ? what : text("at `{}`: {}", fmt::join(path_, "."), what)};
  }

  AvroSchema schema_;
  std::map<std::string, std::size_t, std::less<>> named_;
  std::vector<std::string> path_;  // Of fields, for messages.
  std::size_t depth_ = 0;
};

SchemaReader::Index SchemaReader::read_type(const dom::element& json, const std::string& space) {
  if (depth_ == kAvroDepthMax) return wrong(text("nested deeper than {}", kAvroDepthMax));
  ++depth_;
  Index made = wrong("a type is a name, an object or an array of types");
  std::string_view name;
  dom::object object;
  dom::array branches;
  if (json.get_string().get(name) == simdjson::SUCCESS) {
    made = find(std::string(name), space);
  } else if (json.get_object().get(object) == simdjson::SUCCESS) {
    made = read_object(object, space);
  } else if (json.get_array().get(branches) == simdjson::SUCCESS) {
    made = read_union(branches, space);
  }
  --depth_;
  return made;
}

// A primitive type gets a node at each place, a named type one for all.
SchemaReader::Index SchemaReader::find(const std::string& name, const std::string& space) {
  const auto primitives = std::span(kKindNames).first(kPrimitives);
  if (const auto known = std::ranges::find(primitives, name); known != primitives.end()) {
    return add({.kind = static_cast<AvroKind>(known - primitives.begin())});
  }
  const bool is_full = name.find('.') != std::string::npos;
  if (!is_full && !space.empty()) {
    if (const auto found = named_.find(space + "." + name); found != named_.end()) {
      return found->second;
    }
  }
  const auto found = named_.find(name);
  if (found == named_.end()) return wrong(text("there is no type `{}`", name));
  return found->second;
}

SchemaReader::Index SchemaReader::read_union(const dom::array& branches, const std::string& space) {
  AvroNode node{.kind = AvroKind::kUnion};
  for (const dom::element each : branches) {
    LYMER_ASSIGN_OR_RETURN(const std::size_t branch, read_type(each, space));
    if (schema_.nodes[branch].kind == AvroKind::kUnion) return wrong("a union holds no unions");
    node.children.push_back(branch);
  }
  if (node.children.empty()) return wrong("a union of nothing");
  return add(std::move(node));
}

SchemaReader::Index SchemaReader::read_object(const dom::object& object, const std::string& space) {
  dom::element type;
  if (object["type"].get(type) != simdjson::SUCCESS) return wrong("an object without `type`");
  std::string_view word;
  // {"type": {"type": "int"}} and {"type": ["null", "int"]} mean the inner one.
  if (type.get_string().get(word) != simdjson::SUCCESS) return read_type(type, space);
  const auto found = std::ranges::find(kKindNames, word);
  if (word == "union" || found == kKindNames.end()) return find(std::string(word), space);
  const auto kind = static_cast<AvroKind>(found - kKindNames.begin());
  if (kind == AvroKind::kArray || kind == AvroKind::kMap) {
    const std::string_view key = kind == AvroKind::kArray ? "items" : "values";
    dom::element items;
    if (object[key].get(items) != simdjson::SUCCESS) {
      return wrong(text("a type `{}` without `{}`", word, key));
    }
    LYMER_ASSIGN_OR_RETURN(const std::size_t child, read_type(items, space));
    return add({.kind = kind, .children = {child}});
  }
  if (static_cast<std::size_t>(kind) < kPrimitives) return read_primitive(object, kind);
  return read_named(object, kind, space);
}

SchemaReader::Index SchemaReader::read_primitive(const dom::object& object, AvroKind kind) {
  AvroNode node{.kind = kind};
  read_logical(object, node);
  return add(std::move(node));
}

SchemaReader::Index SchemaReader::read_named(const dom::object& object, AvroKind kind,
                                             const std::string& space) {
  std::string name = string_in(object, "name");
  std::string own_space = space;
  if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) {
    own_space = name.substr(0, dot);
    name.erase(0, dot + 1);
  } else if (dom::element given; object["namespace"].get(given) == simdjson::SUCCESS) {
    own_space = string_in(object, "namespace");
  }
  if (!is_name(name)) return wrong(text("`{}` is no name for a type", name));
  const std::string full = own_space.empty() ? name : own_space + "." + name;
  AvroNode node{.kind = kind};
  if (kind == AvroKind::kFixed) {
    const std::int64_t size = number_in(object, "size", -1);
    if (size < 0 || size > kFixedMax) {
      return wrong(text("`{}` needs a `size` from 0 to {}", full, kFixedMax));
    }
    node.size = static_cast<std::size_t>(size);
    read_logical(object, node);
  } else if (kind == AvroKind::kEnum) {
    LYMER_RETURN_IF_ERROR(read_symbols(object, node));
  }
  const std::size_t index = add(std::move(node));
  if (!named_.emplace(full, index).second) return wrong(text("two types are named `{}`", full));
  if (kind == AvroKind::kRecord) LYMER_RETURN_IF_ERROR(read_fields(object, index, own_space));
  return index;
}

Result<void> SchemaReader::read_symbols(const dom::object& object, AvroNode& node) {
  dom::array symbols;
  if (object["symbols"].get_array().get(symbols) != simdjson::SUCCESS) {
    return wrong("an enum without `symbols`");
  }
  for (const dom::element each : symbols) {
    std::string_view symbol;
    if (each.get_string().get(symbol) != simdjson::SUCCESS || !is_name(symbol)) {
      return wrong("a symbol of an enum is a name");
    }
    node.names.emplace_back(symbol);
  }
  return {};
}

Result<void> SchemaReader::read_fields(const dom::object& object, std::size_t index,
                                       const std::string& space) {
  dom::array fields;
  if (object["fields"].get_array().get(fields) != simdjson::SUCCESS) {
    return wrong("a record without `fields`");
  }
  for (const dom::element each : fields) {
    dom::object field;
    if (each.get_object().get(field) != simdjson::SUCCESS) return wrong("a field is an object");
    const std::string name = string_in(field, "name");
    if (!is_name(name)) return wrong(text("`{}` is no name for a field", name));
    if (std::ranges::find(schema_.nodes[index].names, name) != schema_.nodes[index].names.end()) {
      return wrong(text("two fields are named `{}`", name));
    }
    dom::element type;
    path_.push_back(name);
    if (field["type"].get(type) != simdjson::SUCCESS) return wrong("a field without `type`");
    LYMER_ASSIGN_OR_RETURN(const std::size_t child, read_type(type, space));
    path_.pop_back();
    // Reading the child may have moved the nodes.
    schema_.nodes[index].names.push_back(name);
    schema_.nodes[index].children.push_back(child);
  }
  return {};
}

void SchemaReader::read_logical(const dom::object& object, AvroNode& node) const {
  struct Known {
    std::string_view name;
    AvroKind kind;
    AvroLogical logical;
  };
  constexpr std::array<Known, 7> kKnown = {{
      {"date", AvroKind::kInt, AvroLogical::kDate},
      {"time-millis", AvroKind::kInt, AvroLogical::kTimeMillis},
      {"time-micros", AvroKind::kLong, AvroLogical::kTimeMicros},
      {"timestamp-millis", AvroKind::kLong, AvroLogical::kTimestampMillis},
      {"timestamp-micros", AvroKind::kLong, AvroLogical::kTimestampMicros},
      {"decimal", AvroKind::kBytes, AvroLogical::kDecimal},
      {"decimal", AvroKind::kFixed, AvroLogical::kDecimal},
  }};
  const std::string name = string_in(object, "logicalType");
  for (const Known& each : kKnown) {
    if (each.name != name || each.kind != node.kind) continue;
    if (each.logical == AvroLogical::kDecimal) {
      const std::int64_t scale = number_in(object, "scale", 0);
      if (scale < 0 || scale > kScaleMax) return;
      node.scale = static_cast<std::size_t>(scale);
    }
    node.logical = each.logical;
  }
}

}  // namespace

std::string_view to_string(AvroKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

Result<AvroSchema> parse_avro_schema(std::string_view json) {
  const auto invalid = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  if (json.size() > kSchemaBytesMax) {
    return invalid(
        text("an Avro schema of {} bytes; the limit is {}", json.size(), kSchemaBytesMax));
  }
  dom::parser parser;
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size(), true).get(root)) {
    return invalid(text("not JSON: {}", simdjson::error_message(error)));
  }
  return SchemaReader().read(root);
}

}  // namespace lymer::runtime
