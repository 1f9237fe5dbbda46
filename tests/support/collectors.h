// Collectors that write down what they are given, and refuse when they are told to.
// Not here: a collector that refuses in a pattern (tests/support/operator_harness.cc).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/operator.h"
#include "tests/support/events.h"

namespace lymer::support {

// Keeps every element as lines, by port.
class RecordingCollector final : public runtime::Collector {
 public:
  explicit RecordingCollector(runtime::SchemaRef schema = nullptr) : schema_(std::move(schema)) {}

  [[nodiscard]] bool try_emit(runtime::Port port, runtime::StreamElement& element) override {
    if (room_ == 0) {
      ++refusals_;
      return false;
    }
    --room_;
    const runtime::StreamElement taken = std::exchange(element, runtime::EventBatch{});
    for (std::string& line : lines_of(taken, schema_)) lines_[port].push_back(std::move(line));
    return true;
  }

  // Takes only so many elements from now on.
  void set_room(std::size_t elements) { room_ = elements; }
  [[nodiscard]] std::size_t refusals() const noexcept { return refusals_; }
  [[nodiscard]] const std::vector<std::string>& lines(runtime::Port port = runtime::kMainPort) {
    return lines_[port];
  }
  [[nodiscard]] std::vector<std::string> take_lines(runtime::Port port = runtime::kMainPort) {
    return std::exchange(lines_[port], {});
  }

 private:
  runtime::SchemaRef schema_;
  std::size_t room_ = static_cast<std::size_t>(-1);
  std::size_t refusals_ = 0;
  std::map<runtime::Port, std::vector<std::string>> lines_;
};

}  // namespace lymer::support
