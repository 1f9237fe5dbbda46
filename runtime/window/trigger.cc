// The triggers of Flink's own: EventTimeTrigger, ProcessingTimeTrigger, CountTrigger,
// ContinuousEventTimeTrigger, NeverTrigger, PurgingTrigger.
// Not here: a user's own, which derives from Trigger.
#include "runtime/window/trigger.h"

#include <algorithm>
#include <utility>

namespace lymer::runtime {
namespace {

class AtEnd final : public Trigger {
 public:
  explicit AtEnd(TimeDomain domain) : domain_(domain) {}

  TriggerResult on_event(const EventView&, const Window& window, TriggerContext& context) override {
    const bool has_ended =
        domain_ == TimeDomain::kEventTime && window.max_timestamp() <= context.watermark();
    if (has_ended) return TriggerResult::kFire;  // A late one.
    context.set_timer(domain_, window.max_timestamp());
    return TriggerResult::kContinue;
  }
  TriggerResult on_time(TimeDomain domain, EventTime time, const Window& window,
                        TriggerContext&) override {
    const bool is_end = domain == domain_ && time == window.max_timestamp();
    return is_end ? TriggerResult::kFire : TriggerResult::kContinue;
  }
  void on_merge(const Window& window, TriggerContext& context) override {
    const bool has_ended =
        domain_ == TimeDomain::kEventTime && window.max_timestamp() <= context.watermark();
    if (!has_ended) context.set_timer(domain_, window.max_timestamp());
  }
  void clear(const Window& window, TriggerContext& context) override {
    context.remove_timer(domain_, window.max_timestamp());
  }

 private:
  TimeDomain domain_;
};

class EachCount final : public Trigger {
 public:
  explicit EachCount(std::int64_t count) : count_(count) {}

  TriggerResult on_event(const EventView&, const Window&, TriggerContext& context) override {
    const std::int64_t number = context.number().value_or(0) + 1;
    if (number < count_) {
      context.set_number(number);
      return TriggerResult::kContinue;
    }
    context.clear_number();
    return TriggerResult::kFire;
  }
  TriggerResult on_time(TimeDomain, EventTime, const Window&, TriggerContext&) override {
    return TriggerResult::kContinue;
  }

 private:
  std::int64_t count_;
};

// The window's number is the time for which a timer is set.
class EachInterval final : public Trigger {
 public:
  EachInterval(TimeDomain domain, Duration interval)
      : domain_(domain), interval_(std::max(interval, Duration::millis(1))) {}

  TriggerResult on_event(const EventView& event, const Window& window,
                         TriggerContext& context) override {
    if (domain_ == TimeDomain::kEventTime && window.max_timestamp() <= context.watermark()) {
      return TriggerResult::kFire;
    }
    context.set_timer(domain_, window.max_timestamp());
    if (!context.number()) {
      const bool by_clock = domain_ == TimeDomain::kProcessingTime;
      const EventTime now = by_clock ? context.processing_time() : event.header.time;
      set_next(window_start(now, interval_, {}) + interval_, window, context);
    }
    return TriggerResult::kContinue;
  }
  TriggerResult on_time(TimeDomain domain, EventTime time, const Window& window,
                        TriggerContext& context) override {
    if (domain != domain_) return TriggerResult::kContinue;
    if (time == window.max_timestamp()) return TriggerResult::kFire;
    if (context.number() != time.to_millis()) return TriggerResult::kContinue;
    set_next(time + interval_, window, context);
    return TriggerResult::kFire;
  }
  // What comes first.
  [[nodiscard]] std::int64_t merge_numbers(std::int64_t one, std::int64_t other) const override {
    return std::min(one, other);
  }
  void on_merge(const Window& window, TriggerContext& context) override {
    if (domain_ == TimeDomain::kProcessingTime || window.max_timestamp() > context.watermark()) {
      context.set_timer(domain_, window.max_timestamp());
    }
    if (const auto next = context.number()) {
      context.set_timer(domain_, EventTime::from_millis(*next));
    }
  }
  void clear(const Window& window, TriggerContext& context) override {
    context.remove_timer(domain_, window.max_timestamp());
    if (const auto next = context.number()) {
      context.remove_timer(domain_, EventTime::from_millis(*next));
    }
  }

 private:
  void set_next(EventTime time, const Window& window, TriggerContext& context) {
    // At the end of a stream a window without end would go on for ever.
    if (window.is_global() && context.watermark() == EventTime::max()) {
      context.clear_number();
      return;
    }
    const EventTime next = std::min(time, window.max_timestamp());
    context.set_number(next.to_millis());
    context.set_timer(domain_, next);
  }

  TimeDomain domain_;
  Duration interval_;
};

class Never final : public Trigger {
 public:
  TriggerResult on_event(const EventView&, const Window&, TriggerContext&) override {
    return TriggerResult::kContinue;
  }
  TriggerResult on_time(TimeDomain, EventTime, const Window&, TriggerContext&) override {
    return TriggerResult::kContinue;
  }
};

class Purging final : public Trigger {
 public:
  explicit Purging(std::unique_ptr<Trigger> inner) : inner_(std::move(inner)) {}

  TriggerResult on_event(const EventView& event, const Window& window,
                         TriggerContext& context) override {
    return with_purge(inner_->on_event(event, window, context));
  }
  TriggerResult on_time(TimeDomain domain, EventTime time, const Window& window,
                        TriggerContext& context) override {
    return with_purge(inner_->on_time(domain, time, window, context));
  }
  [[nodiscard]] std::int64_t merge_numbers(std::int64_t one, std::int64_t other) const override {
    return inner_->merge_numbers(one, other);
  }
  void on_merge(const Window& window, TriggerContext& context) override {
    inner_->on_merge(window, context);
  }
  void clear(const Window& window, TriggerContext& context) override {
    inner_->clear(window, context);
  }

 private:
  static TriggerResult with_purge(TriggerResult result) {
    return fires(result) ? TriggerResult::kFireAndPurge : result;
  }

  std::unique_ptr<Trigger> inner_;
};

}  // namespace

std::unique_ptr<Trigger> at_end(TimeDomain domain) { return std::make_unique<AtEnd>(domain); }

std::unique_ptr<Trigger> each_count(std::int64_t count) {
  return std::make_unique<EachCount>(count);
}

std::unique_ptr<Trigger> each_interval(TimeDomain domain, Duration interval) {
  return std::make_unique<EachInterval>(domain, interval);
}

std::unique_ptr<Trigger> never() { return std::make_unique<Never>(); }

std::unique_ptr<Trigger> purging(std::unique_ptr<Trigger> inner) {
  return std::make_unique<Purging>(std::move(inner));
}

}  // namespace lymer::runtime
