// Which vertices are one region, and what the regions' graphs hold.
// Not here: restarts of regions (tests/checkpoint/supervisor_test.cc).
#include "runtime/graph/region.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/stream/stream.h"
#include "tests/support/events.h"

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SchemaRef kSchema = support::schema_of({{"n", support::kInteger}});

// A source, and a sum of another number of subtasks.
Stream summed(StreamJob& job, const std::string& name) {
  return job.from_rows(name, kSchema, {}).uid(name).key_by({0}).sum(0).uid(name + " sum");
}

std::vector<std::vector<std::string>> names_of(const std::vector<Region>& regions) {
  std::vector<std::vector<std::string>> names;
  for (const Region& region : regions) {
    std::vector<std::string>& of = names.emplace_back();
    for (const JobVertex& each : region.graph.vertices) of.push_back(each.name);
  }
  return names;
}

TEST(RegionsOf, KeepsTogetherWhatIsConnected) {
  StreamJob job;
  (void)summed(job, "a");
  (void)summed(job, "b");
  const auto regions = regions_of(job.job_graph(2).value());
  ASSERT_THAT(regions, SizeIs(2));
  for (const Region& each : regions) {
    EXPECT_THAT(each.graph.vertices, SizeIs(2));
    ASSERT_THAT(each.graph.edges, SizeIs(1));
    EXPECT_EQ(each.graph.edges[0].from, 0U);
    EXPECT_EQ(each.graph.edges[0].to, 1U);
  }
  EXPECT_EQ(regions[0].graph.streams.at(regions[0].graph.vertices[1].chain[0]).uid, "a sum");
  EXPECT_EQ(regions[1].graph.streams.at(regions[1].graph.vertices[1].chain[0]).uid, "b sum");
}

TEST(RegionsOf, JoinsWhatMeetsFurtherDown) {
  StreamJob job;
  const Stream one = summed(job, "a");
  (void)summed(job, "between");
  (void)one.union_with(summed(job, "b")).for_each("end", [](const EventView&) {});
  const auto regions = regions_of(job.job_graph(2).value());
  ASSERT_THAT(regions, SizeIs(2));
  EXPECT_THAT(regions[0].graph.vertices, SizeIs(5));
  EXPECT_THAT(regions[1].graph.vertices, SizeIs(2));
}

TEST(RegionsOf, NumbersEqualNamesInTheWholeJob) {
  StreamJob job;
  for (int i = 0; i < 3; ++i) (void)job.from_rows("same", kSchema, {});
  EXPECT_THAT(names_of(regions_of(job.job_graph(1).value())),
              ElementsAre(ElementsAre("same"), ElementsAre("same #2"), ElementsAre("same #3")));
}

TEST(RegionsOf, IsOneWhereOperatorsAreBound) {
  StreamJob job;
  for (const char* name : {"a", "b", "c"}) (void)job.from_rows(name, kSchema, {}).uid(name);
  const JobGraph graph = job.job_graph(1).value();
  EXPECT_THAT(names_of(regions_of(graph, {{"c", "a"}})),
              ElementsAre(ElementsAre("a", "c"), ElementsAre("b")));
  EXPECT_THAT(names_of(regions_of(graph, {{"a", "b"}, {"b", "c"}})),
              ElementsAre(ElementsAre("a", "b", "c")));
}

TEST(RegionsOf, HasNoneOfNothing) { EXPECT_THAT(regions_of(JobGraph()), IsEmpty()); }

}  // namespace
}  // namespace lymer::runtime
