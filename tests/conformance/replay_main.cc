// conformance_replay FILE: answers each case of a file, one line `{"id","expect"}` a case.
//
// The form is that of the case files, so that a script can compare the answers with others'.
// Not here: what equal means (flink_operator.h).
#include <fstream>
#include <iostream>
#include <string>

#include "tests/conformance/case.h"
#include "tests/conformance/flink_operator.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: conformance_replay FILE\n"
                 "Answers the cases of FILE (one JSON object a line), one line each on stdout.\n";
    return 2;
  }
  std::ifstream lines(argv[1]);
  if (!lines.is_open()) {
    std::cerr << "conformance_replay: cannot read " << argv[1] << '\n';
    return 1;
  }
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const lymer::conformance::Case each = lymer::conformance::case_of(line);
    std::cout << lymer::conformance::answer_line(each.id, lymer::conformance::solve(each, {}))
              << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}
