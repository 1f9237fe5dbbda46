// The evictors of Flink's own: CountEvictor, TimeEvictor, DeltaEvictor.
// Not here: a user's own, which derives from Evictor.
#include "runtime/window/evictor.h"

#include <algorithm>
#include <utility>

namespace lymer::runtime {
namespace {

// One rule, before or behind the function.
class RuleEvictor final : public Evictor {
 public:
  using Rule = std::function<void(std::vector<WindowEvent>&)>;
  RuleEvictor(EvictWhen when, Rule rule) : when_(when), rule_(std::move(rule)) {}

  void evict_before(std::vector<WindowEvent>& events) override {
    if (when_ == EvictWhen::kBefore && !events.empty()) rule_(events);
  }
  void evict_after(std::vector<WindowEvent>& events) override {
    if (when_ == EvictWhen::kAfter && !events.empty()) rule_(events);
  }

 private:
  EvictWhen when_;
  Rule rule_;
};

}  // namespace

std::unique_ptr<Evictor> keep_last(std::size_t count, EvictWhen when) {
  return std::make_unique<RuleEvictor>(when, [count](std::vector<WindowEvent>& events) {
    if (events.size() <= count) return;
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(count));
  });
}

std::unique_ptr<Evictor> keep_recent(Duration span, EvictWhen when) {
  return std::make_unique<RuleEvictor>(when, [span](std::vector<WindowEvent>& events) {
    const EventTime latest = std::ranges::max(events, {}, &WindowEvent::time).time;
    std::erase_if(events, [&](const WindowEvent& each) { return each.time <= latest - span; });
  });
}

std::unique_ptr<Evictor> keep_near(double threshold, EventDistance distance, EvictWhen when) {
  return std::make_unique<RuleEvictor>(
      when, [threshold, distance = std::move(distance)](std::vector<WindowEvent>& events) {
        const WindowEvent last = events.back();
        std::erase_if(events,
                      [&](const WindowEvent& each) { return distance(each, last) >= threshold; });
      });
}

}  // namespace lymer::runtime
