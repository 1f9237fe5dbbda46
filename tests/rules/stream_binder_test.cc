// Tests of streams: their fields, what is computed, and how they tell the time.
// Not here: decoding itself (tests/runtime/format/).
#include "rules/stream_binder.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/rules/binding.h"

namespace lymer::rules {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A stream and a rule that reads it, so that nothing is unused.
std::string stream_with(std::string_view clauses) {
  return text("stream s {{ {} }}\nrule r {{ on s by k begin a where k is not null }}\n", clauses);
}

std::string json_with(std::string_view clauses) {
  return stream_with(text("from file \"x\" format json field k: int {}", clauses));
}

std::string text_with(std::string_view clauses) {
  return stream_with(
      text("from file \"x\" format text r\"^(?P<k>\\d+) (?P<ts>\\S+) (?P<what>.*)$\" "
           "field k: int {}",
           clauses));
}

// Fields in order: "name:type", "?" for nullable, "-" for hidden.
std::vector<std::string> fields_of(const Loaded& loaded) {
  std::vector<std::string> out;
  if (!loaded.rules) return {loaded.codes()};
  for (const runtime::Field& each : loaded.rules->streams[0].schema->fields()) {
    out.push_back((each.hidden ? "-" : "") + each.name + ":" + to_string(each.type) +
                  (each.nullable ? "?" : ""));
  }
  return out;
}

// What is read from the input: "slot=path".
std::vector<std::string> decoded_by(const Loaded& loaded) {
  std::vector<std::string> out;
  if (!loaded.rules) return {loaded.codes()};
  for (const runtime::FieldSource& each : loaded.rules->streams[0].source().decoded) {
    std::string path;
    for (const std::string& part : each.path) path += (path.empty() ? "" : ".") + part;
    out.push_back(text("{}={}", each.slot, path));
  }
  return out;
}

std::string topic_with(std::string_view clauses) {
  return stream_with(text("from topic \"t\" {}", clauses));
}

TEST(StreamBinder, TakesWhatStandsBesideARecordOfATopic) {
  const Loaded loaded(
      topic_with("start earliest format json field k: int field u: ip? = kafka.key "
                 "field h: string? = kafka.headers.trace field p: int = kafka.partition "
                 "field o: bool = kafka.offset > 5 and kafka.topic == \"t\" time kafka"));
  EXPECT_THAT(fields_of(loaded),
              ElementsAre("k:int", "u:ip?", "h:string?", "p:int", "o:bool", "-$kafka.offset:int?",
                          "-$kafka.topic:string?", "-$kafka.timestamp:time?"));
  ASSERT_TRUE(loaded.rules);
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k"));
  const SourcePlan& plan = loaded.rules->streams[0].source();
  ASSERT_EQ(plan.metadata.size(), 6U);
  EXPECT_EQ(plan.metadata[1].kind, runtime::MetadataKind::kHeader);
  EXPECT_EQ(plan.metadata[1].header, "trace");
  EXPECT_EQ(std::get<runtime::TimeFromField>(plan.timestamp).slot, 7U);
  ASSERT_TRUE(plan.topics);
  EXPECT_THAT(plan.topics->names, ElementsAre("t"));
  EXPECT_EQ(plan.topics->start, TopicStart::kEarliest);
}

TEST(StreamBinder, KeepsKafkaForTopics) {
  EXPECT_THAT(decoded_by(Loaded(json_with("field x: string = kafka.key time ingestion"))),
              ElementsAre("0=k", "1=kafka.key"));
}

TEST(StreamBinder, ChecksWhatATopicCannotGive) {
  const auto codes = [](std::string_view clauses) { return Loaded(topic_with(clauses)).codes(); };
  const std::string json = "format json field k: int time ingestion ";
  EXPECT_EQ(codes(json + "field x: string = kafka.kye"), "R0234");
  EXPECT_EQ(codes(json + "field x: string = kafka.headers"), "R0234");
  EXPECT_EQ(codes(json + "field x: string = kafka.offset"), "R0234");
  EXPECT_EQ(codes(json + "field x: [string] = kafka.key"), "R0234");
  EXPECT_EQ(codes("format json at a field k: int time ingestion"), "R0801");
  EXPECT_EQ(codes("format csv field k: int time ingestion"), "R0231");
  EXPECT_EQ(codes("format csv columns [k] field k: int time kafka"), "");
  EXPECT_EQ(Loaded(stream_with("from topic \"t\", \"t\" " + json)).codes(), "R0205");
  EXPECT_EQ(Loaded(stream_with("from topics \"(\" " + json)).codes(), "R0215");
  EXPECT_EQ(Loaded(stream_with("from topics \"\" " + json)).codes(), "R0215");
}

TEST(StreamBinder, MakesAPlan) {
  const Loaded loaded(stream_with(
      "from file \"a.log\" follow format json field k: int field l: [string]? time ingestion "
      "out_of_order 10s idle 5s"));
  ASSERT_TRUE(loaded.rules);
  const StreamPlan& plan = loaded.rules->streams[0];
  EXPECT_EQ(plan.name, "s");
  EXPECT_EQ(plan.source().path, "a.log");
  EXPECT_TRUE(plan.source().follow);
  EXPECT_EQ(plan.source().framing, runtime::Framing::kLines);
  EXPECT_EQ(plan.source().out_of_order, Duration::seconds(10));
  EXPECT_EQ(plan.source().idle, Duration::seconds(5));
  EXPECT_TRUE(std::holds_alternative<runtime::IngestionTime>(plan.source().timestamp));
  EXPECT_THAT(fields_of(loaded), ElementsAre("k:int", "l:[string]?"));
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "1=l"));
}

TEST(StreamBinder, WantsSourceFormatFieldsAndTime) {
  EXPECT_EQ(Loaded("stream s { format json field k: int time ingestion }").codes(), "R0219");
  EXPECT_EQ(Loaded("stream s { from file \"x\" field k: int time ingestion }").codes(), "R0220");
  EXPECT_EQ(Loaded("stream s { from file \"x\" format json time ingestion }").codes(), "R0230");
  EXPECT_EQ(Loaded("stream s { from file \"x\" format json field k: int }").codes(), "R0221");
  EXPECT_EQ(Loaded("stream s { }").codes(), "R0219 R0220 R0230 R0221");
}

TEST(StreamBinder, DoesNotMissWhatTheParserDropped) {
  EXPECT_EQ(Loaded("stream s { from \"x\" format json field k: int time ingestion }").codes(),
            "R0101");
  EXPECT_EQ(Loaded("stream logins {\n  from file \"x\"\n  field a:").codes(), "R0102");
  const Loaded field(json_with("field amount int time ingestion") +
                     "rule q { on s by k begin a where amount > 1 emit { n: a.amount } }");
  EXPECT_EQ(field.codes(), "R0101");
}

// ---- Formats

TEST(JsonStreams, ReadPaths) {
  const Loaded loaded(
      json_with("field p: string = process.parent.name field q: string = other "
                "time ingestion"));
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "1=process.parent.name", "2=other"));
  EXPECT_THAT(loaded.rules->streams[0].source().computed, IsEmpty());
}

TEST(JsonStreams, MayBeOneDocument) {
  const Loaded loaded(
      stream_with("from file \"x\" format json at a.b field k: int time ingestion"));
  EXPECT_EQ(loaded.rules->streams[0].source().framing, runtime::Framing::kDocument);
  EXPECT_THAT(std::get<runtime::JsonFormat>(loaded.rules->streams[0].source().format).at,
              ElementsAre("a", "b"));
}

TEST(TextStreams, ReadNamedGroups) {
  const Loaded loaded(text_with("field ok: bool = what == \"yes\" time ts unmatched skip"));
  EXPECT_THAT(fields_of(loaded), ElementsAre("k:int", "ok:bool", "-$what:string?", "-$ts:string?"));
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "2=what", "3=ts"));
  EXPECT_TRUE(
      std::get<runtime::TextFormat>(loaded.rules->streams[0].source().format).skip_unmatched);
}

TEST(TextStreams, KnowTheirGroups) {
  const Loaded field(text_with("field wat: string time ingestion"));
  EXPECT_THAT(field.marks(), ElementsAre("R0225 `wat`"));
  EXPECT_THAT(field.advice(), HasSubstr("did you mean `what`? | groups: k, ts, what"));
  EXPECT_THAT(Loaded(text_with("field x: string = wat time ingestion")).marks(),
              ElementsAre("R0225 `wat`"));
  EXPECT_THAT(Loaded(text_with("field x: bool = wat == \"a\" time ingestion")).marks(),
              ElementsAre("R0207 `wat`"));
  EXPECT_THAT(Loaded(text_with("field x: string = a.b time ingestion")).marks(),
              ElementsAre("R0232 `a.b`"));
}

TEST(TextStreams, WithABadRegexAreNotAskedForGroups) {
  EXPECT_THAT(Loaded(stream_with("from file \"x\" format text \"(\" field k: int time ts")).marks(),
              ElementsAre("R0215 `\"(\"`"));
}

TEST(CsvStreams, ReadColumns) {
  const Loaded loaded(
      stream_with("from file \"x\" format csv delimiter \";\" columns [k, at, n] "
                  "field k: int field n: string time at unit ms"));
  const auto& format = std::get<runtime::CsvFormat>(loaded.rules->streams[0].source().format);
  EXPECT_EQ(format.delimiter, ';');
  EXPECT_THAT(format.columns, ElementsAre("k", "at", "n"));
  EXPECT_EQ(loaded.rules->streams[0].source().framing, runtime::Framing::kCsvLines);
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "1=n", "2=at"));
}

TEST(CsvStreams, KnowTheirColumns) {
  const auto marks = [](std::string_view clauses) {
    return Loaded(stream_with(text("from file \"x\" format csv {}", clauses))).marks();
  };
  EXPECT_THAT(marks("columns [k, n] field k: int field m: int time ingestion"),
              ElementsAre("R0231 `m`"));
  EXPECT_THAT(marks("field k: int field m: int time ingestion"), IsEmpty());  // From the header.
  EXPECT_THAT(marks("columns [k, n, k] field k: int time ingestion"), ElementsAre("R0205 `k`"));
  EXPECT_THAT(marks("delimiter \";;\" field k: int time ingestion"), ElementsAre("R0211 `\";;\"`"));
  EXPECT_THAT(marks("delimiter \"\" field k: int time ingestion"), ElementsAre("R0211 `\"\"`"));
  EXPECT_THAT(marks("field k: int = a.b time ingestion"), ElementsAre("R0232 `a.b`"));
}

// ---- Fields

TEST(Fields, HaveNamesOfTheirOwn) {
  EXPECT_THAT(Loaded(json_with("field k: string field k: bool time ingestion")).marks(),
              ElementsAre("R0205 `k`", "R0205 `k`"));
  // Whatever name stands in for the second one, nobody can have written it.
  EXPECT_EQ(Loaded(json_with("field `a$2`: int field a: int field a: int time ingestion")).codes(),
            "R0205");
}

TEST(Fields, OfUnknownTypeSilenceTheirUsers) {
  EXPECT_THAT(Loaded("stream s { from file \"x\" format json field k: integer = 5 field n: long "
                     "field at: timestamp time at unit ms }\n"
                     "rule r { on s by k begin a where n > 5 times 2 followedBy b where "
                     "last(a).n > 1 and sum(a.n) > 1 within 1m emit { k: key.k, n: b.n } }")
                  .marks(),
              ElementsAre("R0204 `integer`", "R0204 `long`", "R0204 `timestamp`"));
}

TEST(ComputedFields, SeeEarlierFields) {
  const Loaded loaded(
      json_with("field m: int = k + 1 field n: int = m * 2 field c: int = k "
                "time ingestion"));
  ASSERT_TRUE(loaded.rules) << loaded.codes();
  const StreamPlan& plan = loaded.rules->streams[0];
  ASSERT_EQ(plan.source().computed.size(), 3U);
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k"));
  runtime::RowBuilder row(plan.schema);
  row.reset();
  row.set(0, runtime::Value::of(std::int64_t{4}));
  row.set(1, runtime::Value::of(std::int64_t{5}));
  EXPECT_EQ(evaluated(plan.source().computed[0].expression, row.view()), "5");
  EXPECT_EQ(evaluated(plan.source().computed[1].expression, row.view()), "10");
  EXPECT_EQ(evaluated(plan.source().computed[2].expression, row.view()), "4");
}

TEST(ComputedFields, ReadPartsOfTheInputAsStrings) {
  const Loaded loaded(
      json_with("field x: bool = a.b == \"1\" or c == \"2\" or a.b == \"3\" "
                "field y: bool = k.sub == \"1\" time ingestion"));
  EXPECT_THAT(fields_of(loaded), ElementsAre("k:int", "x:bool", "y:bool", "-$a.b:string?",
                                             "-$c:string?", "-$k.sub:string?"));
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "3=a.b", "4=c", "5=k.sub"));
}

TEST(ComputedFields, KeepHiddenFieldsApartFromWrittenNames) {
  const Loaded loaded(
      json_with("field `$c`: int field x: bool = c == \"1\" "
                "field y: bool = a.b == \"1\" or `a.b` == \"2\" time ingestion"));
  EXPECT_THAT(fields_of(loaded), ElementsAre("k:int", "$c:int", "x:bool", "y:bool", "-$c$:string?",
                                             "-$a.b:string?", "-$a.b$:string?"));
  EXPECT_THAT(decoded_by(loaded), ElementsAre("0=k", "1=$c", "4=c", "5=a.b", "6=a.b"));
}

TEST(ComputedFields, MustFitTheirType) {
  EXPECT_THAT(Loaded(json_with("field x: string = k + 1 time ingestion")).marks(),
              ElementsAre("R0208 `k + 1`"));
  const Loaded later(json_with("field x: int = y + 1 field y: int time ingestion"));
  EXPECT_THAT(later.marks(), ElementsAre("R0208 `+`"));
  EXPECT_THAT(later.advice(), HasSubstr("`y` is no field above, so it is a string"));
}

TEST(ComputedFields, MayUseListsAndMacros) {
  const Loaded loaded("list big: int = [1, 2]\nmacro twice(x) = x * 2\n" +
                      json_with("field x: bool = k in big field y: int = twice(k) "
                                "time ingestion"));
  EXPECT_EQ(loaded.codes(), "");
}

// ---- Time

TEST(Time, IsReadFromAFieldOfItsType) {
  EXPECT_EQ(Loaded(json_with("field at: time time at")).codes(), "");
  EXPECT_EQ(Loaded(json_with("field at: string time at")).codes(), "");
  const Loaded number(json_with("time k"));
  EXPECT_THAT(number.marks(), ElementsAre("R0222 `k`"));
  EXPECT_THAT(number.advice(), HasSubstr("say what it counts: `unit s`"));
  EXPECT_THAT(Loaded(json_with("field b: bool time b")).marks(), ElementsAre("R0222 `b`"));
}

TEST(Time, IsReadFromTheInputToo) {
  EXPECT_THAT(fields_of(Loaded(json_with("time ts"))), ElementsAre("k:int", "-$ts:string?"));
  const Loaded missing(text_with("time tz"));
  EXPECT_THAT(missing.marks(), ElementsAre("R0222 `tz`"));
  EXPECT_THAT(missing.advice(),
              AllOf(HasSubstr("did you mean `ts`?"), HasSubstr("there are: k, ts, what")));
}

TEST(Time, CountsInUnits) {
  for (const std::string_view unit : {"s", "ms", "us", "ns"}) {
    EXPECT_EQ(Loaded(json_with(text("time k unit {}", unit))).codes(), "") << unit;
  }
  EXPECT_THAT(Loaded(json_with("time k unit min")).marks(), ElementsAre("R0101 `min`"));
  EXPECT_THAT(Loaded(json_with("field x: string time x unit s")).marks(), ElementsAre("R0222 `x`"));
  // Seconds come with fractions, nanoseconds do not fit a double.
  EXPECT_THAT(fields_of(Loaded(json_with("time ts unit s"))), ElementsAre("k:int", "-$ts:float?"));
  EXPECT_THAT(fields_of(Loaded(json_with("time ts unit ns"))), ElementsAre("k:int", "-$ts:int?"));
}

TEST(Time, IsReadByAFormat) {
  EXPECT_EQ(
      Loaded(json_with("time ts format \"%Y-%m-%d %H:%M:%S\" zone \"Europe/Berlin\"")).codes(), "");
  EXPECT_EQ(Loaded(json_with("time ts format \"%b %e %H:%M:%S\" year infer")).codes(), "");
  EXPECT_THAT(Loaded(json_with("time ts format \"%b %e\"")).advice(),
              HasSubstr("this format has no year | add `year infer` behind it"));
  EXPECT_THAT(Loaded(json_with("time ts format \"%Q\"")).marks(), ElementsAre("R0223 `\"%Q\"`"));
  EXPECT_THAT(Loaded(json_with("time ts format \"%Y\" zone \"Mars/Base\"")).marks(),
              ElementsAre("R0224 `\"Mars/Base\"`"));
  EXPECT_THAT(Loaded(json_with("time k format \"%Y\"")).marks(), ElementsAre("R0222 `k`"));
}

}  // namespace
}  // namespace lymer::rules
