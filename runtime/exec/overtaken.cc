// Elements as bytes, and whose they are after a restart.
// Not here: where the bytes are kept (checkpoint/).
#include "runtime/exec/overtaken.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/base/byte_codec.h"
#include "runtime/base/text.h"
#include "runtime/exec/exchange.h"
#include "runtime/key_group.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kMagic = "LYOB";
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kUidPrefix = "overtaken/";

enum class ElementKind : std::uint8_t { kBatch, kWatermark, kIdle, kControl };

// The least that one takes.
constexpr std::size_t kChannelBytes = 40;
constexpr std::size_t kElementBytes = 1;
constexpr std::size_t kEventBytes = 41;

void put_batch(ByteWriter& writer, const EventBatch& batch) {
  writer.put_u32(static_cast<std::uint32_t>(batch.size()));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const EventHeader& header = batch.headers()[i];
    writer.put_time(header.time);
    writer.put_u32(header.id.split.value());
    writer.put_u64(header.id.offset);
    writer.put_u16(header.schema.value());
    writer.put_u16(header.key_mask);
    writer.put_u8(header.is_copy ? 1 : 0);
    writer.put_u64(header.key_hash);
    writer.put_bytes(batch.bytes(header.row));
    writer.put_bytes(batch.bytes(header.raw));
  }
}

EventBatch read_batch(ByteReader& reader) {
  EventBatch batch;
  const std::uint32_t events = reader.count(kEventBytes);
  for (std::uint32_t i = 0; i < events && reader.ok(); ++i) {
    EventHeader header;
    header.time = reader.time();
    header.id.split = SplitId(reader.u32());
    header.id.offset = reader.u64();
    header.schema = SchemaId(reader.u16());
    header.key_mask = reader.u16();
    header.is_copy = reader.u8() != 0;
    const std::uint64_t hash = reader.u64();
    const auto row = reader.bytes();
    batch.append(header, row, reader.string());
    batch.set_key_hash(i, hash);
  }
  return batch;
}

void put_element(ByteWriter& writer, const StreamElement& element) {
  const auto put_kind = [&](ElementKind kind) { writer.put_u8(static_cast<std::uint8_t>(kind)); };
  if (const auto* batch = std::get_if<EventBatch>(&element)) {
    put_kind(ElementKind::kBatch);
    put_batch(writer, *batch);
  } else if (const auto* watermark = std::get_if<Watermark>(&element)) {
    put_kind(ElementKind::kWatermark);
    writer.put_time(watermark->time);
  } else if (const auto* control = std::get_if<ControlRecord>(&element)) {
    put_kind(ElementKind::kControl);
    writer.put_u64(control->version);
    writer.put_string(control->payload);
  } else {
    put_kind(ElementKind::kIdle);
  }
}

Result<StreamElement> read_element(ByteReader& reader) {
  switch (const std::uint8_t kind = reader.u8(); ElementKind{kind}) {
    case ElementKind::kBatch:
      return StreamElement(read_batch(reader));
    case ElementKind::kWatermark:
      return StreamElement(Watermark{reader.time()});
    case ElementKind::kIdle:
      return StreamElement(IdleMark{});
    case ElementKind::kControl: {
      const std::uint64_t version = reader.u64();
      return StreamElement(ControlRecord{version, std::string(reader.string())});
    }
    default:
      return Error{ErrorCode::kCorrupt, text("an overtaken element of the kind {}", kind)};
  }
}

void put_channel(ByteWriter& writer, const OvertakenChannel& each) {
  writer.put_string(each.channel.edge.from);
  writer.put_string(each.channel.edge.to);
  writer.put_u8(each.channel.edge.port.value());
  writer.put_u32(each.channel.edge.ordinal);
  writer.put_u8(static_cast<std::uint8_t>(each.channel.partitioning));
  writer.put_u32(each.channel.sender);
  writer.put_u32(each.channel.receiver);
  writer.put_u32(each.channel.receivers);
  writer.put_u8(each.is_output ? 1 : 0);
  writer.put_time(each.time);
  writer.put_u8(each.is_idle ? 1 : 0);
  writer.put_u32(static_cast<std::uint32_t>(each.elements.size()));
  for (const StreamElement& element : each.elements) put_element(writer, element);
}

Result<OvertakenChannel> read_channel(ByteReader& reader) {
  OvertakenChannel each;
  each.channel.edge.from = reader.string();
  each.channel.edge.to = reader.string();
  each.channel.edge.port = Port(reader.u8());
  each.channel.edge.ordinal = reader.u32();
  const std::uint8_t partitioning = reader.u8();
  if (partitioning > static_cast<std::uint8_t>(Partitioning::kCustom)) {
    return Error{ErrorCode::kCorrupt, text("an edge of the partitioning {}", partitioning)};
  }
  each.channel.partitioning = Partitioning{partitioning};
  each.channel.sender = reader.u32();
  each.channel.receiver = reader.u32();
  each.channel.receivers = reader.u32();
  each.is_output = reader.u8() != 0;
  each.time = reader.time();
  each.is_idle = reader.u8() != 0;
  const std::uint32_t elements = reader.count(kElementBytes);
  for (std::uint32_t i = 0; i < elements && reader.ok(); ++i) {
    LYMER_ASSIGN_OR_RETURN(StreamElement element, read_element(reader));
    each.elements.push_back(std::move(element));
  }
  return each;
}

// The events of the subtask's key groups, and all marks.
std::vector<StreamElement> of_key_groups(const std::vector<StreamElement>& elements,
                                         SourceShare share) {
  std::vector<StreamElement> mine;
  for (const StreamElement& element : elements) {
    const auto* batch = std::get_if<EventBatch>(&element);
    if (batch == nullptr) {
      mine.push_back(element);
      continue;
    }
    EventBatch part;
    for (std::size_t i = 0; i < batch->size(); ++i) {
      const EventHeader& header = batch->headers()[i];
      if (subtask_of(key_group_of_hash(header.key_hash), share.subtasks) != share.subtask) continue;
      part.append(header, batch->bytes(header.row), batch->raw(i));
      part.set_key_hash(part.size() - 1, header.key_hash);
    }
    if (!part.empty()) mine.emplace_back(std::move(part));
  }
  return mine;
}

std::vector<StreamElement> without_batches(std::vector<StreamElement> elements) {
  std::erase_if(elements,
                [](const StreamElement& each) { return std::holds_alternative<EventBatch>(each); });
  return elements;
}

bool holds_batches(const OvertakenChannel& of) {
  return std::ranges::any_of(of.elements, [](const StreamElement& each) {
    return std::holds_alternative<EventBatch>(each) || std::holds_alternative<ControlRecord>(each);
  });
}

// Every subtask has a copy of it, each another part of them.
bool is_for_each(const OvertakenChannel& of, Partitioning now) {
  return of.channel.partitioning == Partitioning::kBroadcast || now == Partitioning::kBroadcast ||
         std::ranges::any_of(of.elements, [](const StreamElement& each) {
           return std::holds_alternative<ControlRecord>(each);
         });
}

// Where the subtasks are not what they were.
Result<OvertakenChannel> deal_anew(const OvertakenChannel& of, Partitioning now,
                                   SourceShare share) {
  OvertakenChannel mine = of;
  if (!holds_batches(of) || (of.channel.receivers == 1 && share.subtasks == 1)) return mine;
  const bool is_custom =
      of.channel.partitioning == Partitioning::kCustom || now == Partitioning::kCustom;
  if (is_for_each(of, now) || (is_custom && share.subtasks > 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 text("the checkpoint holds batches on their way from `{}` to `{}`, spread by {}: "
                      "whose they are among {} subtasks instead of {} nobody can say; go on with "
                      "the parallelism that there was",
                      of.channel.edge.from, of.channel.edge.to, to_string(of.channel.partitioning),
                      share.subtasks, of.channel.receivers)};
  }
  if (now == Partitioning::kHash) {
    mine.elements = of_key_groups(of.elements, share);
  } else if (of.channel.receiver % share.subtasks != share.subtask) {
    mine.elements = without_batches(std::move(mine.elements));
  }
  return mine;
}

}  // namespace

void keep_overtaken(const StreamElement& element, std::vector<StreamElement>& elements) {
  const bool is_kept =
      std::holds_alternative<EventBatch>(element) || std::holds_alternative<Watermark>(element) ||
      std::holds_alternative<IdleMark>(element) || std::holds_alternative<ControlRecord>(element);
  if (is_kept) elements.push_back(element);
}

std::uint64_t overtaken_bytes(std::span<const OvertakenChannel> channels) {
  std::uint64_t bytes = 0;
  for (const OvertakenChannel& channel : channels) {
    for (const StreamElement& element : channel.elements) {
      if (const auto* batch = std::get_if<EventBatch>(&element)) bytes += batch->byte_size();
    }
  }
  return bytes;
}

std::vector<std::byte> encode_overtaken(std::span<const OvertakenChannel> channels) {
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(channels.size()));
  for (const OvertakenChannel& each : channels) put_channel(writer, each);
  return seal(kMagic, kVersion, writer.bytes());
}

Result<std::vector<OvertakenChannel>> decode_overtaken(std::span<const std::byte> bytes) {
  LYMER_ASSIGN_OR_RETURN(const Opened opened, open_sealed(kMagic, kVersion, bytes));
  ByteReader reader(opened.payload);
  std::vector<OvertakenChannel> channels;
  const std::uint32_t count = reader.count(kChannelBytes);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    LYMER_ASSIGN_OR_RETURN(OvertakenChannel channel, read_channel(reader));
    channels.push_back(std::move(channel));
  }
  LYMER_RETURN_IF_ERROR(reader.status("overtaken batches"));
  if (reader.remaining() > 0) {
    return Error{ErrorCode::kCorrupt,
                 text("{} bytes behind overtaken batches", reader.remaining())};
  }
  return channels;
}

std::string overtaken_uid(std::string_view head) {
  return std::string(kUidPrefix) + std::string(head);
}

std::optional<std::string_view> head_of_overtaken(std::string_view uid) {
  if (!uid.starts_with(kUidPrefix)) return std::nullopt;
  return uid.substr(kUidPrefix.size());
}

Result<std::vector<OvertakenChannel>> deal_overtaken(const std::vector<OvertakenChannel>& found,
                                                     const std::vector<EdgeNow>& edges,
                                                     SourceShare share) {
  std::vector<OvertakenChannel> mine;
  for (const OvertakenChannel& each : found) {
    const auto now = std::ranges::find(edges, each.channel.edge, &EdgeNow::edge);
    if (now == edges.end()) {
      if (each.elements.empty()) continue;
      return Error{
          ErrorCode::kInvalidArgument,
          text("the checkpoint holds batches on their way from `{}` to `{}`, between which "
               "the job has no such way",
               each.channel.edge.from, each.channel.edge.to)};
    }
    const bool is_as_before =
        each.channel.receivers == share.subtasks && each.channel.partitioning == now->partitioning;
    if (!is_as_before) {
      LYMER_ASSIGN_OR_RETURN(OvertakenChannel dealt, deal_anew(each, now->partitioning, share));
      mine.push_back(std::move(dealt));
    } else if (each.channel.receiver == share.subtask) {
      mine.push_back(each);
    }
  }
  return mine;
}

}  // namespace lymer::runtime
