// Runs an operator over the same input in six ways and holds its output against one expectation.
//
//   verify(make_sorter, {.input = schema, .outputs = {{kMainPort, schema}}})
//       .input({at(5, {"a"}), at(3, {"b"}), watermark(4)})
//       .expect({R"(@3 {"k":"b"})", "watermark 4"});
//
// The ways: one event a batch; adjacent events in one batch; with a snapshot after each input; each
// input given to a fresh instance restored from such a snapshot; with a collector that refuses
// every other emission; with two snapshots after each input and a twin, all of whose bytes must be
// equal. An operator with keyed state is run once more in each way with its state in a database,
// where the twin and every other restored instance have it in memory: bytes must be the same.
// An operator that needs another treatment in one of them is wrong, so nothing can be left out.
// After the operator tests of Hazelcast Jet.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/operator.h"
#include "tests/support/events.h"

namespace lymer::support {

// A processing-time timer.
struct TimerInput {
  EventTime now;
};
using Input = std::variant<EventDraft, runtime::StreamElement, TimerInput>;

[[nodiscard]] Input watermark(std::int64_t millis);
[[nodiscard]] Input last_watermark();
[[nodiscard]] Input end_of_input();
[[nodiscard]] Input timer(std::int64_t millis);
[[nodiscard]] Input mark(runtime::StreamElement element);

using OperatorMaker = std::function<std::unique_ptr<runtime::Operator>()>;

// What the rows look like that go in and come out.
struct Layout {
  // Further inputs, whose events say so by their schema: 1 for the first of these, and so on.
  struct Input {
    runtime::SchemaRef schema;
    std::vector<runtime::Slot> key = {};
  };
  runtime::SchemaRef input;
  std::vector<runtime::Slot> key = {};  // Events get this key, as if behind key_by; none if empty.
  std::map<runtime::Port, runtime::SchemaRef> outputs;
  std::vector<Input> others = {};
};

// Lines as lines_of() writes them.
using Lines = std::vector<std::string>;
using PortLines = std::map<runtime::Port, Lines>;

class OperatorVerification {
 public:
  OperatorVerification(OperatorMaker make, Layout layout)
      : make_(std::move(make)), layout_(std::move(layout)) {}

  OperatorVerification& input(std::vector<Input> inputs);

  // Runs all ways; each that differs fails the test under its name. Ports that are not named must
  // stay silent.
  void expect(Lines main, PortLines others = {}) const;

  // As expect(), but lists what is wrong.
  [[nodiscard]] std::vector<std::string> failures(Lines main, PortLines others = {}) const;

 private:
  OperatorMaker make_;
  Layout layout_;
  std::vector<Input> inputs_;
};

[[nodiscard]] inline OperatorVerification verify(OperatorMaker make, Layout layout) {
  return OperatorVerification(std::move(make), std::move(layout));
}

}  // namespace lymer::support
