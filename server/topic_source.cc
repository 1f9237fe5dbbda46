// One specification for all subtasks.
// Not here: threads, checkpoints.
#include "server/topic_source.h"

#include <utility>

#include "kafka/properties.h"
#include "kafka/source.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

kafka::Start start_of(const rules::TopicPlan& plan) {
  switch (plan.start) {
    case rules::TopicStart::kEarliest:
      return kafka::StartEarliest{};
    case rules::TopicStart::kLatest:
      return kafka::StartLatest{};
    case rules::TopicStart::kInstant:
      return kafka::StartAtTime{plan.instant};
    case rules::TopicStart::kCommitted:
      break;
  }
  return kafka::StartCommitted{};
}

}  // namespace

Result<runtime::SourceMaker> topic_source(TopicStream stream, runtime::SourceObserver& observer,
                                          FileSystem& files, Clock& clock) {
  LYMER_CHECK(stream.plan.topics.has_value(), "a stream that is read from elsewhere");
  const std::string& name = stream.spec.schema->name();
  if (stream.settings.brokers.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("stream `{}` reads topics: name brokers with --kafka HOST:PORT, or "
                      "kafka.brokers of a server",
                      name)};
  }
  LYMER_ASSIGN_OR_RETURN(const auto properties, kafka::Properties::parse(stream.settings));
  const auto make_consumer = [properties, &files] {
    return kafka::Consumer::make(properties, files);
  };
  LYMER_ASSIGN_OR_RETURN(const auto first, make_consumer());
  const auto reached =
      first->partitions([](const std::string&) { return false; }, stream.settings.patience);
  if (!reached) return reached.error().within(text("stream `{}`", name));
  stream.spec.metadata = stream.plan.metadata;
  kafka::TopicSourceSpec spec{.topics = {stream.plan.topics->names, stream.plan.topics->pattern},
                              .start = start_of(*stream.plan.topics),
                              .is_bounded = stream.is_bounded,
                              .patience = stream.settings.patience,
                              .stream = std::move(stream.spec),
                              .make_decoder = std::move(stream.make_decoder),
                              .make_consumer = make_consumer};
  return runtime::SourceMaker(
      [spec = std::move(spec), &observer, &clock](const runtime::SourceShare& share) {
        return std::make_unique<kafka::TopicSource>(spec, share, observer, clock);
      });
}

}  // namespace lymer::server
