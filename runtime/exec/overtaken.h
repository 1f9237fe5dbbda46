// What a barrier has overtaken: the elements that stood in channels, as part of a checkpoint
// (Flink: channel state).
//
//   snapshot.parts.push_back({overtaken_uid("window"), subtask, ...});   // encode_overtaken()
//   deal_overtaken(found, {{edge, Partitioning::kHash}}, share);         // After a restart.
//
// The bytes are in checkpoint/FORMAT.md. Not here: overtaking (runtime/exec/input_gate.h,
// runtime/exec/exchange.h), giving back (runtime/exec/restored_input.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/exec/channel_id.h"
#include "runtime/source_share.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

// What one end of a channel had of it, in order.
struct OvertakenChannel {
  ChannelId channel;
  bool is_output = false;  // Had not left the sender; otherwise what the receiver had not taken.
  // The channel's watermark before the elements, and whether it was idle; of inputs only.
  EventTime time = EventTime::min();
  bool is_idle = false;
  std::vector<StreamElement> elements;  // Batches, watermarks, idle marks, control records.
};

// Adds the element if it is one to keep. Barriers and latency markers are not; the end of input,
// which is the last that a channel carries, is sent again.
void keep_overtaken(const StreamElement& element, std::vector<StreamElement>& elements);

// Counts the bytes of batches.
[[nodiscard]] std::uint64_t overtaken_bytes(std::span<const OvertakenChannel> channels);

[[nodiscard]] std::vector<std::byte> encode_overtaken(std::span<const OvertakenChannel> channels);
// Returns kCorrupt, or kUnsupported for what a newer version wrote.
[[nodiscard]] Result<std::vector<OvertakenChannel>> decode_overtaken(
    std::span<const std::byte> bytes);

// Under which uid and which name the checkpoint has what the task with this operator at its head
// had of its channels.
inline constexpr std::string_view kOvertakenName = "channels";
[[nodiscard]] std::string overtaken_uid(std::string_view head);
// The operator of such a uid; nothing for other uids.
[[nodiscard]] std::optional<std::string_view> head_of_overtaken(std::string_view uid);

// Finds what was overtaken on the way to an operator: inputs first. None if there is nothing; good
// as long as the function.
using FindOvertaken = std::function<const std::vector<OvertakenChannel>*(const std::string& uid)>;

// An edge by which the operator is reached now; none in a chain.
struct EdgeNow {
  EdgeId edge;
  Partitioning partitioning = Partitioning::kForward;
};

// Gives what of `found` is this subtask's. Where the operator has as many subtasks as before, each
// has its own again. Otherwise events go by key where they did and do; those of an edge on which
// any subtask will do stay together with their channel. Returns kInvalidArgument, naming the
// operator, for an edge that the job does not have, and where the parallelism has changed behind
// events that are broadcast or spread by a function: whose they are now nobody can say.
[[nodiscard]] Result<std::vector<OvertakenChannel>> deal_overtaken(
    const std::vector<OvertakenChannel>& found, const std::vector<EdgeNow>& edges,
    SourceShare share);

}  // namespace lymer::runtime
