// Every diagnostic as users see it: one rule file for each code, the whole message compared.
//
// tests/golden/errors/CODE_slug.cep is checked and must give CODE_slug.txt to the letter.
// UPDATE_GOLDEN=1 writes the .txt files anew; read the difference before you keep it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "rules/binder.h"
#include "rules/codes.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"

namespace lymer::rules {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "tests/golden/errors";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".cep") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string check(const fs::path& path, Diagnostics& diagnostics) {
  const SourceFile source(path.filename().string(), read(path));
  (void)load(source, diagnostics);
  return to_text(diagnostics, source);
}

TEST(GoldenErrors, EachFileGivesItsMessage) {
  for (const fs::path& path : cases()) {
    SCOPED_TRACE(path.string());
    Diagnostics diagnostics;
    const std::string message = check(path, diagnostics);
    fs::path expected = path;
    expected.replace_extension(".txt");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << message;
    EXPECT_EQ(message, read(expected));
  }
}

TEST(GoldenErrors, EachFileGivesTheCodeOfItsNameAndNoOther) {
  for (const fs::path& path : cases()) {
    SCOPED_TRACE(path.string());
    Diagnostics diagnostics;
    (void)check(path, diagnostics);
    const std::string name = path.stem().string();
    const std::string code = name.substr(0, name.find('_'));
    ASSERT_FALSE(diagnostics.sorted().empty());
    for (const Diagnostic& each : diagnostics.sorted()) {
      if (severity_of(each.code) == Severity::kWarning && code.front() == 'R') continue;
      EXPECT_EQ(to_string(each.code), code) << each.message;
    }
  }
}

TEST(GoldenErrors, EveryCodeHasAFile) {
  // What no rule text can bring about: the parser's size limit needs a file of megabytes (see
  // parser_test), and R0315 stands behind checks that come first.
  const std::set<std::string_view> exempt = {"R0116", "R0315"};
  std::set<std::string> covered;
  for (const fs::path& path : cases()) {
    const std::string name = path.stem().string();
    covered.insert(name.substr(0, name.find('_')));
  }
  EXPECT_GE(covered.size(), 40U);
#define LYMER_CODE_STRING(name, text, severity) text,
  for (const std::string_view code : {LYMER_RULE_CODES(LYMER_CODE_STRING)}) {
    EXPECT_TRUE(exempt.contains(code) || covered.contains(std::string(code))) << code;
  }
#undef LYMER_CODE_STRING
}

}  // namespace
}  // namespace lymer::rules
