// A command as a shell sees it: exit status, standard output, standard error.
// Not here: what commands do.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/cli/command_line.h"

namespace lymer::server {

struct Said {
  int status = 0;
  std::string out;
  std::string err;
};

// Calls something that gives an exit status.
template <typename Call>
[[nodiscard]] Said captured(Call call) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Said said;
  said.status = call();
  said.out = ::testing::internal::GetCapturedStdout();
  said.err = ::testing::internal::GetCapturedStderr();
  return said;
}

// Runs `lymer` with these arguments.
[[nodiscard]] inline Said lymer(const std::vector<std::string>& arguments) {
  std::vector<const char*> pointers = {"lymer"};
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  return captured(
      [&] { return run_command_line(static_cast<int>(pointers.size()), pointers.data()); });
}

}  // namespace lymer::server
