// States of engine M as bytes: a logical copy, free of slab positions, in the layout of
// nfa/FORMAT.md.
//
// Cells are numbered afresh, a cell after those it refers to. Events are named by the caller's
// numbers. Not here: states of engine E (nfa/snapshot_codec.h).
#pragma once

#include "nfa/merged_buffer.h"
#include "nfa/merged_state.h"
#include "nfa/program.h"
#include "nfa/snapshot_codec.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/result.h"

namespace lymer::nfa {

void write_merged_state(ByteWriter& writer, const MergedState& state, const MergedBuffer& buffer,
                        const EventNumber& number_of);

// Reads what write_merged_state() wrote, making its cells in `buffer`. Returns kCorrupt, with
// nothing left in the buffer, if a number points nowhere, or names a state or a stage that
// `program` does not have. A state has one bag, or several where its runs carry values, which are
// not told: MergedMatcher::find_values() finds them out. `map` as in read_run_state().
[[nodiscard]] Result<MergedState> read_merged_state(ByteReader& reader, const Program& program,
                                                    MergedBuffer& buffer,
                                                    const EventOfNumber& event_of,
                                                    bool carries_values = false,
                                                    const StateMap* map = nullptr);

}  // namespace lymer::nfa
