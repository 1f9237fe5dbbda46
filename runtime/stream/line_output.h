// Events as lines of a file or of standard output.
//
// The file is made when the job starts. Lines go out with their batch, at least once
// (runtime/line_sink.h).
// Not here: who asks for it (runtime/stream/stream.h).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/event_source.h"
#include "runtime/event_view.h"
#include "runtime/schema.h"
#include "runtime/sink.h"

namespace lymer::runtime {

// Appends the text of an event, without an end of line.
using LineText = std::function<void(const EventView& event, std::string& line)>;

// The row as a JSON object.
[[nodiscard]] LineText json_line(SchemaRef schema);

// Makes the sink of a subtask. Of several each has a file of its own: PATH.1, PATH.2 ... `files`
// must outlive it; "-" is standard output, which they share.
[[nodiscard]] std::function<std::unique_ptr<Sink>(SourceShare)> line_output(FileSystem& files,
                                                                            std::string path,
                                                                            SchemaRef schema,
                                                                            LineText line);

}  // namespace lymer::runtime
