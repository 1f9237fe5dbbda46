// Escapes, invalid UTF-8, numbers, and rows as objects.
// Not here: reading JSON (json_decoder_test.cc).
#include "runtime/format/json_writer.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace lymer::runtime {
namespace {

std::string string_json(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string json(const Value& value) {
  std::string written;
  append_json(written, value);
  return written;
}

TEST(JsonString, EscapesWhatJsonWantsEscaped) {
  EXPECT_EQ(string_json(""), "\"\"");
  EXPECT_EQ(string_json("plain"), "\"plain\"");
  EXPECT_EQ(string_json("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
  EXPECT_EQ(string_json("\n\r\t\b\f"), "\"\\n\\r\\t\\b\\f\"");
  EXPECT_EQ(string_json(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
}

TEST(JsonString, KeepsUnicode) {
  for (const char* text : {"\u00e9", "\u20ac", "\U0001f600", "\u07ff", "\uffff", "\U0010ffff"}) {
    EXPECT_EQ(string_json(text), "\"" + std::string(text) + "\"");
  }
}

TEST(JsonString, ReplacesEachBrokenSequenceOnce) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(string_json("a\xff"
                        "b"),
            "\"a" + mark + "b\"");
  EXPECT_EQ(string_json("\x80"), "\"" + mark + "\"");
  EXPECT_EQ(string_json("\xe2\x82"), "\"" + mark + "\"");  // A euro sign cut short.
  EXPECT_EQ(string_json("\xe2\x82x"), "\"" + mark + "x\"");
  EXPECT_EQ(string_json("\xf0\x9f\x98"), "\"" + mark + "\"");
  EXPECT_EQ(string_json("\xc0\xaf"), "\"" + mark + mark + "\"");             // Longer than needed.
  EXPECT_EQ(string_json("\xed\xa0\x80"), "\"" + mark + mark + mark + "\"");  // A surrogate.
  EXPECT_EQ(string_json("\xf4\x90\x80\x80"), "\"" + mark + mark + mark + mark + "\"");
  EXPECT_EQ(string_json("\xc3\""), "\"" + mark + "\\\"\"");
}

TEST(JsonString, IsAlwaysValidUtf8) {
  std::mt19937_64 random(3);  // NOLINT(cert-msc51-cpp): a run must repeat.
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 12, '?');
    // High bytes mostly, as those are where sequences go wrong.
    for (char& each : bytes)
      each = static_cast<char>((random() % 4 == 0 ? 0 : 0x80) | random() % 256);
    const std::string written = string_json(bytes);
    ASSERT_TRUE(simdjson::validate_utf8(written));
    if (simdjson::validate_utf8(bytes)) {
      ASSERT_EQ(written.find("\xEF\xBF\xBD"), std::string::npos);
    }
  }
}

TEST(JsonValue, WritesNumbers) {
  EXPECT_EQ(json(Value::of(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(json(Value::of(2.5)), "2.5");
  EXPECT_EQ(json(Value::of(5.0)), "5.0");
  EXPECT_EQ(json(Value::of(-0.0)), "-0.0");
  EXPECT_EQ(json(Value::of(1e300)), "1e+300");
  EXPECT_EQ(json(Value::of(0.1)), "0.1");
  EXPECT_EQ(json(Value::of(std::numeric_limits<double>::quiet_NaN())), "null");
  EXPECT_EQ(json(Value::of(-std::numeric_limits<double>::infinity())), "null");
}

TEST(JsonValue, WritesTheOtherKinds) {
  EXPECT_EQ(json(Value::null()), "null");
  EXPECT_EQ(json(Value::of(true)), "true");
  EXPECT_EQ(json(Value::of(*IpAddress::parse("2001:db8::1"))), "\"2001:db8::1\"");
  EXPECT_EQ(json(Value::of(*IpNetwork::parse("10.0.0.0/8"))), "\"10.0.0.0/8\"");
  EXPECT_EQ(json(Value::of(EventTime())), "\"1970-01-01T00:00:00.000Z\"");
  EXPECT_EQ(json(Value::of(Duration::minutes(90))), "\"1h30m\"");
  EXPECT_EQ(json(Value::json("{\"a\":1}")), "{\"a\":1}");
}

TEST(JsonValue, WritesLists) {
  std::vector<std::byte> bytes;
  append_list_element(bytes, Value::of("a"));
  append_list_element(bytes, Value::null());
  append_list_element(bytes, Value::of("b"));
  EXPECT_EQ(json(Value::of(ListView(TypeKind::kString, 3, bytes))), "[\"a\",null,\"b\"]");
  EXPECT_EQ(json(Value::of(ListView(TypeKind::kInt, 0, {}))), "[]");
}

TEST(JsonRow, LeavesOutHiddenFieldsAndShowsNulls) {
  const auto schema =
      std::make_shared<const Schema>("s", std::vector<Field>{{"ts", {TypeKind::kInt}, false, true},
                                                             {"na\"me", {TypeKind::kString}, true},
                                                             {"n", {TypeKind::kInt}}});
  RowBuilder row(schema);
  row.set(0, Value::of(std::int64_t{1}));
  row.set(2, Value::of(std::int64_t{2}));
  std::string written = "row: ";
  append_json_row(written, row.view(), *schema);
  EXPECT_EQ(written, "row: {\"na\\\"me\":null,\"n\":2}");
}

}  // namespace
}  // namespace lymer::runtime
