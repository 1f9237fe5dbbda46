// Run states as bytes: a logical copy, free of slab positions, in the layout of nfa/FORMAT.md.
//
// Nodes are numbered afresh in the order in which they are first reached, so equal states give
// equal bytes whatever their history. Events are named by the caller's numbers.
// Not here: events themselves, keys, and the envelope with version and checksum (cep/).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "nfa/program.h"
#include "nfa/run_state.h"
#include "nfa/shared_buffer.h"
#include "nfa/state_map.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/result.h"

namespace lymer::nfa {

// Gives the number under which the snapshot holds an event.
using EventNumber = std::function<std::uint32_t(EventRef)>;
// Gives the event with a number, or nothing for a number that the snapshot does not hold.
using EventOfNumber = std::function<std::optional<EventRef>(std::uint32_t)>;

void write_run_state(ByteWriter& writer, const RunState& state, const SharedBuffer& buffer,
                     const EventNumber& number_of);

// Reads what write_run_state() wrote, making its nodes in `buffer`. Returns kCorrupt, with nothing
// left in the buffer, if a number points nowhere, names a state that `program` does not have, or
// the runs are not in the order in which a matcher keeps them. With `map` the bytes are of another
// program, whose states and stages it gives.
[[nodiscard]] Result<RunState> read_run_state(ByteReader& reader, const Program& program,
                                              SharedBuffer& buffer, const EventOfNumber& event_of,
                                              const StateMap* map = nullptr);

}  // namespace lymer::nfa
