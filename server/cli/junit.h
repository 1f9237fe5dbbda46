// Results of tests as the XML that build servers read.
//
// Not here: what is tested (server/cli/test.h).
#pragma once

#include <string>
#include <vector>

namespace lymer::server {

struct JUnitCase {
  std::string suite;  // The rule file.
  std::string name;
  double seconds = 0;
  std::string failure;  // Empty: it passed.
};

// One suite for each file, in the order of the cases, those of a file together.
[[nodiscard]] std::string junit_xml(const std::vector<JUnitCase>& cases);

}  // namespace lymer::server
