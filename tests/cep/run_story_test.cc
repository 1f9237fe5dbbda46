// Stories of partial matches over letters.
// Not here: rule text and the engine beside it (tests/server/key_story_test.cc).
#include "cep/run_story.h"

#include <string_view>

#include <gtest/gtest.h>

#include "runtime/row.h"
#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

// Tells what becomes of `letters`, a second apart.
std::vector<RunStory> told(PatternSpec spec, std::string_view letters) {
  const auto pattern = Pattern::make(std::move(spec));
  EXPECT_TRUE(pattern);
  const CompiledPattern compiled = compile(*pattern);
  const std::vector<runtime::SchemaRef> schemas = {letter_schema()};
  RunTeller teller(compiled, schemas);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    runtime::RowBuilder row(letter_schema());
    row.set(kUserSlot, runtime::Value::of(std::string_view("u")));
    row.set(kLetterSlot, runtime::Value::of(letters.substr(i, 1)));
    runtime::EventHeader header;
    header.time = EventTime::from_millis(static_cast<std::int64_t>(i) * 1000);
    EXPECT_TRUE(teller.add(header, row.bytes()));
  }
  EXPECT_TRUE(teller.finish());
  return teller.stories();
}

// The ends of all stories: "matched open".
std::string ends(PatternSpec spec, std::string_view letters) {
  std::string all;
  for (const RunStory& each : told(std::move(spec), letters)) {
    all += (all.empty() ? "" : " ") + std::string(to_string(each.end));
  }
  return all;
}

TEST(RunTeller, TellsHowPartialMatchesEnd) {
  const PatternSpec relaxed{.stages = {begin("a"), then("b")}, .window = Duration::seconds(10)};
  EXPECT_EQ(ends(relaxed, "acb"), "matched");
  EXPECT_EQ(ends(relaxed, "ac"), "open");
  EXPECT_EQ(ends(relaxed, "accccccccccc"), "timed_out");
  EXPECT_EQ(ends({.stages = {begin("a"), then("b", Contiguity::kNext)}}, "acb"), "no_way");
  EXPECT_EQ(ends({.stages = {begin("a"), then("c", Contiguity::kNotFollowedBy), then("b")}}, "acb"),
            "forbidden");
}

TEST(RunTeller, TellsABranchApart) {
  const auto stories = told({.stages = {begin("a"), then("b", Contiguity::kFollowedByAny)}}, "abb");
  ASSERT_EQ(stories.size(), 3U);
  EXPECT_EQ(stories[0].end, StoryEnd::kOpen);
  EXPECT_EQ(stories[1].end, StoryEnd::kMatched);
  EXPECT_EQ(stories[1].from, 0U);
  EXPECT_EQ(stories[2].end, StoryEnd::kMatched);
  EXPECT_EQ(stories[2].events.back().second, 2U);
}

}  // namespace
}  // namespace lymer::cep
