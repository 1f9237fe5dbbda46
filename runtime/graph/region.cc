// Vertices are joined along edges; what is left apart is a region.
// Not here: what an edge does.
#include "runtime/graph/region.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <optional>

#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

// Sets of vertices, each known by its first one.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  [[nodiscard]] std::size_t first_of(std::size_t vertex) const {
    while (parent_[vertex] != vertex) vertex = parent_[vertex];
    return vertex;
  }
  void join(std::size_t one, std::size_t other) {
    const std::size_t first = first_of(one);
    const std::size_t second = first_of(other);
    parent_[std::max(first, second)] = std::min(first, second);
  }

 private:
  std::vector<std::size_t> parent_;
};

void join_bound(const JobGraph& graph, const std::vector<std::vector<std::string>>& bound,
                Sets& sets) {
  for (const std::vector<std::string>& uids : bound) {
    std::optional<std::size_t> before;
    for (std::size_t vertex = 0; vertex < graph.vertices.size(); ++vertex) {
      const bool is_of = std::ranges::any_of(graph.vertices[vertex].chain, [&](NodeId id) {
        return std::ranges::find(uids, graph.streams.at(id).uid) != uids.end();
      });
      if (!is_of) continue;
      if (before) sets.join(*before, vertex);
      before = vertex;
    }
  }
}

}  // namespace

std::vector<Region> regions_of(const JobGraph& graph,
                               const std::vector<std::vector<std::string>>& bound) {
  Sets sets(graph.vertices.size());
  for (const JobEdge& each : graph.edges) sets.join(each.from, each.to);
  join_bound(graph, bound, sets);
  std::vector<Region> regions;
  std::map<std::size_t, std::size_t> region_of;  // By a set's first vertex.
  std::vector<std::size_t> number;               // Of each vertex, in its region.
  std::map<std::string, std::size_t> seen;
  for (std::size_t vertex = 0; vertex < graph.vertices.size(); ++vertex) {
    const auto [at, is_new] = region_of.try_emplace(sets.first_of(vertex), regions.size());
    if (is_new) regions.push_back({{graph.streams, {}, {}}});
    JobGraph& part = regions[at->second].graph;
    number.push_back(part.vertices.size());
    part.vertices.push_back(graph.vertices[vertex]);
    std::string& name = part.vertices.back().name;
    if (const std::size_t count = ++seen[name]; count > 1) name = text("{} #{}", name, count);
  }
  for (const JobEdge& each : graph.edges) {
    JobEdge edge = each;
    edge.from = number[each.from];
    edge.to = number[each.to];
    regions[region_of.at(sets.first_of(each.from))].graph.edges.push_back(std::move(edge));
  }
  return regions;
}

}  // namespace lymer::runtime
