// The ids of events that operators make: the same after a replay and at any parallelism.
//
// An id is a hash of what the event was made from, in a split of its own.
// Not here: ids of events that were read (runtime/record_source.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/event.h"

namespace lymer::runtime {

inline constexpr SplitId kDerivedSplit{0xffffffffU};

// What an event was made from, as a number: another event, or something of a key at a time.
[[nodiscard]] std::uint64_t cause_of(const EventId& event) noexcept;
// An event under one of its keys, for one of an operator's inputs.
[[nodiscard]] std::uint64_t cause_of(const EventId& event, std::uint64_t key_hash,
                                     std::size_t input) noexcept;
[[nodiscard]] std::uint64_t cause_of(std::uint64_t key_hash, std::span<const std::byte> name_space,
                                     EventTime time) noexcept;
// The `ordinal`-th event made from it.
[[nodiscard]] EventId derived_id(std::uint64_t cause, std::uint64_t ordinal) noexcept;

}  // namespace lymer::runtime
