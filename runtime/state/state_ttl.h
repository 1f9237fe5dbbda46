// How long state lives that nobody touches (Flink: StateTtlConfig), in processing time.
//
// A value is expired from `lifetime` after it was last touched. What is expired goes when it is
// read, and, a little at a time, while other state is used, so what nobody asks for any more goes
// too; snapshots leave it out. A database on disk drops it when it compacts its files instead. Of
// lists each element has its own time, of maps each entry.
// Not here: who does this (runtime/state/state_column.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/time.h"

namespace lymer::runtime {

enum class TtlUpdate : std::uint8_t {
  kOnCreateAndWrite,  // What touches a value is writing it.
  kOnReadAndWrite,    // Reading touches it, too.
};

enum class TtlVisibility : std::uint8_t {
  kNeverReturnExpired,
  kReturnIfNotCleanedUp,  // An expired value is given once more to who reads it.
};

struct StateTtl {
  Duration lifetime;  // State stays for ever if this is not positive.
  TtlUpdate update = TtlUpdate::kOnCreateAndWrite;
  TtlVisibility visibility = TtlVisibility::kNeverReturnExpired;
  bool cleans_in_snapshots = true;
  // So many places are looked at whenever the state is used; none for 0. Flink's number.
  std::size_t cleans_on_access = 5;
  // The same for a database on disk: it drops what is expired when it compacts its files.
  bool cleans_in_compaction = true;

  [[nodiscard]] bool is_on() const noexcept { return lifetime > Duration(); }
};

}  // namespace lymer::runtime
