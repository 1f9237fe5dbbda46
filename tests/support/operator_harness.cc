// One class for the six ways: they differ in how input is cut, in what happens after each input and
// in what the collector does. Where state is kept is told from outside.
// Not here: what operators do.
#include "tests/support/operator_harness.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/base/text.h"
#include "tests/support/state_backends.h"

namespace lymer::support {
namespace {

using runtime::EventBatch;
using runtime::Operator;
using runtime::Port;
using runtime::Progress;
using runtime::SchemaRef;
using runtime::StateSnapshot;
using runtime::StreamElement;

enum class Mode { kSingly, kInBulk, kSnapshotEach, kRestoreEach, kRefusing, kSnapshotTwice };

constexpr std::pair<Mode, const char*> kModes[] = {
    {Mode::kSingly, "one event a batch"},
    {Mode::kInBulk, "in bulk"},
    {Mode::kSnapshotEach, "snapshot after each input"},
    {Mode::kRestoreEach, "restore after each input"},
    {Mode::kRefusing, "refusing collector"},
    {Mode::kSnapshotTwice, "snapshot twice"},
};

constexpr int kMaxResumes = 100'000;

using Step = std::variant<StreamElement, TimerInput>;

std::vector<Step> cut(const std::vector<Input>& inputs, const Layout& layout, bool in_bulk) {
  std::vector<Step> steps;
  std::uint64_t offset = 0;
  bool open = false;  // The last step is a batch that may grow.
  for (const Input& input : inputs) {
    const auto* draft = std::get_if<EventDraft>(&input);
    if (draft == nullptr) {
      if (const auto* element = std::get_if<StreamElement>(&input)) steps.emplace_back(*element);
      if (const auto* timer = std::get_if<TimerInput>(&input)) steps.emplace_back(*timer);
      open = false;
      continue;
    }
    if (!open) steps.emplace_back(StreamElement(EventBatch()));
    auto& batch = std::get<EventBatch>(std::get<StreamElement>(steps.back()));
    const std::size_t number = draft->schema.value();
    const bool is_first = number == 0 || layout.others.empty();
    const SchemaRef& schema = is_first ? layout.input : layout.others.at(number - 1).schema;
    const auto& key = is_first ? layout.key : layout.others.at(number - 1).key;
    append_event(batch, schema, *draft, offset++);
    if (!key.empty()) set_key(batch, batch.size() - 1, *schema, key);
    open = in_bulk;
  }
  return steps;
}

// Writes down what comes. A refusing outlet refuses every other emission, and everything else until
// the next call of the operator, as a full channel would.
class Outlet final : public runtime::Collector {
 public:
  Outlet(const Layout& layout, bool refuses) : layout_(layout), refuses_(refuses) {}

  bool try_emit(Port port, StreamElement& element) override {
    if (full_ || (refuses_ && !std::exchange(its_turn_, false))) {
      full_ = true;
      its_turn_ = true;
      return false;
    }
    const StreamElement taken = std::exchange(element, EventBatch());
    const auto schema = layout_.outputs.find(port);
    for (std::string& line :
         lines_of(taken, schema == layout_.outputs.end() ? nullptr : schema->second)) {
      lines[port].push_back(std::move(line));
    }
    return true;
  }

  // Tells whether something was refused since the last call, and takes again.
  bool make_room() { return std::exchange(full_, false); }

  PortLines lines;

 private:
  const Layout& layout_;
  bool refuses_;
  bool its_turn_ = false;
  bool full_ = false;
};

// In memory; knows whether anybody wanted a table.
class WatchedBackend final : public runtime::StateBackend {
 public:
  std::unique_ptr<runtime::ValueTable> make_values(const runtime::WhatIsLeft& left) override {
    is_used = true;
    return runtime::memory_backend().make_values(left);
  }
  std::unique_ptr<runtime::MapTable> make_map(const runtime::WhatIsLeft& left) override {
    is_used = true;
    return runtime::memory_backend().make_map(left);
  }
  bool is_used = false;
};

class ModeRun {
 public:
  // The first instance keeps its state in `backend`, the next, and the twin, in `next_backend`, and
  // so on.
  ModeRun(const OperatorMaker& make, const Layout& layout, Mode mode,
          runtime::StateBackend& backend, runtime::StateBackend& next_backend)
      : make_(make),
        layout_(layout),
        mode_(mode),
        backend_(&backend),
        next_backend_(&next_backend),
        outlet_(layout, mode == Mode::kRefusing) {}

  // Gives what came out; stops at the first thing that is wrong.
  const PortLines& run(const std::vector<Input>& inputs) {
    op_ = make_opened();
    if (mode_ == Mode::kSnapshotTwice) twin_ = make_opened();
    const bool in_bulk = mode_ == Mode::kInBulk || mode_ == Mode::kRefusing;
    const std::vector<Step> steps = cut(inputs, layout_, in_bulk);
    look_at_state("before the first input");
    for (std::size_t i = 0; i < steps.size() && failure_.empty(); ++i) {
      const std::string place = text("at input {}", i);
      settle(*op_, give(*op_, steps[i], outlet_), outlet_, place);
      if (twin_) settle(*twin_, give(*twin_, steps[i], twin_outlet_), twin_outlet_, place);
      if (failure_.empty()) look_at_state(place);
    }
    if (const auto closed = op_->close(); !closed) fail("close", closed.error().to_string());
    return outlet_.lines;
  }

  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  std::unique_ptr<Operator> make_opened() {
    auto made = make_();
    const auto opened = made->open(runtime::OperatorContext{"under_test", clock_, *backend_});
    std::swap(backend_, next_backend_);
    if (!opened) fail("open", opened.error().to_string());
    return made;
  }

  void fail(const std::string& place, const std::string& what) {
    if (failure_.empty()) failure_ = place + ": " + what;
  }

  static Result<Progress> give(Operator& op, const Step& step, Outlet& outlet) {
    if (const auto* timer = std::get_if<TimerInput>(&step)) return op.on_timer(timer->now, outlet);
    StreamElement element = std::get<StreamElement>(step);
    if (auto* batch = std::get_if<EventBatch>(&element)) {
      return op.on_batch(std::move(*batch), outlet);
    }
    if (const auto* rise = std::get_if<runtime::Watermark>(&element)) {
      return op.on_watermark(rise->time, outlet);
    }
    if (std::holds_alternative<runtime::EndOfInput>(element)) return op.on_end_of_input(outlet);
    return op.on_mark(std::move(element), outlet);
  }

  // Resumes until the operator is done; its answers must fit what the collector did.
  void settle(Operator& op, Result<Progress> progress, Outlet& outlet, const std::string& place) {
    for (int resumes = 0; resumes < kMaxResumes; ++resumes) {
      if (!progress) return fail(place, progress.error().to_string());
      const bool refused = outlet.make_room();
      if (*progress == Progress::kDone) {
        if (refused) fail(place, "answered kDone although its output was refused");
        return;
      }
      if (!refused) return fail(place, "answered kBlocked although nothing was refused");
      progress = op.resume(outlet);
    }
    fail(place, "is not done however often it is resumed");
  }

  std::vector<std::byte> snapshot_of(const Operator& op, const std::string& place) {
    StateSnapshot state;
    if (const auto written = op.snapshot(state); !written) {
      fail(place, "snapshot: " + written.error().to_string());
    }
    std::vector<std::byte> bytes = state.serialize();
    const auto parsed = StateSnapshot::deserialize(bytes);
    if (!parsed || *parsed != state) fail(place, "the snapshot does not come back from its bytes");
    return bytes;
  }

  void look_at_state(const std::string& place) {
    if (mode_ != Mode::kSnapshotEach && mode_ != Mode::kRestoreEach &&
        mode_ != Mode::kSnapshotTwice) {
      return;
    }
    const std::vector<std::byte> bytes = snapshot_of(*op_, place);
    if (mode_ == Mode::kSnapshotTwice) {
      if (snapshot_of(*op_, place) != bytes) fail(place, "a second snapshot has other bytes");
      if (snapshot_of(*twin_, place) != bytes) fail(place, "a twin's snapshot has other bytes");
    }
    if (mode_ == Mode::kRestoreEach && failure_.empty()) restore(bytes, place);
  }

  void restore(const std::vector<std::byte>& bytes, const std::string& place) {
    auto fresh = make_opened();
    const StateSnapshot state = StateSnapshot::deserialize(bytes).value();
    if (const auto restored = fresh->restore(state); !restored) {
      return fail(place, "restore: " + restored.error().to_string());
    }
    op_ = std::move(fresh);
    if (snapshot_of(*op_, place) != bytes) fail(place, "what was restored has another snapshot");
  }

  const OperatorMaker& make_;
  const Layout& layout_;
  Mode mode_;
  runtime::StateBackend* backend_;
  runtime::StateBackend* next_backend_;
  ManualClock clock_{EventTime{}};
  Outlet outlet_;
  Outlet twin_outlet_{layout_, false};
  std::unique_ptr<Operator> op_;
  std::unique_ptr<Operator> twin_;
  std::string failure_;
};

std::string joined(const Lines& lines) {
  std::string all;
  for (const std::string& line : lines) all += "\n    " + line;
  return all.empty() ? "\n    (nothing)" : all;
}

void compare(const PortLines& expected, const PortLines& actual, const std::string& mode,
             std::vector<std::string>& failures) {
  std::map<Port, std::pair<Lines, Lines>> sides;
  for (const auto& [port, lines] : expected) sides[port].first = lines;
  for (const auto& [port, lines] : actual) sides[port].second = lines;
  for (const auto& [port, both] : sides) {
    if (both.first == both.second) continue;
    failures.push_back(text("{}: port {} gave{}\n  instead of{}", mode, port.value(),
                            joined(both.second), joined(both.first)));
  }
}

}  // namespace

Input watermark(std::int64_t millis) { return StreamElement(runtime::Watermark{ms(millis)}); }
Input last_watermark() { return StreamElement(runtime::Watermark{EventTime::max()}); }
Input end_of_input() { return StreamElement(runtime::EndOfInput{}); }
Input timer(std::int64_t millis) { return TimerInput{ms(millis)}; }
Input mark(StreamElement element) { return element; }

OperatorVerification& OperatorVerification::input(std::vector<Input> inputs) {
  inputs_ = std::move(inputs);
  return *this;
}

std::vector<std::string> OperatorVerification::failures(Lines main, PortLines others) const {
  others[runtime::kMainPort] = std::move(main);
  std::vector<std::string> failures;
  const auto verify_mode = [&](Mode mode, const std::string& name, runtime::StateBackend& backend,
                               runtime::StateBackend& next) {
    ModeRun run(make_, layout_, mode, backend, next);
    const PortLines& lines = run.run(inputs_);
    if (!run.failure().empty()) failures.push_back(text("{}: {}", name, run.failure()));
    compare(others, lines, name, failures);
  };
  WatchedBackend memory;
  for (const auto& [mode, name] : kModes) verify_mode(mode, name, memory, memory);
  if (!memory.is_used) return failures;
  runtime::StateBackend& database = shared_backend(BackendKind::kRocks);
  for (const auto& [mode, name] : kModes) {
    verify_mode(mode, text("{}, in a database", name), database, memory);
  }
  return failures;
}

void OperatorVerification::expect(Lines main, PortLines others) const {
  for (const std::string& failure : failures(std::move(main), std::move(others))) {
    ADD_FAILURE() << failure;
  }
}

}  // namespace lymer::support
