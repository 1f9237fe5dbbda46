// Asks for memory before it is needed: what waits for it one by one comes at once.
//
//   for (const Node* each : coming) fetch(each, 128);   // All of these are on their way,
//   for (const Node* each : coming) use(*each);         // so that little is waited for.
//
// It changes nothing, so the place need not be there: what is behind its end may be asked for too.
#pragma once

#include <cstddef>

namespace lymer {

// Inlined, as g++ takes a call of a function that only fetches for one that does nothing.
[[gnu::always_inline]] inline void fetch(const void* place, std::size_t bytes) {
  constexpr std::size_t kLine = 64;  // What comes at once.
  const auto* const begin = static_cast<const std::byte*>(place);
  for (std::size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(begin + at);
}

}  // namespace lymer
