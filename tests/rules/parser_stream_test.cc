// Tests of every clause of a stream and of the mistakes people make in them.
// Not here: whether the clauses fit each other (the tests of the binder).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rules/ast.h"
#include "runtime/base/time.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {
namespace {

TEST(StreamParser, ReadsEveryClauseInAnyOrder) {
  const Parsed parsed(in_stream(R"cep(idle 30s field user: string
    time ts format "%b" year infer zone "UTC"
    unmatched reject format text r"(?P<ts>\S+)" out_of_order 10s
    field ok: bool = what == "A" from file "a.log" follow)cep"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  const auto& stream = parsed.at<StreamDecl>(0);
  EXPECT_EQ(stream.name.text, "s");
  EXPECT_EQ(stream.file->path, "a.log");
  EXPECT_TRUE(stream.file->follow);
  EXPECT_EQ(stream.format->kind, FormatKind::kText);
  EXPECT_EQ(stream.format->regex, R"((?P<ts>\S+))");
  EXPECT_EQ(stream.skip_unmatched, false);
  ASSERT_EQ(stream.fields.size(), 2U);
  EXPECT_EQ(shape(*stream.fields[1].value), "(== what \"A\")");
  EXPECT_EQ(stream.time->kind, TimeKind::kFieldFormat);
  EXPECT_EQ(stream.time->zone, "UTC");
  EXPECT_TRUE(stream.time->infer_year);
  EXPECT_EQ(stream.out_of_order, Duration::seconds(10));
  EXPECT_EQ(stream.idle, Duration::seconds(30));
  EXPECT_FALSE(stream.has_errors);
}

TEST(StreamParser, ReadsFormats) {
  EXPECT_TRUE(Parsed(in_stream("format json")).at<StreamDecl>(0).format->at.empty());
  const Parsed json(in_stream("format json at a.where.c"));
  EXPECT_EQ(json.at<StreamDecl>(0).format->at.size(), 3U);
  const Parsed csv(in_stream("format csv columns [a, `b c`] delimiter \";\""));
  EXPECT_EQ(csv.at<StreamDecl>(0).format->delimiter, ";");
  EXPECT_EQ(csv.at<StreamDecl>(0).format->columns->at(1).text, "b c");
  EXPECT_FALSE(Parsed(in_stream("format csv")).at<StreamDecl>(0).format->columns);
}

TEST(StreamParser, ReadsTopics) {
  const Parsed list(in_stream("from topic \"a\", \"b\" idle 1s"));
  EXPECT_FALSE(list.diagnostics.has_errors());
  const TopicSource& names = *list.at<StreamDecl>(0).topics;
  EXPECT_EQ(names.names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(names.pattern, "");
  EXPECT_FALSE(names.start);
  const Parsed pattern(in_stream("from topics r\"a\\d+\" start latest"));
  EXPECT_EQ(pattern.at<StreamDecl>(0).topics->pattern, "a\\d+");
  EXPECT_EQ(pattern.at<StreamDecl>(0).topics->start, TopicStart::kLatest);
  const Parsed instant(in_stream("from topic \"a\" start @1970-01-01T00:00:05Z"));
  EXPECT_EQ(instant.at<StreamDecl>(0).topics->start, TopicStart::kInstant);
  EXPECT_EQ(instant.at<StreamDecl>(0).topics->instant, EventTime::from_millis(5000));
  EXPECT_EQ(codes_of(in_stream("from topic \"a\" start soon")), "R0101");
  EXPECT_EQ(codes_of(in_stream("from topic a")), "R0101");
  EXPECT_EQ(codes_of(in_stream("from file \"x\" from topic \"a\"")), "R0108");
  EXPECT_EQ(codes_of(in_stream("from topic \"a\" from file \"x\"")), "R0108");
}

TEST(StreamParser, ReadsTypes) {
  const Parsed parsed(in_stream("field a: [string]? field b: int? field c: ip"));
  const auto& fields = parsed.at<StreamDecl>(0).fields;
  EXPECT_TRUE(fields[0].type.is_list);
  EXPECT_TRUE(fields[0].type.nullable);
  EXPECT_TRUE(fields[1].type.nullable);
  EXPECT_FALSE(fields[2].type.nullable);
}

TEST(StreamParser, ReadsTimes) {
  EXPECT_EQ(Parsed(in_stream("time ts")).at<StreamDecl>(0).time->kind, TimeKind::kFieldIso);
  EXPECT_EQ(Parsed(in_stream("time ingestion")).at<StreamDecl>(0).time->kind, TimeKind::kIngestion);
  EXPECT_EQ(Parsed(in_stream("time `ingestion`")).at<StreamDecl>(0).time->kind,
            TimeKind::kFieldIso);
  EXPECT_EQ(Parsed(in_stream("time ts unit ms")).at<StreamDecl>(0).time->unit.text, "ms");
}

TEST(StreamParser, TellsTheFormatOfTheTimeFromThatOfTheStream) {
  const Parsed parsed(in_stream("time ts format json"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  EXPECT_EQ(parsed.at<StreamDecl>(0).time->kind, TimeKind::kFieldIso);
  EXPECT_EQ(parsed.at<StreamDecl>(0).format->kind, FormatKind::kJson);
}

TEST(StreamParser, LetsClauseWordsNameFields) {
  const Parsed parsed(
      in_stream("field time: time field from: string field field: int "
                "field x: string = from time time"));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  EXPECT_EQ(parsed.at<StreamDecl>(0).fields.size(), 4U);
  EXPECT_EQ(parsed.at<StreamDecl>(0).time->field.text, "time");
}

TEST(StreamParser, RefusesReservedNames) {
  EXPECT_EQ(codes_of(in_stream("field where: string field and: int")), "R0107 R0107");
  EXPECT_EQ(codes_of(in_stream("field `where`: string")), "");
  EXPECT_EQ(codes_of("stream next { }"), "R0107");
}

TEST(StreamParser, RefusesAClauseGivenTwice) {
  for (const char* each : {"from file \"a\"", "format json", "unmatched skip", "time ts",
                           "out_of_order 1s", "idle 1s"}) {
    EXPECT_EQ(codes_of(in_stream(std::string(each) + " " + each)), "R0108") << each;
  }
  EXPECT_EQ(codes_of(in_stream("format csv delimiter \",\" delimiter \";\"")), "R0108");
  EXPECT_EQ(codes_of(in_stream("time ts format \"a\" zone \"b\" zone \"c\"")), "R0108");
  const Parsed parsed(in_stream("idle 1s idle 2s"));
  EXPECT_EQ(parsed.at<StreamDecl>(0).idle, Duration::seconds(1)) << "the first one counts";
}

TEST(StreamParser, RefusesUnknownClausesWithAGuess) {
  EXPECT_EQ(codes_of(in_stream("fields user: string")), "R0110");
  EXPECT_NE(advice_of(in_stream("feild user: string")).find("did you mean `field`?"),
            std::string::npos);
  EXPECT_NE(advice_of(in_stream("zebra user")).find("clauses of a stream: from"),
            std::string::npos);
  const Parsed parsed(in_stream("feild user: string"));
  EXPECT_EQ(parsed.at<StreamDecl>(0).fields.size(), 1U) << "taken for what it means";
}

TEST(StreamParser, SaysWhatIsWrongInAClause) {
  EXPECT_EQ(codes_of(in_stream("from \"a.log\"")), "R0101");
  EXPECT_EQ(codes_of(in_stream("from file a.log")), "R0101");
  EXPECT_EQ(codes_of(in_stream("format jsno")), "R0101");
  EXPECT_EQ(codes_of(in_stream("format csv header")), "R0101");
  EXPECT_EQ(codes_of(in_stream("format text")), "R0101");
  EXPECT_EQ(codes_of(in_stream("unmatched ignore")), "R0101");
  EXPECT_EQ(codes_of(in_stream("field user string")), "R0101");
  EXPECT_EQ(codes_of(in_stream("field a.b: string")), "R0101");
  EXPECT_EQ(codes_of(in_stream("field a: ")), "R0106");
  EXPECT_EQ(codes_of(in_stream("field a: string[]")), "R0101");
  EXPECT_EQ(codes_of(in_stream("field a: [[string]]")), "R0101");
  EXPECT_EQ(codes_of(in_stream("field a: [string")), "R0103");
  EXPECT_EQ(codes_of(in_stream("field a: int, b: int, field c: int")), "R0101");
  EXPECT_EQ(codes_of(in_stream("time ts unit minutes")), "R0101");
  EXPECT_EQ(codes_of(in_stream("time ts format \"x\" year guess")), "R0101");
  EXPECT_EQ(codes_of(in_stream("idle 30")), "R0101");
  EXPECT_EQ(codes_of(in_stream("idle 30sec")), "R0006");
}

TEST(StreamParser, ReportsEachBrokenClauseOnce) {
  EXPECT_EQ(codes_of(in_stream("from file\n  format jsn\n  feild a: int\n  idle\n  field b int")),
            "R0101 R0101 R0110 R0101 R0101");
}

TEST(StreamParser, ReadsAStreamOfTheLog) {
  const Parsed parsed(in_stream("from log \"logins\""));
  EXPECT_FALSE(parsed.diagnostics.has_errors());
  EXPECT_EQ(parsed.at<StreamDecl>(0).log->name, "logins");
  EXPECT_FALSE(parsed.at<StreamDecl>(0).file);
  EXPECT_EQ(codes_of(in_stream("from log \"a\" from file \"b\"")), "R0108");
  EXPECT_EQ(codes_of(in_stream("from file \"b\" from log \"a\"")), "R0108");
  EXPECT_EQ(codes_of(in_stream("from log logins")), "R0101");
}

TEST(StreamParser, RefusesByNameWhatIsNotDoneYet) {
  for (const char* each :
       {"from http", "from socket \"h:1\"", "format raw", "format avro \"f.avsc\""}) {
    EXPECT_EQ(codes_of(in_stream(std::string(each) + "\n  idle 3")), "R0801 R0101") << each;
    EXPECT_TRUE(Parsed(in_stream(each)).at<StreamDecl>(0).has_errors);
  }
}

TEST(StreamParser, GoesOnWithoutItsNameOrBraces) {
  EXPECT_EQ(codes_of("stream { idle 1s }"), "R0106");
  EXPECT_EQ(codes_of("stream s idle 1s }"), "R0101");
  EXPECT_EQ(codes_of("stream s { idle 1s\nstream t { idle 1s }"), "R0103");
  EXPECT_EQ(codes_of("stream s { idle 1s"), "R0103");
  EXPECT_EQ(codes_of("stream s { idle"), "R0102");
  EXPECT_EQ(codes_of("stream"), "R0102");
  EXPECT_EQ(codes_of("stream s"), "R0102");
}

}  // namespace
}  // namespace lymer::rules
