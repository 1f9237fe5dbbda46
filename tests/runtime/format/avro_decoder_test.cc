// Avro records to rows: all types, unions, paths, what is passed over, and hostile bytes.
// Not here: schemas (avro_schema_test.cc), numbers (avro_value_test.cc).
#include "runtime/format/avro_decoder.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/format/avro_bytes.h"
#include "tests/runtime/format/decoded.h"

namespace lymer::runtime {
namespace {

using std::string_literals::operator""s;
using avro::boolean;
using avro::number;
using avro::text;

constexpr TypeKind kBool = TypeKind::kBool;
constexpr TypeKind kInt = TypeKind::kInt;
constexpr TypeKind kFloat = TypeKind::kFloat;
constexpr TypeKind kString = TypeKind::kString;

AvroFormat format_of(std::string_view json) {
  return {.schema = std::make_shared<const AvroSchema>(std::move(parse_avro_schema(json)).value())};
}

std::string record(const std::string& fields) {
  return R"({"type":"record","name":"r","fields":[)" + fields + "]}";
}

struct Wanted {
  Field field;
  std::vector<std::string> path = {};  // The field's name if there is none.
};

Result<std::unique_ptr<Decoder>> try_make(const AvroFormat& format, std::vector<Wanted> wanted) {
  std::vector<Field> fields;
  std::vector<FieldSource> sources;
  for (Wanted& each : wanted) {
    if (each.path.empty()) each.path = {each.field.name};
    sources.push_back({static_cast<Slot>(fields.size()), each.path});
    fields.push_back(each.field);
  }
  return make_avro_decoder(std::make_shared<const Schema>("test", fields), format, sources);
}

std::unique_ptr<Decoder> make(const AvroFormat& format, std::vector<Wanted> wanted) {
  return std::move(try_make(format, std::move(wanted))).value();
}

std::string refusal(const AvroFormat& format, std::vector<Wanted> wanted) {
  const auto made = try_make(format, std::move(wanted));
  return made ? "fine" : made.error().message;
}

TEST(AvroDecoder, ReadsScalars) {
  const auto decoder =
      make(format_of(record(R"({"name":"b","type":"boolean"},{"name":"i","type":"int"},
          {"name":"l","type":"long"},{"name":"f","type":"float"},{"name":"d","type":"double"},
          {"name":"y","type":"bytes"},{"name":"s","type":"string"},
          {"name":"x","type":{"type":"fixed","name":"fx","size":3}},
          {"name":"e","type":{"type":"enum","name":"en","symbols":["RED","BLUE"]}})")),
           {{{"e", {kString}}},
            {{"x", {kString}}},
            {{"s", {kString}}},
            {{"y", {kString}}},
            {{"d", {kFloat}}},
            {{"f", {kFloat}}},
            {{"l", {kInt}}},
            {{"wide", {kFloat}}, {"l"}},
            {{"i", {kInt}}},
            {{"b", {kBool}}}});
  EXPECT_EQ(
      decoded(*decoder, boolean(true) + number(-7) + number(1'000'000'000'000) + avro::real(0.5F) +
                            avro::real(-2.25) + text("by") + text("str") + "fix" + number(1)),
      R"({"e":"BLUE","x":"fix","s":"str","y":"by","d":-2.25,"f":0.5,"l":1000000000000,)"
      R"("wide":1000000000000.0,"i":-7,"b":true})");
}

TEST(AvroDecoder, ReadsLogicalTypes) {
  const auto decoder = make(format_of(record(
                                R"({"name":"d","type":{"type":"int","logicalType":"date"}},
          {"name":"tm","type":{"type":"int","logicalType":"time-millis"}},
          {"name":"tu","type":{"type":"long","logicalType":"time-micros"}},
          {"name":"sm","type":{"type":"long","logicalType":"timestamp-millis"}},
          {"name":"su","type":{"type":"long","logicalType":"timestamp-micros"}},
          {"name":"p","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
          {"name":"a","type":"string"},{"name":"t","type":"string"})")),
                            {{{"d", {TypeKind::kTime}}},
                             {{"tm", {TypeKind::kDuration}}},
                             {{"tu", {TypeKind::kDuration}}},
                             {{"sm", {TypeKind::kTime}}},
                             {{"su", {TypeKind::kTime}}},
                             {{"raw", {kInt}}, {"su"}},
                             {{"p", {kFloat}}},
                             {{"a", {TypeKind::kIp}}},
                             {{"t", {TypeKind::kTime}}}});
  EXPECT_EQ(decoded(*decoder, number(1) + number(90'000) + number(1'500'000) + number(1'000) +
                                  number(-1) + text("\x04\xd2") + text("10.0.0.1") +
                                  text("2026-01-31T00:00:00Z")),
            R"({"d":"1970-01-02T00:00:00.000Z","tm":"1m30s","tu":"1s500ms",)"
            R"("sm":"1970-01-01T00:00:01.000Z","su":"1969-12-31T23:59:59.999Z","raw":-1,"p":12.34,)"
            R"("a":"10.0.0.1","t":"2026-01-31T00:00:00.000Z"})");
}

TEST(AvroDecoder, GivesNullForANullBranch) {
  const AvroFormat format = format_of(
      record(R"({"name":"n","type":["null","int"]},{"name":"s","type":["string","null"]})"));
  const auto decoder = make(format, {{{"n", {kInt}, true}}, {{"s", {kString}}}});
  EXPECT_EQ(decoded(*decoder, number(1) + number(5) + number(0) + text("x")), R"({"n":5,"s":"x"})");
  EXPECT_EQ(decoded(*decoder, number(0) + number(0) + text("x")), R"({"n":null,"s":"x"})");
  EXPECT_EQ(decoded(*decoder, number(0) + number(1)), "missing_field: field `s` is missing");
  EXPECT_EQ(decoded(*decoder, number(2)),
            "malformed: at `n`: a union has no such branch at byte 1");
  EXPECT_EQ(decoded(*decoder, number(-1)),
            "malformed: at `n`: a union has no such branch at byte 1");
}

TEST(AvroDecoder, FollowsPathsThroughRecordsUnionsAndMaps) {
  const AvroFormat format = format_of(record(
      R"({"name":"p","type":["null","string",{"type":"record","name":"q","fields":[
            {"name":"skipped","type":{"type":"array","items":"string"}},
            {"name":"name","type":"string"}]}]},
          {"name":"tags","type":{"type":"map","values":"long"}})"));
  const auto decoder = make(format, {{{"name", {kString}, true}, {"p", "name"}},
                                     {{"a", {kInt}, true}, {"tags", "a"}},
                                     {{"b", {kInt}, true}, {"tags", "b"}}});
  const std::string tags = number(2) + text("b") + number(7) + text("z") + number(8) + number(0);
  EXPECT_EQ(decoded(*decoder, number(2) + number(1) + text("no") + number(0) + text("ann") + tags),
            R"({"name":"ann","a":null,"b":7})");
  EXPECT_EQ(decoded(*decoder, number(0) + tags), R"({"name":null,"a":null,"b":7})");
  EXPECT_EQ(decoded(*decoder, number(1) + text("only text") + number(0)),
            R"({"name":null,"a":null,"b":null})");
}

TEST(AvroDecoder, ReadsListsInBlocksOfAllKinds) {
  const auto decoder = make(format_of(record(R"({"name":"l","type":{"type":"array","items":
                                       ["null","string"]}},{"name":"n","type":"int"})")),
                            {{{"l", Type::list_of(kString)}}, {{"n", {kInt}}}});
  EXPECT_EQ(decoded(*decoder, number(0) + number(1)), R"({"l":[],"n":1})");
  const std::string two = number(1) + text("a") + number(0);
  EXPECT_EQ(decoded(*decoder, number(2) + two + avro::sized_block(1, number(1) + text("b")) +
                                  number(0) + number(3)),
            R"({"l":["a",null,"b"],"n":3})");
}

TEST(AvroDecoder, PassesOverWhatNobodyWants) {
  const auto decoder =
      make(format_of(
               record(R"({"name":"m","type":{"type":"map","values":{"type":"array","items":"int"}}},
          {"name":"self","type":["null","r"]},{"name":"n","type":"int"})")),
           {{{"n", {kInt}}}});
  const std::string empty = number(0) + number(0);  // No map, no self.
  const std::string map = number(1) + text("k") + number(2) + number(4) + number(5) + number(0) +
                          avro::sized_block(3, "anything at all") + number(0);
  EXPECT_EQ(decoded(*decoder, map + number(1) + empty + number(6) + number(9)), R"({"n":9})");
}

TEST(AvroDecoder, RefusesEveryRecordThatBreaksOff) {
  const AvroFormat format = format_of(record(
      R"({"name":"s","type":"string"},{"name":"l","type":{"type":"array","items":"long"}},
          {"name":"m","type":{"type":"map","values":"double"}},{"name":"u","type":["null","float"]},
          {"name":"f","type":{"type":"fixed","name":"fx","size":2}},
          {"name":"b","type":"boolean"})"));
  const std::string whole = text("some text") + number(2) + number(500) + number(-70'000) +
                            number(0) + avro::sized_block(1, text("key") + avro::real(1.0)) +
                            number(0) + number(1) + avro::real(1.5F) + "xy" + boolean(false);
  const auto all = make(format, {{{"s", {kString}}},
                                 {{"l", Type::list_of(kInt)}},
                                 {{"m", {kFloat}}, {"m", "key"}},
                                 {{"u", {kFloat}}},
                                 {{"f", {kString}}},
                                 {{"b", {kBool}}}});
  const auto last = make(format, {{{"b", {kBool}}}});
  EXPECT_EQ(decoded(*all, whole),
            R"({"s":"some text","l":[500,-70000],"m":1.0,"u":1.5,"f":"xy","b":false})");
  EXPECT_EQ(decoded(*last, whole), R"({"b":false})");
  EXPECT_EQ(decoded(*all, ""), "skip");
  for (std::size_t length = 1; length < whole.size(); ++length) {
    for (Decoder* each : {all.get(), last.get()}) {
      const std::string said = decoded(*each, std::string_view(whole).substr(0, length));
      EXPECT_TRUE(said.starts_with("malformed: at `")) << length << ": " << said;
    }
  }
  EXPECT_EQ(decoded(*all, whole.substr(0, 4)), "malformed: at `s`: the record ends at byte 1");
  EXPECT_EQ(
      decoded(*all, whole + "ab"),
      "malformed: 2 bytes are left behind the record, from byte " + std::to_string(whole.size()));
}

TEST(AvroDecoder, NamesThePlaceOfWhatIsWrong) {
  const AvroFormat format = format_of(record(
      R"({"name":"in","type":{"type":"record","name":"i","fields":[
            {"name":"e","type":{"type":"enum","name":"en","symbols":["A"]}},
            {"name":"s","type":"string"},{"name":"b","type":"boolean"}]}})"));
  const auto decoder = make(format, {{{"e", {kString}}, {"in", "e"}},
                                     {{"a", {TypeKind::kIp}}, {"in", "s"}},
                                     {{"b", {kBool}, true}, {"in", "b"}}});
  EXPECT_EQ(decoded(*decoder, number(1)),
            "malformed: at `in.e`: an enum has no such symbol at byte 1");
  EXPECT_EQ(decoded(*decoder, number(0) + text("10.0.0") + boolean(true)),
            "wrong_type: at `in.s`: field `a`: expected ip, found \"10.0.0\"");
  EXPECT_EQ(decoded(*decoder, number(0) + text("10.0.0.1") + "\x02"),
            "malformed: at `in.b`: a boolean is neither 0 nor 1 at byte 11");
}

TEST(AvroDecoder, BoundsWhatHostileRecordsAskFor) {
  const AvroFormat nested = format_of(record(R"({"name":"next","type":["null","r"]})"));
  const auto deep = make(nested, {});
  EXPECT_EQ(decoded(*deep, number(1) + number(1) + number(0)), "{}");
  const std::string said = decoded(*deep, std::string(100'000, '\x02'));
  EXPECT_TRUE(said.starts_with("too_deep: at `next.next.")) << said.substr(0, 80);
  EXPECT_TRUE(said.ends_with(": nested deeper than 64")) << said.size();

  const AvroFormat nulls =
      format_of(record(R"({"name":"l","type":{"type":"array","items":"null"}})"));
  const auto many = make(nulls, {});
  EXPECT_EQ(decoded(*many, number(1'000'000'000'000)),
            "malformed: at `l`: 1000000000000 items in a record of that length, at byte 6");
  EXPECT_EQ(decoded(*many, avro::number(std::numeric_limits<std::int64_t>::min()) + number(0)),
            "malformed: at `l`: 9223372036854775808 items in a record of that length, at byte 11");
  EXPECT_EQ(decoded(*many, number(-1) + number(5)),
            "malformed: at `l`: a block of 5 bytes where 0 are left, at byte 2");
}

TEST(AvroDecoder, TakesConfluentsFrame) {
  AvroFormat format = format_of(record(R"({"name":"n","type":"int"})"));
  format.is_framed = true;
  const std::string framed = "\x00\x00\x00\x01\x02"s + number(5);
  EXPECT_EQ(decoded(*make(format, {{{"n", {kInt}}}}), framed), R"({"n":5})");
  EXPECT_EQ(decoded(*make(format, {{{"n", {kInt}}}}), "\x01" + framed),
            "malformed: the frame begins with byte 1 instead of 0");
  EXPECT_EQ(decoded(*make(format, {{{"n", {kInt}}}}), framed.substr(0, 4)),
            "malformed: the record ends at byte 0");
  format.schema_id = 258;
  EXPECT_EQ(decoded(*make(format, {{{"n", {kInt}}}}), framed), R"({"n":5})");
  format.schema_id = 7;
  EXPECT_EQ(decoded(*make(format, {{{"n", {kInt}}}}), framed),
            "malformed: written by schema 258, expected 7");
}

TEST(AvroDecoder, RefusesFieldsThatTheSchemaDoesNotHave) {
  const AvroFormat format = format_of(record(
      R"({"name":"n","type":["null","int","string"]},{"name":"l","type":
          {"type":"array","items":"int"}},{"name":"d","type":{"type":"bytes","logicalType":
          "decimal","scale":1}})"));
  const auto at = [&](Type type, std::vector<std::string> path) {
    return refusal(format, {{{"f", type}, std::move(path)}});
  };
  EXPECT_EQ(at({kInt}, {"m"}),
            "field `f` cannot be read from Avro at `m`: the schema has no `m` there");
  EXPECT_EQ(at({kInt}, {"n", "x"}),
            "field `f` cannot be read from Avro at `n.x`: the schema has no `x` there");
  EXPECT_EQ(at({kInt}, {"n"}),
            "field `f` cannot be read from Avro at `n`: a string of the schema does not fit int");
  EXPECT_EQ(at({kInt}, {"l"}),
            "field `f` cannot be read from Avro at `l`: an array of the schema does not fit int");
  EXPECT_EQ(at(Type::list_of(kString), {"l"}),
            "field `f` cannot be read from Avro at `l`: an int of the schema does not fit string");
  EXPECT_EQ(at({kInt}, {"d"}),
            "field `f` cannot be read from Avro at `d`: a bytes of the schema does not fit int");
  EXPECT_EQ(at(Type::list_of(kInt), {"l"}), "fine");
  EXPECT_EQ(at({kFloat}, {"d"}), "fine");
}

TEST(AvroDecoder, TakesBranchesThatDoNotFitForNone) {
  // `v` is an int in one record and a record in the other.
  const auto decoder = make(format_of(record(R"({"name":"u","type":[
          {"type":"record","name":"a","fields":[{"name":"v","type":"int"}]},
          {"type":"record","name":"b","fields":[{"name":"v","type":"a"}]}]})")),
                            {{{"v", {kInt}, true}, {"u", "v"}}});
  EXPECT_EQ(decoded(*decoder, number(0) + number(4)), R"({"v":4})");
  EXPECT_EQ(decoded(*decoder, number(1) + number(4)), R"({"v":null})");
}

}  // namespace
}  // namespace lymer::runtime
