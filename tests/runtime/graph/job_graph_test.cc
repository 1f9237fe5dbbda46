// Which operators share a thread, and why others do not.
// Not here: streams in C++ (tests/runtime/stream/stream_test.cc).
#include "runtime/graph/job_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Plan {
 public:
  Plan() {
    from_ = graph_.add(
        {.name = "from", .uid = "", .source = [](const SourceShare&) { return nullptr; }});
    to_ = graph_.add({.name = "to", .uid = "", .op = [](const SourceShare&) { return nullptr; }});
  }
  StreamNode& from() { return graph_.at(from_); }
  StreamNode& to() { return graph_.at(to_); }
  StreamGraph& graph() { return graph_; }
  // Why the two are not chained; empty if they are.
  std::string reason(std::optional<Partitioning> how = std::nullopt, Port port = kMainPort) {
    StreamGraph graph = graph_;
    graph.connect({from_, port, to_, how});
    const JobGraph job = make_job_graph(graph, 2).value();
    return job.edges.empty() ? "" : job.edges.front().reason;
  }
  NodeId from_;
  NodeId to_;

 private:
  StreamGraph graph_;
};

TEST(JobGraph, ChainsWhatCanBeChained) {
  Plan plan;
  EXPECT_EQ(plan.reason(), "");
  plan.graph().connect({plan.from_, kMainPort, plan.to_, std::nullopt});
  const JobGraph job = make_job_graph(plan.graph(), 3).value();
  ASSERT_EQ(job.vertices.size(), 1U);
  EXPECT_EQ(job.vertices[0].name, "from -> to");
  EXPECT_EQ(job.vertices[0].parallelism, 3U);
  EXPECT_THAT(job.vertices[0].chain, ElementsAre(plan.from_, plan.to_));
}

TEST(JobGraph, SaysWhyItDoesNot) {
  EXPECT_EQ(Plan().reason(Partitioning::kHash), "events are spread by hash");
  EXPECT_EQ(Plan().reason(std::nullopt, Port(1)), "it is a side output of `from`");
  Plan plan;
  plan.to().parallelism = 5;
  EXPECT_EQ(plan.reason(), "the parallelism changes from 2 to 5");
  Plan never;
  never.from().chaining = Chaining::kNever;
  EXPECT_EQ(never.reason(), "`from` is never chained");
  Plan head;
  head.to().chaining = Chaining::kHead;
  EXPECT_EQ(head.reason(), "`to` begins a chain");
  Plan group;
  group.to().slot_group = "other";
  EXPECT_EQ(group.reason(), "they are in different slot-sharing groups");
  Plan two_outputs;
  two_outputs.graph().connect({two_outputs.from_, kMainPort, two_outputs.to_, std::nullopt});
  EXPECT_EQ(two_outputs.reason(), "`to` has several inputs");
}

TEST(JobGraph, ChainsASpreadOverOne) {
  Plan plan;
  plan.from().parallelism = plan.to().parallelism = 1;
  EXPECT_EQ(plan.reason(Partitioning::kHash), "");
}

TEST(JobGraph, DoesNotChainWhereEventsGoTwoWays) {
  Plan plan;
  const NodeId other = plan.graph().add(
      {.name = "other", .uid = "", .op = [](const SourceShare&) { return nullptr; }});
  plan.graph().connect({plan.from_, kMainPort, other, std::nullopt});
  EXPECT_EQ(plan.reason(), "`from` has several outputs");
}

TEST(JobGraph, RefusesToGoForwardToOtherNumbers) {
  Plan plan;
  plan.to().parallelism = 3;
  plan.graph().connect({plan.from_, kMainPort, plan.to_, Partitioning::kForward});
  EXPECT_THAT(make_job_graph(plan.graph(), 2).error().message,
              HasSubstr("parallelism differs: 2 and 3"));
}

TEST(JobGraph, LetsAnOperatorFollowTheOneBeforeIt) {
  Plan plan;
  plan.from().parallelism = 3;
  plan.to().follows_input = true;
  EXPECT_EQ(plan.reason(), "");
  plan.to().parallelism = 5;
  EXPECT_EQ(plan.reason(), "the parallelism changes from 3 to 5");
}

TEST(JobGraph, RefusesAJobOfNoneOrTooMany) {
  for (const std::size_t parallelism : {0U, 129U}) {
    StreamGraph graph;
    graph.add({.name = "from", .uid = "", .source = [](const SourceShare&) { return nullptr; }});
    EXPECT_EQ(make_job_graph(graph, parallelism).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(JobGraph, HandsTheErrorOfItsStreamsOn) {
  EXPECT_EQ(make_job_graph(StreamGraph(), 2).error().code, ErrorCode::kInvalidArgument);
}

TEST(JobGraph, GivesAnOperatorTheSlotGroupOfItsInputs) {
  const auto source = [](const std::string& group) {
    return StreamNode{.name = "from",
                      .uid = "",
                      .source = [](const SourceShare&) { return nullptr; },
                      .slot_group = group};
  };
  const auto groups_behind = [&](const std::string& one, const std::string& other) {
    StreamGraph graph;
    const StreamNode op{.name = "to", .uid = "", .op = [](const SourceShare&) { return nullptr; }};
    const NodeId joined = graph.add(op);  // Before its inputs, so that order is no matter.
    const NodeId behind = graph.add(op);
    graph.connect({joined, kMainPort, behind, Partitioning::kHash});
    graph.connect({graph.add(source(one)), kMainPort, joined, std::nullopt});
    graph.connect({graph.add(source(other)), kMainPort, joined, std::nullopt});
    const JobGraph job = make_job_graph(graph, 2).value();
    return job.streams.at(joined).slot_group + " " + job.streams.at(behind).slot_group;
  };
  EXPECT_EQ(groups_behind("", ""), "default default");
  EXPECT_EQ(groups_behind("a", "a"), "a a");
  EXPECT_EQ(groups_behind("a", "b"), "default default");
  EXPECT_EQ(groups_behind("a", ""), "default default");
  EXPECT_EQ(groups_behind("default", ""), "default default");
}

JobEdge edge(Partitioning how) {
  JobEdge made;
  made.partitioning = how;
  return made;
}

std::vector<std::size_t> rescaled(std::size_t subtask, std::size_t senders, std::size_t receivers) {
  return targets_of(edge(Partitioning::kRescale), subtask, senders, receivers);
}

TEST(TargetsOf, GivesEachSenderItsOwn) {
  EXPECT_THAT(rescaled(0, 2, 4), ElementsAre(0, 1));
  EXPECT_THAT(rescaled(1, 2, 4), ElementsAre(2, 3));
  EXPECT_THAT(rescaled(0, 4, 2), ElementsAre(0));
  EXPECT_THAT(rescaled(3, 4, 2), ElementsAre(1));
  EXPECT_THAT(rescaled(0, 2, 3), ElementsAre(0));
  EXPECT_THAT(rescaled(1, 2, 3), ElementsAre(1, 2));
  EXPECT_THAT(targets_of(edge(Partitioning::kForward), 1, 2, 2), ElementsAre(1));
  EXPECT_THAT(targets_of(edge(Partitioning::kHash), 1, 2, 3), ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace lymer::runtime
