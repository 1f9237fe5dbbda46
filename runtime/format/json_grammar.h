// Two questions about JSON text that the parser does not answer.
//
// On-demand parsing neither bounds the nesting of what it passes over nor hands out numbers as
// text; and from_chars, which reads our numbers, takes more than JSON allows. Not here: parsing
// (runtime/format/json_decoder.cc).
#pragma once

#include <cstddef>
#include <string_view>

namespace lymer::runtime {

// Tells whether brackets outside of strings nest deeper than `limit`. Costs one fast pass for
// records that open fewer brackets than that, as nearly all do.
[[nodiscard]] bool nests_deeper_than(std::string_view record, std::size_t limit);

// Tells whether a token is a number by JSON's grammar.
[[nodiscard]] bool is_json_number(std::string_view token);

}  // namespace lymer::runtime
