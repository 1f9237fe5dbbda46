// Both places of keyed state, for tests that hold for either.
//
//   class Tables : public EachBackend {};
//   LYMER_ON_EACH_BACKEND(Tables);
//   TEST_P(Tables, Hold...) { auto table = backend_under_test().make_values({}); ... }
//
// Not here: what is true of one of them alone (tests/checkpoint/rocks/).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "runtime/state/state_table.h"

namespace lymer::support {

enum class BackendKind : std::uint8_t { kMemory, kRocks };

// One for the whole process, as to open a database for each of thousands of rounds would take long.
// Its tables know nothing of lifetimes, whose clocks end before it.
[[nodiscard]] runtime::StateBackend& shared_backend(BackendKind kind);
// One that goes with its owner, and must before the clocks of its tables do.
[[nodiscard]] std::unique_ptr<runtime::StateBackend> own_backend(BackendKind kind);
// Of a process; each call gives one with a working directory of its own.
[[nodiscard]] runtime::MakeStateBackend backend_maker(BackendKind kind,
                                                      std::size_t memory_bytes = 8U << 20U);

using EachBackend = ::testing::TestWithParam<BackendKind>;
[[nodiscard]] inline runtime::StateBackend& backend_under_test() {
  return shared_backend(EachBackend::GetParam());
}

[[nodiscard]] inline std::string name_of(BackendKind kind) {
  return kind == BackendKind::kMemory ? "Memory" : "Rocks";
}

}  // namespace lymer::support

#define LYMER_ON_EACH_BACKEND(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(In, suite,                                                \
                           ::testing::Values(::lymer::support::BackendKind::kMemory, \
                                             ::lymer::support::BackendKind::kRocks), \
                           [](const auto& each) { return ::lymer::support::name_of(each.param); })
