// Schemas: names and namespaces, records that hold themselves, and what is wrong with one.
// Not here: what records become (avro_decoder_test.cc).
#include "runtime/format/avro_schema.h"

#include <string>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

// Writes a node as text; a record that stands in itself as its number of fields.
std::string shown(const AvroSchema& schema, std::size_t index, int depth = 0) {
  const AvroNode& node = schema.nodes[index];
  std::string made(to_string(node.kind));
  if (node.logical != AvroLogical::kNone) {
    made += "~" + std::to_string(static_cast<int>(node.logical));
  }
  if (node.kind == AvroKind::kFixed) made += std::to_string(node.size);
  if (depth > 3) return made;
  made += node.children.empty() && node.names.empty() ? "" : "(";
  for (std::size_t i = 0; i < std::max(node.children.size(), node.names.size()); ++i) {
    if (i > 0) made += ' ';
    if (i < node.names.size()) made += node.names[i];
    if (i < node.children.size()) {
      if (i < node.names.size()) made += ':';
      made += shown(schema, node.children[i], depth + 1);
    }
  }
  return made + (node.children.empty() && node.names.empty() ? "" : ")");
}

std::string read(std::string_view json) {
  const auto schema = parse_avro_schema(json);
  return schema ? shown(*schema, schema->root) : schema.error().message;
}

TEST(AvroSchema, ReadsAllTypes) {
  EXPECT_EQ(read(R"("long")"), "long");
  EXPECT_EQ(read(R"({"type":"map","values":{"type":"array","items":"bytes"}})"),
            "map(array(bytes))");
  EXPECT_EQ(read(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":["null","boolean"]},
      {"name":"b","type":{"type":"enum","name":"e","symbols":["X","Y"]}},
      {"name":"c","type":{"type":"fixed","name":"f","size":4}},
      {"name":"d","type":"f","doc":"once more","default":"0000"},
      {"name":"g","type":{"type":{"type":"double"}}},
      {"name":"h","type":"float"},{"name":"i","type":"int"},{"name":"s","type":"string"}]})"),
            "record(a:union(null boolean) b:enum(X Y) c:fixed4 d:fixed4 g:double h:float i:int "
            "s:string)");
}

TEST(AvroSchema, ReadsLogicalTypesWhereTheyFit) {
  const auto logical = [](const std::string& type, const std::string& name) {
    return read(R"({"type":")" + type + R"(","logicalType":")" + name + R"(","precision":9})");
  };
  EXPECT_EQ(logical("int", "date"), "int~1");
  EXPECT_EQ(logical("int", "time-millis"), "int~2");
  EXPECT_EQ(logical("long", "time-micros"), "long~3");
  EXPECT_EQ(logical("long", "timestamp-millis"), "long~4");
  EXPECT_EQ(logical("long", "timestamp-micros"), "long~5");
  EXPECT_EQ(logical("bytes", "decimal"), "bytes~6");
  EXPECT_EQ(logical("string", "date"), "string");
  EXPECT_EQ(logical("string", "uuid"), "string");
  EXPECT_EQ(read(R"({"type":"bytes","logicalType":"decimal","scale":-1})"), "bytes");
}

TEST(AvroSchema, FindsNamesInTheirNamespaces) {
  EXPECT_EQ(read(R"({"type":"record","name":"a.b.outer","fields":[
      {"name":"x","type":{"type":"fixed","name":"f","size":1}},
      {"name":"y","type":{"type":"fixed","name":"f","namespace":"c","size":2}},
      {"name":"p","type":"f"},{"name":"q","type":"a.b.f"},{"name":"r","type":"c.f"}]})"),
            "record(x:fixed1 y:fixed2 p:fixed1 q:fixed1 r:fixed2)");
}

TEST(AvroSchema, LetsARecordHoldItself) {
  EXPECT_EQ(read(R"({"type":"record","name":"node","fields":[
      {"name":"n","type":"int"},{"name":"next","type":["null","node"]}]})"),
            "record(n:int next:union(null record(n:int next:union(null record))))");
}

TEST(AvroSchema, SaysWhatIsWrongAndWhere) {
  EXPECT_TRUE(read("{").starts_with("not JSON: ")) << read("{");
  EXPECT_EQ(read("7"), "a type is a name, an object or an array of types");
  EXPECT_EQ(read(R"("lnog")"), "there is no type `lnog`");
  EXPECT_EQ(read("[]"), "a union of nothing");
  EXPECT_EQ(read(R"([["null"]])"), "a union holds no unions");
  EXPECT_EQ(read("{}"), "an object without `type`");
  EXPECT_EQ(read(R"({"type":"array"})"), "a type `array` without `items`");
  EXPECT_EQ(read(R"({"type":"map"})"), "a type `map` without `values`");
  EXPECT_EQ(read(R"({"type":"enum","name":"e"})"), "an enum without `symbols`");
  EXPECT_EQ(read(R"({"type":"enum","name":"e","symbols":["1"]})"), "a symbol of an enum is a name");
  EXPECT_EQ(read(R"({"type":"fixed","name":"f","size":-1})"),
            "`f` needs a `size` from 0 to 1073741824");
  EXPECT_EQ(read(R"({"type":"record","name":"","fields":[]})"), "`` is no name for a type");
  EXPECT_EQ(read(R"({"type":"record","name":"r"})"), "a record without `fields`");
  const auto record = [](const std::string& fields) {
    return read(R"({"type":"record","name":"r","fields":[)" + fields + "]}");
  };
  EXPECT_EQ(record("1"), "a field is an object");
  EXPECT_EQ(record(R"({"name":"a b","type":"int"})"), "`a b` is no name for a field");
  EXPECT_EQ(record(R"({"name":"a"})"), "at `a`: a field without `type`");
  EXPECT_EQ(record(R"({"name":"a","type":"int"},{"name":"a","type":"int"})"),
            "two fields are named `a`");
  EXPECT_EQ(record(R"({"name":"a","type":{"type":"record","name":"i","fields":[
      {"name":"b","type":["null","x"]}]}})"),
            "at `a.b`: there is no type `x`");
  EXPECT_EQ(record(R"({"name":"a","type":{"type":"fixed","name":"r","size":1}})"),
            "at `a`: two types are named `r`");
}

TEST(AvroSchema, BoundsItsNesting) {
  const auto nested = [](std::size_t depth) {
    std::string json;
    for (std::size_t i = 1; i < depth; ++i) json += R"({"type":"array","items":)";
    return json + "\"int\"" + std::string(depth - 1, '}');
  };
  EXPECT_TRUE(parse_avro_schema(nested(kAvroDepthMax)).has_value());
  EXPECT_EQ(read(nested(kAvroDepthMax + 1)), "nested deeper than 64");
}

}  // namespace
}  // namespace lymer::runtime
