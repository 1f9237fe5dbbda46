// How many things happened when: equal pieces of time of a round length.
//
// Not here: what is counted (server/cli/backtest.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/time.h"

namespace lymer::server {

struct Histogram {
  Duration width = Duration::seconds(1);
  EventTime begin = {};             // Of the first piece, a multiple of the width.
  std::vector<std::size_t> counts;  // From the first thing to the last; empty without any.
};

// At most `most` pieces, as far as lengths of up to a thousand years do.
[[nodiscard]] Histogram histogram_of(const std::vector<EventTime>& times, std::size_t most = 24);

// A line for each piece: its beginning, its count, a bar. Pieces without anything in a row are told
// once.
[[nodiscard]] std::string to_text(const Histogram& histogram);

}  // namespace lymer::server
