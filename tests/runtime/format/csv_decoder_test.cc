// CSV records to rows: headers, empty cells, wrong counts, and the header across a restart.
// Not here: quotes (csv_cells_test.cc) and the text of each type (scalar_text_test.cc).
#include <gtest/gtest.h>

#include "tests/runtime/format/decoded.h"

namespace lymer::runtime {
namespace {

std::unique_ptr<Decoder> make(std::vector<Field> fields, CsvFormat format = {}) {
  auto schema = std::make_shared<const Schema>("test", std::move(fields));
  return std::move(make_csv_decoder(schema, std::move(format), sources_by_name(*schema))).value();
}

std::string refusal(std::vector<Field> fields, CsvFormat format) {
  auto schema = std::make_shared<const Schema>("test", std::move(fields));
  const auto made = make_csv_decoder(schema, std::move(format), sources_by_name(*schema));
  return made ? "fine" : made.error().message;
}

const std::vector<Field> kFields = {
    {"user", {TypeKind::kString}}, {"n", {TypeKind::kInt}}, {"note", {TypeKind::kString}, true}};

TEST(CsvDecoder, TakesTheFirstRecordAsHeader) {
  const auto decoder = make(kFields);
  EXPECT_EQ(decoded(*decoder, ""), "skip");
  EXPECT_EQ(decoded(*decoder, "n,extra,\"user\",note"), "");
  EXPECT_EQ(decoded(*decoder, "1,x,ann,hello"), R"({"user":"ann","n":1,"note":"hello"})");
  EXPECT_EQ(decoded(*decoder, "2,,\"b,\"\"b\",\"\""), R"({"user":"b,\"b","n":2,"note":null})");
  EXPECT_EQ(decoded(*decoder, "  "), "skip");
}

TEST(CsvDecoder, TakesGivenColumnsAndAnotherDelimiter) {
  const auto decoder = make(kFields, {';', {"user", "n", "note"}});
  EXPECT_EQ(decoded(*decoder, "user;1;a,b"), R"({"user":"user","n":1,"note":"a,b"})");
}

TEST(CsvDecoder, TakesALineOfTabsForCells) {
  const auto decoder = make({{"a", {TypeKind::kString}, true}, {"b", {TypeKind::kString}, true}},
                            {'\t', {"a", "b"}});
  EXPECT_EQ(decoded(*decoder, "\t"), R"({"a":null,"b":null})");
}

TEST(CsvDecoder, MindsEmptyCells) {
  const auto decoder = make(kFields, {',', {"user", "n", "note"}});
  EXPECT_EQ(decoded(*decoder, ",1,"), R"({"user":"","n":1,"note":null})");
  EXPECT_EQ(decoded(*decoder, "ann,,"), "missing_field: field `n` is missing (column `n`)");
}

TEST(CsvDecoder, SaysWhatDoesNotFit) {
  const auto decoder = make(kFields, {',', {"user", "n", "note"}});
  EXPECT_EQ(decoded(*decoder, "ann,1"), "malformed: expected 3 cells, found 2");
  EXPECT_EQ(decoded(*decoder, "ann,1,x,y"), "malformed: expected 3 cells, found 4");
  EXPECT_EQ(decoded(*decoder, "ann,1,\"x"), "malformed: a quoted cell does not end as it should");
  EXPECT_EQ(decoded(*decoder, "ann,one,x"), "wrong_type: field `n`: expected int, found \"one\"");
  EXPECT_EQ(decoded(*decoder, "\xff,1,x"), "not_utf8: not UTF-8");
}

TEST(CsvDecoder, SaysOnceThatTheHeaderLacksAColumn) {
  const auto decoder = make(kFields);
  EXPECT_EQ(decoded(*decoder, "user,note"), "missing_field: the header has no column `n`");
  EXPECT_EQ(decoded(*decoder, "ann,x"), "missing_field: field `n` is missing (column `n`)");
}

TEST(CsvDecoder, SaysOnceThatTheHeaderNamesAColumnTwice) {
  const auto decoder = make(kFields);
  EXPECT_EQ(decoded(*decoder, "user,n,note,x,x,user"),
            "malformed: the header has several columns `user`; the first of them is read");
  EXPECT_EQ(decoded(*decoder, "ann,1,y,,,bob"), R"({"user":"ann","n":1,"note":"y"})");
}

TEST(CsvDecoder, LetsANullableFieldLackItsColumn) {
  const auto decoder = make(kFields);
  EXPECT_EQ(decoded(*decoder, "user,n"), "");
  EXPECT_EQ(decoded(*decoder, "ann,1"), R"({"user":"ann","n":1,"note":null})");
}

TEST(CsvDecoder, RemembersTheHeaderInItsSnapshot) {
  const auto decoder = make(kFields);
  EXPECT_EQ(decoded(*decoder, "note,n,user"), "");
  ByteWriter writer;
  decoder->snapshot(writer);
  const auto restored = make(kFields);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(restored->restore(reader));
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_EQ(decoded(*restored, "x,1,ann"), R"({"user":"ann","n":1,"note":"x"})");
}

TEST(CsvDecoder, RemembersThatItHasNoHeaderYet) {
  ByteWriter writer;
  make(kFields)->snapshot(writer);
  const auto restored = make(kFields);
  ByteReader reader(writer.bytes());
  ASSERT_TRUE(restored->restore(reader));
  EXPECT_EQ(decoded(*restored, "user,n"), "");
  EXPECT_EQ(decoded(*restored, "ann,1"), R"({"user":"ann","n":1,"note":null})");
}

TEST(CsvDecoder, RefusesADamagedSnapshot) {
  ByteWriter writer;
  writer.put_u8(1);
  writer.put_u32(1000000);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(make(kFields)->restore(reader).error().code, ErrorCode::kCorrupt);
}

TEST(MakeCsvDecoder, RefusesWhatCannotWork) {
  EXPECT_EQ(refusal(kFields, {',', {"user", "n"}}),
            "the format has no column `note` for field `note`");
  EXPECT_EQ(refusal(kFields, {'"', {}}), "a quote or a line end cannot delimit csv cells");
  EXPECT_EQ(refusal({{"l", Type::list_of(TypeKind::kInt)}}, {}),
            "field `l` cannot be read from csv as [int]");
}

}  // namespace
}  // namespace lymer::runtime
