// Hands all calls on to what it opened.
// Not here: files.
#include "server/reopened_source.h"

#include <utility>

namespace lymer::server {
namespace {

using runtime::EventSource;
using Open = std::function<Result<std::unique_ptr<EventSource>>()>;

class ReopenedSource final : public EventSource {
 public:
  explicit ReopenedSource(Open open) : open_(std::move(open)) {}

  Result<void> open(const runtime::OperatorContext& context) override {
    LYMER_ASSIGN_OR_RETURN(source_, open_());
    return source_->open(context);
  }
  void update_metrics() override {
    if (source_ != nullptr) source_->update_metrics();
  }
  Result<runtime::SourceState> step(runtime::Collector& out) override { return source_->step(out); }
  runtime::SourceState flush(runtime::Collector& out) override { return source_->flush(out); }
  void finish(bool drains) override { source_->finish(drains); }
  void on_barrier(runtime::Epoch epoch) override { source_->on_barrier(epoch); }
  void on_checkpoint_complete(runtime::Epoch epoch) override {
    if (source_ != nullptr) source_->on_checkpoint_complete(epoch);
  }
  Result<void> snapshot(runtime::StateSnapshot& state) const override {
    return source_->snapshot(state);
  }
  Result<void> restore(const runtime::StateSnapshot& state) override {
    return source_->restore(state);
  }
  EventTime watermark() const override {
    return source_ == nullptr ? EventTime::min() : source_->watermark();
  }

 private:
  Open open_;
  std::unique_ptr<EventSource> source_;  // Since open().
};

}  // namespace

runtime::SourceMaker reopened_source(std::unique_ptr<EventSource> first, Open open) {
  return [first = std::make_shared<std::unique_ptr<EventSource>>(std::move(first)),
          open = std::move(open)](const runtime::SourceShare&) -> std::unique_ptr<EventSource> {
    if (*first != nullptr) return std::move(*first);
    return std::make_unique<ReopenedSource>(open);
  };
}

}  // namespace lymer::server
