// Values that stand elsewhere: `${env:NAME}` and `${file:/path}`, for what no file should show.
//
// Not here: which values are shown how (server/config/config.h).
#pragma once

#include <map>
#include <string>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"

namespace lymer::server {

// Puts what they refer to in their places; `$${` stands for `${`. Ends of lines at a file's end do
// not count. What is put in is not looked at again. Returns kNotFound for a variable or a file that
// is not there, kInvalidArgument for another kind of reference or one without its end.
[[nodiscard]] Result<std::string> expand_references(
    const std::string& text, const std::map<std::string, std::string>& environment,
    FileSystem& files);

}  // namespace lymer::server
