// The three graphs of one job, as text, JSON and DOT.
// Not here: graphs as such (tests/runtime/graph/job_graph_test.cc).
#include "runtime/graph/graph_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

JobGraph some_job() {
  StreamGraph graph;
  const NodeId from =
      graph.add({.name = "lines", .uid = "", .source = [](const SourceShare&) { return nullptr; }});
  const NodeId keyed =
      graph.add({.name = "key_by", .uid = "", .op = [](const SourceShare&) { return nullptr; }});
  const NodeId to = graph.add(
      {.name = "say \"hi\"", .uid = "hi", .op = [](const SourceShare&) { return nullptr; }});
  graph.connect({from, kMainPort, keyed, std::nullopt});
  graph.connect({keyed, kMainPort, to, Partitioning::kHash});
  return make_job_graph(graph, 2).value();
}

TEST(GraphPicture, WritesStreamGraphs) {
  EXPECT_EQ(to_text(picture_of(some_job().streams)),
            "stream graph\n"
            "  0 lines  -- uid lines-0\n"
            "      to 1 key_by\n"
            "  1 key_by  -- uid key_by-0\n"
            "      to 2 say \"hi\": hash\n"
            "  2 say \"hi\"  -- uid hi\n");
}

TEST(GraphPicture, WritesJobGraphsWithReasons) {
  EXPECT_EQ(to_text(picture_of(some_job())),
            "job graph\n"
            "  0 lines -> key_by  -- parallelism 2, slot-sharing group default\n"
            "      to 1 say \"hi\": hash; not chained: events are spread by hash\n"
            "  1 say \"hi\"  -- parallelism 2, slot-sharing group default\n");
  EXPECT_EQ(
      to_json(picture_of(some_job())),
      R"({"graph":"job graph","nodes":[)"
      R"({"id":0,"name":"lines -> key_by","detail":"parallelism 2, slot-sharing group default"},)"
      R"({"id":1,"name":"say \"hi\"","detail":"parallelism 2, slot-sharing group default"}],)"
      R"("edges":[{"from":0,"to":1,"label":"hash",)"
      R"("detail":"not chained: events are spread by hash"}]})"
      "\n");
}

TEST(GraphPicture, WritesExecutionGraphs) {
  EXPECT_EQ(to_dot(execution_picture(some_job())),
            "digraph \"execution graph\" {\n"
            "  rankdir=LR;\n"
            "  node [shape=box];\n"
            "  n0 [label=\"lines -> key_by (1/2)\", tooltip=\"\"];\n"
            "  n1 [label=\"lines -> key_by (2/2)\", tooltip=\"\"];\n"
            "  n2 [label=\"say \\\"hi\\\" (1/2)\", tooltip=\"\"];\n"
            "  n3 [label=\"say \\\"hi\\\" (2/2)\", tooltip=\"\"];\n"
            "  n0 -> n2 [label=\"hash\", tooltip=\"\"];\n"
            "  n0 -> n3 [label=\"hash\", tooltip=\"\"];\n"
            "  n1 -> n2 [label=\"hash\", tooltip=\"\"];\n"
            "  n1 -> n3 [label=\"hash\", tooltip=\"\"];\n"
            "}\n");
}

}  // namespace
}  // namespace lymer::runtime
