// The message that says which checkpoint of a job is true; it is committed in one transaction with
// the job's output (kafka/FORMAT.md).
//
// Not here: the topic that it is in (kafka/commit_topic.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/stream_element.h"

namespace lymer::kafka {

struct CommitRecord {
  runtime::Epoch epoch{0};
  std::string checkpoint;  // The name of its directory; empty: the job has begun and has none yet.
  friend bool operator==(const CommitRecord&, const CommitRecord&) = default;
};

[[nodiscard]] std::string encode(const CommitRecord& record);
// Returns kCorrupt for what encode() did not write, kUnsupported for what a newer version did.
[[nodiscard]] Result<CommitRecord> decode_commit_record(std::string_view bytes);

}  // namespace lymer::kafka
