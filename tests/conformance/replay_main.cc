// conformance_replay FILE: answers each case of a file, one line `{"id","expect"}` a case.
//
// The form is that of the case files, so that a script can compare the answers with others'. Cases
// of windows and joins have Flink's answer with them, and our line says in `difference` how ours is
// another one, in whichever way of running it; it is empty if none is.
// Not here: what equal means (flink_operator.h, window_case.h).
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/conformance/case.h"
#include "tests/conformance/flink_operator.h"
#include "tests/conformance/window_case.h"
#include "tests/conformance/window_run.h"

namespace lymer::conformance {
namespace {

std::string answer_to(const std::string& line) {
  const nlohmann::json given = nlohmann::json::parse(line);
  if (given.contains("op")) {
    const WindowCase each = window_case_of(given);
    return nlohmann::json{{"id", each.id},
                          {"expect", json_of(solve(each, {}))},
                          {"difference", difference_in_any_way(each)}}
        .dump();
  }
  const Case each = case_of(line);
  return answer_line(each.id, solve(each, {}));
}

}  // namespace
}  // namespace lymer::conformance

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
    std::cout << lymer::conformance::answer_to(line) << '\n' << std::flush;
  }
  return std::cout.flush() ? 0 : 1;
}
