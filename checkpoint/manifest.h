// The table of contents of a checkpoint: its files, and which block of state is where in them.
//
// It is written last and verified first; what it says of lengths and checksums decides whether a
// file is whole. checkpoint/FORMAT.md describes the bytes.
// Not here: reading and writing files (checkpoint/checkpoint_reader.h, checkpoint_writer.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/state_blocks.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::checkpoint {

inline constexpr std::string_view kManifestName = "manifest";
inline constexpr std::size_t kManifestBytesMax = std::size_t{32} << 20U;
// A longer block could not be held in memory beside the state it becomes.
inline constexpr std::uint64_t kBlockBytesMax = std::uint64_t{4} << 30U;
// What a state file opens with: a magic number and the version of the format. There is no need to
// read it: the manifest's version says what the files are like.
inline constexpr std::array kStateFileHeader = {std::byte{'L'}, std::byte{'Y'}, std::byte{'C'},
                                                std::byte{'S'}, std::byte{1},   std::byte{0}};

// State of one key group, or operator state, of one operator in one subtask.
struct Block {
  BlockGroup group;
  std::uint64_t length = 0;
  std::uint64_t checksum = 0;  // hash64() of its bytes.
  friend bool operator==(const Block&, const Block&) = default;
};

struct ManifestPart {
  std::string uid;
  std::uint32_t subtask = 0;
  std::vector<Block> blocks;  // Key groups ascending, then operator state.
  friend bool operator==(const ManifestPart&, const ManifestPart&) = default;
};

// Behind the file's header stand the blocks of all parts in this order, without gaps.
struct ManifestFile {
  std::vector<ManifestPart> parts;

  // Sums up what the file has to be long.
  [[nodiscard]] std::uint64_t length() const;
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

struct Manifest {
  runtime::Epoch epoch;
  EventTime made_at;
  bool is_savepoint = false;
  std::map<std::string, std::uint32_t> parallelism;  // By uid.
  std::vector<ManifestFile> files;                   // Number n is `state-<n>`.
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Names the file of a number.
[[nodiscard]] std::string state_file_name(std::size_t number);

// Gives the sealed bytes. Requires what read_manifest() verifies.
[[nodiscard]] std::vector<std::byte> write_manifest(const Manifest& manifest);

// Returns kCorrupt, saying what is wrong, for bytes that are no manifest or contradict themselves,
// and kUnsupported for a newer version.
[[nodiscard]] Result<Manifest> read_manifest(std::span<const std::byte> bytes);

}  // namespace lymer::checkpoint
