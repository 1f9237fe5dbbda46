// Files of one test case, in a directory of its own under the test's temporary directory.
// Not here: files that break (tests/runtime/base/file_system_test.cc).
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace lymer::support {

class TempFiles {
 public:
  TempFiles() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 (std::string("lymer-") + test->test_suite_name() + "-" + test->name() + "-" +
                  std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~TempFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TempFiles(const TempFiles&) = delete;
  TempFiles& operator=(const TempFiles&) = delete;
  TempFiles(TempFiles&&) = delete;
  TempFiles& operator=(TempFiles&&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const {
    return (directory_ / name).string();
  }
  // Writes a file and gives its path.
  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ostringstream content;
    content << std::ifstream(path(name), std::ios::binary).rdbuf();
    return content.str();
  }
  [[nodiscard]] std::vector<std::string> lines(std::string_view name) const {
    std::istringstream content(read(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(content, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace lymer::support
