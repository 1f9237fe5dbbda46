// Graphs that can run and graphs that cannot.
// Not here: chains (tests/runtime/graph/job_graph_test.cc).
#include "runtime/graph/stream_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

StreamNode source(const std::string& name) {
  return {.name = name, .uid = "", .source = [](const SourceShare&) { return nullptr; }};
}

StreamNode op(const std::string& name, const std::string& uid = "") {
  return {.name = name, .uid = uid, .op = [](const SourceShare&) { return nullptr; }};
}

void connect(StreamGraph& graph, NodeId from, NodeId to) {
  graph.connect({from, kMainPort, to, std::nullopt});
}

std::string complaint(const StreamGraph& graph) {
  const auto checked = graph.check();
  return checked ? "" : checked.error().message;
}

TEST(StreamGraph, ListsNodesBehindTheirInputs) {
  StreamGraph graph;
  const NodeId last = graph.add(op("last"));
  const NodeId first = graph.add(source("first"));
  const NodeId other = graph.add(source("other"));
  const NodeId middle = graph.add(op("middle"));
  connect(graph, middle, last);
  connect(graph, other, last);
  connect(graph, first, middle);
  EXPECT_EQ(complaint(graph), "");
  EXPECT_THAT(graph.sorted(), ElementsAre(first, other, middle, last));
}

TEST(StreamGraph, GivesUidsToThoseThatHaveNone) {
  StreamGraph graph;
  const NodeId first = graph.add(source("numbers"));
  const NodeId second = graph.add(op("sum", "my-sum"));
  EXPECT_EQ(graph.at(first).uid, "numbers-0");
  EXPECT_EQ(graph.at(second).uid, "my-sum");
  const NodeId third = graph.add(op("sum"));
  const NodeId fourth = graph.add(op("numbers"));
  EXPECT_EQ(graph.at(third).uid, "sum-0") << "whatever other nodes there are";
  EXPECT_EQ(graph.at(fourth).uid, "numbers-1");
}

TEST(StreamGraph, SaysWhatIsWrong) {
  StreamGraph empty;
  EXPECT_THAT(complaint(empty), HasSubstr("without a source"));

  StreamGraph alone;
  alone.add(op("sum"));
  EXPECT_THAT(complaint(alone), HasSubstr("`sum` has no input"));

  StreamGraph fed;
  const NodeId one = fed.add(source("one"));
  const NodeId two = fed.add(source("two"));
  connect(fed, one, two);
  EXPECT_THAT(complaint(fed), HasSubstr("`two` has an input"));

  StreamGraph twins;
  const NodeId from = twins.add(source("from"));
  connect(twins, from, twins.add(op("a", "same")));
  connect(twins, from, twins.add(op("b", "same")));
  EXPECT_THAT(complaint(twins), HasSubstr("`a` and `b` have the uid `same`"));

  StreamGraph strange;
  StreamNode both = source("both");
  both.op = op("").op;
  strange.add(both);
  EXPECT_THAT(complaint(strange), HasSubstr("`both` is a source and an operator"));

  StreamGraph hollow;
  connect(hollow, hollow.add(source("from")), hollow.add({.name = "none", .uid = ""}));
  EXPECT_THAT(complaint(hollow), HasSubstr("`none` is neither"));

  StreamGraph torn;
  connect(torn, torn.add(source("from")), NodeId(7));
  EXPECT_THAT(complaint(torn), HasSubstr("a node that is not in the graph"));

  StreamGraph wide;
  StreamNode many = source("many");
  many.parallelism = 129;
  wide.add(many);
  EXPECT_THAT(complaint(wide), HasSubstr("parallelism of 129"));
}

TEST(StreamGraph, RefusesCircles) {
  StreamGraph graph;
  const NodeId from = graph.add(source("from"));
  const NodeId one = graph.add(op("one"));
  const NodeId two = graph.add(op("two"));
  connect(graph, from, one);
  connect(graph, one, two);
  connect(graph, two, one);
  EXPECT_THAT(complaint(graph), HasSubstr("`one` is on a circle"));
}

}  // namespace
}  // namespace lymer::runtime
