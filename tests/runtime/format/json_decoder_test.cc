// JSON records: every type, every way to be refused, nested paths, documents, and random damage.
// Not here: the text of numbers, times and addresses (scalar_text_test.cc).
#include <random>

#include <gtest/gtest.h>

#include "tests/runtime/format/decoded.h"

namespace lymer::runtime {
namespace {

struct Wanted {
  Field field;
  std::vector<std::string> path;
};

Wanted want(std::string name, Type type, bool nullable = false) {
  return {Field{name, type, nullable}, {name}};
}
Wanted want(std::string name, TypeKind kind, bool nullable = false) {
  return want(std::move(name), Type{kind}, nullable);
}

std::unique_ptr<Decoder> make(const std::vector<Wanted>& wanted, JsonFormat format = {}) {
  std::vector<Field> fields;
  std::vector<FieldSource> sources;
  for (const Wanted& each : wanted) {
    sources.push_back({static_cast<Slot>(fields.size()), each.path});
    fields.push_back(each.field);
  }
  auto schema = std::make_shared<const Schema>("test", std::move(fields));
  return std::move(make_json_decoder(schema, std::move(format), std::move(sources))).value();
}

std::string one(const Wanted& wanted, std::string_view record) {
  return decoded(*make({wanted}), record);
}

TEST(JsonDecoder, ReadsEachType) {
  const auto decoder =
      make({want("b", TypeKind::kBool), want("i", TypeKind::kInt), want("f", TypeKind::kFloat),
            want("s", TypeKind::kString), want("ip", TypeKind::kIp), want("t", TypeKind::kTime),
            want("d", TypeKind::kDuration)});
  EXPECT_EQ(decoded(*decoder, R"( {"x":{"b":0},"d":"90m","t":"2026-01-31T00:00:00Z","ip":"::1",)"
                              R"("s":"t","f":2.5,"i":-7,"b":true,"y":[1,[2]]} )"),
            R"({"b":true,"i":-7,"f":2.5,"s":"t","ip":"::1","t":"2026-01-31T00:00:00.000Z",)"
            R"("d":"1h30m"})");
}

TEST(JsonDecoder, TakesOnlyIntegersForInt) {
  const auto decoder = make({want("n", TypeKind::kInt)});
  EXPECT_EQ(decoded(*decoder, R"({"n":9223372036854775807})"), R"({"n":9223372036854775807})");
  EXPECT_EQ(decoded(*decoder, R"({"n":-0})"), R"({"n":0})");
  EXPECT_EQ(decoded(*decoder, R"({"n":5.5})"), "wrong_type: field `n`: expected int, found 5.5");
  EXPECT_EQ(decoded(*decoder, R"({"n" : 5.0 })"), "wrong_type: field `n`: expected int, found 5.0");
  EXPECT_EQ(decoded(*decoder, R"({"n":1e3})"), "wrong_type: field `n`: expected int, found 1e3");
  EXPECT_EQ(decoded(*decoder, R"({"n":9223372036854775808})"),
            "wrong_type: field `n`: expected int, found 9223372036854775808");
  EXPECT_EQ(decoded(*decoder, R"({"n":"5"})"), "wrong_type: field `n`: expected int, found \"5\"");
  EXPECT_EQ(decoded(*decoder, R"({"n":true})"), "wrong_type: field `n`: expected int, found true");
  EXPECT_EQ(decoded(*decoder, R"({"n":{"a":1}})"),
            "wrong_type: field `n`: expected int, found an object");
  EXPECT_EQ(decoded(*decoder, R"({"n":[1]})"),
            "wrong_type: field `n`: expected int, found an array");
}

TEST(JsonDecoder, TakesAnyNumberForFloat) {
  const Wanted wanted = want("f", TypeKind::kFloat);
  EXPECT_EQ(one(wanted, R"({"f":5})"), R"({"f":5.0})");
  EXPECT_EQ(one(wanted, R"({"f":-1.5e-3})"), R"({"f":-0.0015})");
  EXPECT_EQ(one(wanted, R"({"f":12345678901234567890123})"), R"({"f":1.2345678901234568e+22})");
  EXPECT_EQ(one(wanted, R"({"f":1e999})"), "wrong_type: field `f`: expected float, found 1e999");
  EXPECT_EQ(one(wanted, R"({"f":"NaN"})"), "wrong_type: field `f`: expected float, found \"NaN\"");
}

TEST(JsonDecoder, RefusesNumbersThatAreNotJson) {
  for (const char* number :
       {"01", "-", "1.", ".5", "+1", "1e", "1e+", "-inf", "0x1", "1_0", "NaN", "-01", "1.e3"}) {
    for (const TypeKind kind : {TypeKind::kInt, TypeKind::kFloat}) {
      const std::string record = std::string(R"({"n":)") + number + "}";
      EXPECT_EQ(one(want("n", kind), record).substr(0, 10), "malformed:") << record;
    }
  }
}

TEST(JsonDecoder, DoesNotTurnOtherTypesIntoStringsOrBools) {
  EXPECT_EQ(one(want("s", TypeKind::kString), R"({"s":5})"),
            "wrong_type: field `s`: expected string, found 5");
  EXPECT_EQ(one(want("b", TypeKind::kBool), R"({"b":"true"})"),
            "wrong_type: field `b`: expected bool, found \"true\"");
  EXPECT_EQ(one(want("t", TypeKind::kTime), R"({"t":1769817600000})"),
            "wrong_type: field `t`: expected time, found 1769817600000");
  EXPECT_EQ(one(want("ip", TypeKind::kIp), R"({"ip":"nowhere"})"),
            "wrong_type: field `ip`: expected ip, found \"nowhere\"");
}

TEST(JsonDecoder, UndoesEscapes) {
  const Wanted wanted = want("s", TypeKind::kString);
  EXPECT_EQ(one(wanted, R"({"s":"a\"b\\c\u0041\n\ud83d\ude00"})"),
            "{\"s\":\"a\\\"b\\\\cA\\n\U0001f600\"}");
  EXPECT_EQ(one(wanted, R"({"\u0073":"key"})"), R"({"s":"key"})");
  EXPECT_EQ(one(want("q\"k", TypeKind::kString), R"({"q\"k":"v"})"), R"({"q\"k":"v"})");
  EXPECT_EQ(one(wanted, R"({"s":"\x"})").substr(0, 10), "malformed:");
  EXPECT_EQ(one(wanted, R"({"s":"\ud83d"})").substr(0, 10), "malformed:");
  EXPECT_EQ(one(wanted, R"({"\q":1,"s":"v"})").substr(0, 10), "malformed:");
}

TEST(JsonDecoder, MindsMissingAndNull) {
  EXPECT_EQ(one(want("u", TypeKind::kString), "{}"), "missing_field: field `u` is missing");
  EXPECT_EQ(one(want("u", TypeKind::kString), R"({"u":null})"),
            "missing_field: field `u` is missing");
  EXPECT_EQ(one(want("u", TypeKind::kString, true), "{}"), R"({"u":null})");
  EXPECT_EQ(one(want("u", TypeKind::kString, true), R"({"u":null})"), R"({"u":null})");
  EXPECT_EQ(one(want("u", TypeKind::kString, true), R"({"u":nul})").substr(0, 10), "malformed:");
}

TEST(JsonDecoder, TakesNothingAlongFromTheRecordBefore) {
  const auto decoder =
      make({want("a", TypeKind::kString, true), want("l", Type::list_of(TypeKind::kInt), true)});
  EXPECT_EQ(decoded(*decoder, R"({"a":"x","l":[1]})"), R"({"a":"x","l":[1]})");
  EXPECT_EQ(decoded(*decoder, "{}"), R"({"a":null,"l":null})");
}

TEST(JsonDecoder, CountsTheLastOfTwoEqualKeys) {
  EXPECT_EQ(one(want("n", TypeKind::kInt), R"({"n":1,"n":2})"), R"({"n":2})");
  EXPECT_EQ(one(want("n", TypeKind::kInt, true), R"({"n":1,"n":null})"), R"({"n":null})");
}

TEST(JsonDecoder, FollowsPaths) {
  const auto decoder =
      make({{Field{"parent", {TypeKind::kString}, true}, {"process", "parent", "name"}},
            {Field{"pid", {TypeKind::kInt}, true}, {"process", "pid"}},
            {Field{"host", {TypeKind::kString}, true}, {"host"}}});
  EXPECT_EQ(decoded(*decoder, R"({"process":{"name":"x","parent":{"name":"sh","pid":1},"pid":7},)"
                              R"("host":"h"})"),
            R"({"parent":"sh","pid":7,"host":"h"})");
  EXPECT_EQ(decoded(*decoder, R"({"process":{"parent":null,"pid":7}})"),
            R"({"parent":null,"pid":7,"host":null})");
  EXPECT_EQ(decoded(*decoder, R"({"process":[{"pid":7}],"host":"h"})"),
            R"({"parent":null,"pid":null,"host":"h"})");
  EXPECT_EQ(decoded(*decoder, R"({"process":{"parent":{"name":5}}})"),
            "wrong_type: field `parent`: expected string, found 5");
}

TEST(JsonDecoder, GivesOneValueToAllFieldsThatWantIt) {
  const auto decoder = make({{Field{"text", {TypeKind::kString}}, {"ip"}},
                             {Field{"address", {TypeKind::kIp}}, {"ip"}},
                             {Field{"whole", {TypeKind::kInt}}, {"n"}},
                             {Field{"real", {TypeKind::kFloat}}, {"n"}}});
  EXPECT_EQ(decoded(*decoder, R"({"n":3,"ip":"10.0.0.1"})"),
            R"({"text":"10.0.0.1","address":"10.0.0.1","whole":3,"real":3.0})");
}

TEST(JsonDecoder, ReadsLists) {
  const Wanted strings = want("l", Type::list_of(TypeKind::kString));
  EXPECT_EQ(one(strings, R"({"l":["a", null ,"b\n"]})"), R"({"l":["a",null,"b\n"]})");
  EXPECT_EQ(one(strings, R"({"l":[]})"), R"({"l":[]})");
  EXPECT_EQ(one(strings, R"({"l":["a",5]})"),
            "wrong_type: field `l`: expected [string], found 5 at index 1");
  EXPECT_EQ(one(strings, R"({"l":["a",["b"]]})"),
            "wrong_type: field `l`: expected [string], found an array at index 1");
  EXPECT_EQ(one(strings, R"({"l":"a"})"), "wrong_type: field `l`: expected [string], found \"a\"");
  EXPECT_EQ(one(strings, R"({"l":["a" "b"]})").substr(0, 10), "malformed:");
  EXPECT_EQ(one(strings, R"({"l":["a"})").substr(0, 10), "malformed:");
  EXPECT_EQ(one(want("l", Type::list_of(TypeKind::kIp)), R"({"l":["::1","10.0.0.1"]})"),
            R"({"l":["::1","10.0.0.1"]})");
}

TEST(JsonDecoder, PassesOverBlankLines) {
  EXPECT_EQ(one(want("n", TypeKind::kInt), ""), "skip");
  EXPECT_EQ(one(want("n", TypeKind::kInt), " \t\r"), "skip");
}

TEST(JsonDecoder, RefusesWhatIsNoObject) {
  const auto decoder = make({want("n", TypeKind::kInt, true)});
  for (const char* record : {"[]", "5", "\"text\"", "null", "true", R"([{"n":1}])"}) {
    EXPECT_EQ(decoded(*decoder, record), "malformed: not a JSON object") << record;
  }
}

TEST(JsonDecoder, RefusesBrokenJson) {
  const auto decoder = make({want("n", TypeKind::kInt, true)});
  for (const char* record : {"{",
                             "}",
                             "{\"n\"",
                             "{\"n\":",
                             "{\"n\":1",
                             "{\"n\":1,",
                             "{\"n\":1,}",
                             "{\"n\" 1}",
                             "{\"n\":1 \"m\":2}",
                             "{n:1}",
                             "{'n':1}",
                             "{\"n\":1}}",
                             "{\"n\":1} {\"n\":2}",
                             "{\"n\":1} x",
                             "{\"n\":1}]",
                             "{\"n\":1},",
                             "{\"x\":[1}",
                             "{\"x\":{\"y\":1}",
                             "{\"n\":\"a}",
                             "x{\"n\":1}",
                             "{\"n\":tru}",
                             "{\"n\":}",
                             "{\"x\":}",
                             "{,}",
                             "{\"a\":\"\x01\"}"}) {
    EXPECT_EQ(decoded(*decoder, record).substr(0, 10), "malformed:") << record;
  }
  EXPECT_EQ(decoded(*decoder, R"({"n":1})"), R"({"n":1})");
}

TEST(JsonDecoder, RefusesInvalidUtf8) {
  const auto decoder = make({want("s", TypeKind::kString, true)});
  EXPECT_EQ(decoded(*decoder, "{\"s\":\"\xff\"}"), "not_utf8: not UTF-8");
  EXPECT_EQ(decoded(*decoder, "{\"skipped\":\"\xed\xa0\x80\"}"), "not_utf8: not UTF-8");
}

TEST(JsonDecoder, RefusesDeepNesting) {
  const auto nested = [](std::size_t depth) {
    // The object itself is the first level.
    return "{\"x\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + ",\"n\":1}";
  };
  const auto decoder = make({want("n", TypeKind::kInt)});
  EXPECT_EQ(decoded(*decoder, nested(64)), R"({"n":1})");
  EXPECT_EQ(decoded(*decoder, nested(65)), "too_deep: nested deeper than 64");
  EXPECT_EQ(decoded(*decoder, nested(100000)), "too_deep: nested deeper than 64");
  EXPECT_EQ(decoded(*decoder, "{\"x\":\"\\\"" + std::string(100, '[') + "\",\"n\":1}"),
            R"({"n":1})");
  EXPECT_EQ(decoded(*decoder, "{\"x\":[" + std::string(99, ' ') + "{},{},[],[]],\"n\":1}"),
            R"({"n":1})");
}

TEST(JsonDecoder, ReadsRecordsOfAllLengths) {
  const auto decoder = make({want("s", TypeKind::kString)});
  for (std::size_t length = 0; length < 5000; length += 1 + length / 7) {
    const std::string text(length, 'x');
    EXPECT_EQ(decoded(*decoder, "{\"s\":\"" + text + "\"}"), "{\"s\":\"" + text + "\"}");
  }
}

TEST(JsonDecoder, WritesEqualRowsForAnyOrderOfKeys) {
  const auto decoder = make({want("a", TypeKind::kString), want("b", TypeKind::kString)});
  struct Bytes final : DecodeSink {
    void on_row(RowBuilder& row) override { bytes.assign(row.bytes().begin(), row.bytes().end()); }
    void on_skip() override {}
    void on_reject(RejectReason, std::string) override {}
    std::vector<std::byte> bytes;
  };
  const auto bytes = [&](std::string record) {
    const std::size_t size = record.size();
    record.resize(size + kRecordPadding);
    Bytes sink;
    decoder->decode(std::string_view(record).substr(0, size), sink);
    return sink.bytes;
  };
  EXPECT_EQ(bytes(R"({"a":"x","b":"yy"})"), bytes(R"({"b":"yy","a":"other","a":"x"})"));
}

TEST(JsonDocument, GivesARowForEachElement) {
  const auto decoder = make({want("n", TypeKind::kInt)}, {{"data", "features"}});
  EXPECT_EQ(
      decoded(*decoder, R"({"type":"x","data":{"a":[1],"features":[{"n":1},{"n":2}],"z":0}})"),
      R"({"n":1} | {"n":2})");
  EXPECT_EQ(decoded(*decoder, R"({"data":{"features":[]}})"), "");
}

TEST(JsonDocument, GoesOnBehindARefusedElement) {
  const auto decoder = make({{Field{"n", {TypeKind::kInt}}, {"p", "n"}}}, {{"l"}});
  EXPECT_EQ(decoded(*decoder, R"({"l":[{"p":{"n":1}},{"p":{"n":"x","m":[1]},"q":{}},7,{},)"
                              R"({"p":{"n":2}}]})"),
            "{\"n\":1} | wrong_type: element 1: field `n`: expected int, found \"x\""
            " | malformed: element 2: not a JSON object"
            " | missing_field: element 3: field `n` is missing | {\"n\":2}");
}

TEST(JsonDocument, SaysThatTheArrayIsMissing) {
  const auto decoder = make({want("n", TypeKind::kInt)}, {{"a", "b"}});
  for (const char* record : {"{}", R"({"a":1})", R"({"a":{}})", R"({"a":{"b":{}}})",
                             R"({"a":[{"b":[]}]})", R"({"b":[]})"}) {
    EXPECT_EQ(decoded(*decoder, record), "malformed: the document has no array at `a.b`") << record;
  }
  EXPECT_EQ(decoded(*decoder, "[]"), "malformed: not a JSON object");
}

TEST(JsonDocument, KeepsTheRowsBeforeABreak) {
  const auto decoder = make({want("n", TypeKind::kInt)}, {{"l"}});
  EXPECT_EQ(decoded(*decoder, R"({"l":[{"n":1},{"n":2)").substr(0, 20), "malformed: not JSON:");
  const auto said = decoded_all(*decoder, R"({"l":[{"n":1},{"n" 2},{"n":3}]})");
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0], R"({"n":1})");
  EXPECT_EQ(said[1].substr(0, 21), "malformed: element 1:");
  const auto trailing = decoded_all(*decoder, R"({"l":[{"n":1}]} {})");
  ASSERT_EQ(trailing.size(), 2U);
  EXPECT_EQ(trailing[1].substr(0, 10), "malformed:");
}

TEST(JsonDecoder, SurvivesRandomDamage) {
  const auto decoder = make({want("a", TypeKind::kInt, true),
                             want("s", TypeKind::kString, true),
                             {Field{"d", {TypeKind::kFloat}, true}, {"o", "p", "d"}},
                             want("l", Type::list_of(TypeKind::kString), true)});
  const auto documents = make({want("a", TypeKind::kInt, true)}, {{"o", "l"}});
  const std::string whole =
      R"({"a":12,"s":"t\u0041\"x","o":{"q":[{},[1,{"z":null}]],"p":{"d":1.5},)"
      R"("l":[{"a":1},{"a":2}]},)"
      R"("l":["x",null,"y"]})";
  std::mt19937_64 random(5);  // NOLINT(cert-msc51-cpp): a run must repeat.
  constexpr std::string_view kLetters = "{}[]\",:\\ 0tn\x80\xff-.eu";
  for (int i = 0; i < 30000; ++i) {
    std::string record =
        whole.substr(0, random() % 4 == 0 ? random() % whole.size() : whole.size());
    for (std::uint64_t flips = random() % 4; flips > 0 && !record.empty(); --flips) {
      record[random() % record.size()] = kLetters[random() % kLetters.size()];
    }
    ASSERT_LE(decoded_all(*decoder, record).size(), 1U) << record;
    (void)decoded_all(*documents, record);
  }
}

// Writes a random valid JSON value.
std::string random_json(std::mt19937_64& random, int depth) {
  constexpr const char* kScalars[] = {"null",  "true",       "-1.5e3", "12345678901234567890123",
                                      "false", R"("a\"]}")", "\"\"",   R"("\\")"};
  const std::uint64_t choice = random() % (depth < 6 ? 4 : 2);
  if (choice < 2) return kScalars[random() % std::size(kScalars)];
  std::string json(1, choice == 2 ? '[' : '{');
  for (std::uint64_t count = random() % 4; count > 0; --count) {
    if (json.size() > 1) json += random() % 2 == 0 ? "," : " ,\t";
    if (choice == 3) json += R"("k\n" :)";
    json += random_json(random, depth + 1);
  }
  return json + (choice == 2 ? "]" : "}");
}

TEST(JsonDecoder, PassesOverAnyValidValue) {
  const auto decoder = make({want("n", TypeKind::kInt), want("o", TypeKind::kInt, true)});
  std::mt19937_64 random(8);  // NOLINT(cert-msc51-cpp): a run must repeat.
  for (int i = 0; i < 5000; ++i) {
    const std::string record = R"({"x":)" + random_json(random, 0) + R"(,"n":1,"y":)" +
                               random_json(random, 0) + R"(,"o":2})";
    ASSERT_EQ(decoded(*decoder, record), R"({"n":1,"o":2})") << record;
  }
}

TEST(MakeJsonDecoder, RefusesWhatJsonCannotGive) {
  const auto schema = std::make_shared<const Schema>(
      "s", std::vector<Field>{{"j", {TypeKind::kJson}}, {"i", {TypeKind::kInt}}});
  const auto code = [&](FieldSource source) {
    const auto made = make_json_decoder(schema, {}, {std::move(source)});
    return made ? std::string("fine") : made.error().message;
  };
  EXPECT_EQ(code({0, {"j"}}), "field `j` cannot be read from JSON as json");
  EXPECT_EQ(code({1, {}}), "field `i` needs a JSON path of 1 to 64 keys");
  EXPECT_EQ(code({1, std::vector<std::string>(65, "k")}),
            "field `i` needs a JSON path of 1 to 64 keys");
  EXPECT_EQ(code({1, std::vector<std::string>(64, "k")}), "fine");
}

}  // namespace
}  // namespace lymer::runtime
