// A place in the store for each client, and a way to wake it.
// Not here: when the store grows (server/kept_results.cc).
#include "server/api/result_followers.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/text.h"
#include "server/api/result_text.h"

namespace lymer::server {
namespace {

using http::BodySource;
using results::ResultKind;
using results::ResultTotals;

// A sign of life comes with each wait that lasts as long as waits do.
constexpr double kSilentSeconds = static_cast<double>(BodySource::kShortestWaitMillis) / 1000 - 1;
// So many are woken at a time: beside a crowd others have their turn.
constexpr std::size_t kWokenTogether = 100;
constexpr int kRetryMillis = 2000;

const char* name_of(ResultKind kind) {
  if (kind == ResultKind::kTimeout) return "timeout";
  return kind == ResultKind::kLate ? "late" : "match";
}

}  // namespace

// A client that may be waiting. What wakes it is called outside of all locks but its own.
struct Follower {
  void wake() {
    if (!is_waiting.exchange(false)) return;
    const std::lock_guard lock(mutex);
    if (on_ready) on_ready();
  }

  std::atomic<bool> is_waiting = false;
  std::mutex mutex;
  std::function<void()> on_ready;
};

struct ResultFollowers::Waiting {
  std::mutex mutex;
  std::set<std::shared_ptr<Follower>> all;
};

class ResultFollowers::Body final : public BodySource {
 public:
  Body(const ResultFollowers& followers, std::shared_ptr<Follower> self, FollowRequest request)
      : store_(followers.store_),
        clock_(followers.clock_),
        waiting_(followers.waiting_),
        self_(std::move(self)),
        request_(std::move(request)),
        after_(request_.after.value_or(store_.totals(request_.kind).next - 1)) {}
  ~Body() override {
    const std::lock_guard lock(waiting_->mutex);
    waiting_->all.erase(self_);
  }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  Body(Body&&) = delete;
  Body& operator=(Body&&) = delete;

  Step next(std::string& out) override {
    // Before it looks: what comes behind the look wakes it.
    self_->is_waiting = true;
    if (!std::exchange(has_begun_, true)) {
      append_text(out, "retry: {}\nid: {}\n\n", kRetryMillis, after_);
    }
    append_gap(out);
    const auto found = store_.follow(request_.kind, request_.filter, after_);
    if (!found) {
      append_text(out, "event: error\ndata: {{\"detail\":\"the results cannot be read\"}}\n\n");
      return Step::kEnd;
    }
    const bool has_moved = after_ != found->last;
    after_ = found->last;
    for (const results::StoredResult& each : found->items) {
      append_text(out, "id: {}\nevent: {}\ndata: ", each.sequence, name_of(each.kind));
      append_result(out, each, request_.with_events);
      out += "\n\n";
    }
    const double now = clock_.monotonic_seconds();
    if (out.empty() && now - last_sent_ >= kSilentSeconds) {
      append_text(out, ": nothing new\nid: {}\n\n", after_);
    }
    if (!out.empty()) last_sent_ = now;
    return has_moved ? Step::kPiece : Step::kWait;
  }

  void on_ready(const std::function<void()>& wake) override {
    const std::lock_guard lock(self_->mutex);
    self_->on_ready = wake;
  }

  void say_goodbye(std::string& out) override {
    append_text(out, "event: bye\ndata: {{}}\nid: {}\n\n", after_);
  }

 private:
  // What was removed before the client had it; or its place is of another store.
  void append_gap(std::string& out) {
    const ResultTotals totals = store_.totals(request_.kind);
    const bool is_ahead = after_ >= totals.next;
    if (!is_ahead && after_ + 1 >= totals.first) return;
    const std::uint64_t before = std::exchange(after_, totals.first - 1);
    if (before == 0) return;  // It has asked for all that there is.
    append_text(out, "event: gap\ndata: {{\"after\":\"{}\",\"first\":\"{}\"}}\nid: {}\n\n", before,
                totals.first, after_);
  }

  const results::ResultStore& store_;
  const Clock& clock_;
  const std::shared_ptr<Waiting> waiting_;
  const std::shared_ptr<Follower> self_;
  const FollowRequest request_;
  std::uint64_t after_;
  bool has_begun_ = false;
  double last_sent_ = 0;
};

ResultFollowers::ResultFollowers(const results::ResultStore& store, const Clock& clock,
                                 std::size_t most)
    : store_(store), clock_(clock), most_(most), waiting_(std::make_shared<Waiting>()) {}

std::unique_ptr<BodySource> ResultFollowers::follow(FollowRequest request) {
  auto self = std::make_shared<Follower>();
  {
    const std::lock_guard lock(waiting_->mutex);
    if (waiting_->all.size() >= most_) return nullptr;
    waiting_->all.insert(self);
  }
  return std::make_unique<Body>(*this, std::move(self), std::move(request));
}

void ResultFollowers::wake(const std::function<void()>& pause) {
  std::vector<std::shared_ptr<Follower>> all;
  {
    const std::lock_guard lock(waiting_->mutex);
    all.assign(waiting_->all.begin(), waiting_->all.end());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && i % kWokenTogether == 0) pause();
    all[i]->wake();
  }
}

std::size_t ResultFollowers::count() const {
  const std::lock_guard lock(waiting_->mutex);
  return waiting_->all.size();
}

}  // namespace lymer::server
