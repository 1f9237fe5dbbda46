// A stream of topics as the job's source: what rules say of it and what the user says of Kafka,
// together.
//
// Not here: reading topics (kafka/source.h), files (server/engine.cc).
#pragma once

#include <functional>
#include <memory>

#include "kafka/settings.h"
#include "rules/rule_set.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/format/decoder.h"
#include "runtime/graph/stream_graph.h"
#include "runtime/record_source.h"

namespace lymer::server {

struct TopicStream {
  rules::SourcePlan plan;
  runtime::SourceSpec spec;  // Of each partition.
  kafka::KafkaSettings settings;
  bool is_bounded = false;
  std::function<Result<std::unique_ptr<runtime::Decoder>>()> make_decoder;
};

// Requires a plan with topics. All must outlive the sources. Returns kInvalidArgument for settings
// that cannot be, kIo where no broker answers: known before the job runs.
[[nodiscard]] Result<runtime::SourceMaker> topic_source(TopicStream stream,
                                                        runtime::SourceObserver& observer,
                                                        FileSystem& files, Clock& clock);

}  // namespace lymer::server
