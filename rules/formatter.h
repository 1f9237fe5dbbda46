// The text of a rule file in its canonical layout: `lymer fmt`.
//
// Every token and every comment stays, in its order; what changes is the space between them. A
// clause begins a line, blocks are indented by two, what goes on behind a line's end by four more.
// Inside a clause the line ends of the author stay, as of a long `where` or a record with a field a
// line. So the layout is a fixed point: format(format(x)) is format(x).
// Not here: the tree back to text (rules/printer.h), which knows no comments.
#pragma once

#include <optional>
#include <string>

#include "rules/diagnostic.h"
#include "rules/source_file.h"

namespace lymer::rules {

// Gives nothing, and says why in `diagnostics`, where the file cannot be parsed without errors.
[[nodiscard]] std::optional<std::string> format(const SourceFile& file, Diagnostics& diagnostics);

}  // namespace lymer::rules
