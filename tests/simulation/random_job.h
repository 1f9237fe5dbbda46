// A random job over two random streams: keyed counts, windows, timers, a pattern, joins, each to a
// topic of its own. All of it follows from the seed.
//
// Not here: where topics go, and what becomes of the job (tests/simulation/simulation.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/schema.h"
#include "runtime/stream/stream.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/planted.h"
#include "tests/simulation/split_source.h"
#include "tests/simulation/transactional_log.h"

namespace lymer::simulation {

enum class Part : std::uint8_t { kCounts, kWindows, kTimers, kPattern, kWindowJoin, kIntervalJoin };

struct Topic {
  std::string name;
  Part part = Part::kCounts;
  // The lines of a key have one order, whatever the parallelism.
  bool is_ordered = true;
};

class RandomJob {
 public:
  explicit RandomJob(std::uint64_t seed);

  using MakeSink = std::function<SinkMaker(const Topic& topic, const runtime::SchemaRef& schema)>;
  // Builds it. Sources draw from `chance`, which like the job itself must outlive the stream job.
  void build(runtime::StreamJob& job, const MakeSink& make_sink, Chance& chance, Planted planted);

  [[nodiscard]] const std::vector<Topic>& topics() const noexcept { return topics_; }

 private:
  [[nodiscard]] Splits make_splits(Chance& chance, const std::string& name, std::uint32_t first);
  [[nodiscard]] runtime::Stream add_part(Part part, const runtime::Stream& left,
                                         const runtime::Stream& right) const;

  std::vector<Topic> topics_;
  Splits left_;
  Splits right_;
  std::int64_t users_ = 1;
  Duration window_;
  bool is_session_ = false;
};

}  // namespace lymer::simulation
