// The texts are joined and bound as one; a place in it is then found again in its file.
// Not here: what is checked (rules/binder.h).
#include "server/rule_files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/source_file.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20U;

// A file and where its text begins among all.
struct Part {
  rules::SourceFile file;
  std::uint32_t begin;
};

Result<std::vector<std::string>> all_files(FileSystem& files,
                                           const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    // The slash: a link to a directory is one too.
    LYMER_ASSIGN_OR_RETURN(const auto status, files.status(path));
    const auto behind = status && status->kind == FileKind::kOther
                            ? files.status(path + "/")
                            : Result<std::optional<FileStatus>>(status);
    if (!behind || !*behind || (*behind)->kind != FileKind::kDirectory) {
      found.push_back(path);
      continue;
    }
    LYMER_ASSIGN_OR_RETURN(const auto names, files.list(path));
    for (const std::string& name : names) {
      if (name.ends_with(".cep") && !name.starts_with('.'))
        found.push_back(text("{}/{}", path, name));
    }
  }
  return found;
}

// Tells each diagnostic in its own file.
std::string told(const rules::Diagnostics& diagnostics, const std::vector<Part>& parts) {
  std::map<const Part*, rules::Diagnostics> by_file;
  for (rules::Diagnostic each : diagnostics.sorted()) {
    auto part = std::ranges::upper_bound(parts, each.span.begin, {}, &Part::begin);
    --part;
    each.span.begin -= part->begin;
    each.span.end -= part->begin;
    by_file[&*part].add(std::move(each));
  }
  std::string out;
  for (const auto& [part, some] : by_file) out += rules::to_text(some, part->file);
  return out;
}

Error bad_rules(std::string diagnostics) {
  while (diagnostics.ends_with('\n')) diagnostics.pop_back();
  return Error{ErrorCode::kInvalidArgument, std::move(diagnostics)};
}

std::vector<RuleText> texts_of(const rules::FileAst& ast, const rules::SourceFile& all,
                               const std::vector<Part>& parts) {
  std::vector<RuleText> texts;
  for (const rules::Declaration& each : ast.declarations) {
    const auto* const rule = std::get_if<rules::RuleDecl>(&each);
    if (rule == nullptr) continue;
    auto part = std::ranges::upper_bound(parts, rule->span.begin, {}, &Part::begin);
    --part;
    texts.push_back({rule->name.text, part->file.path(),
                     part->file.position(rule->span.begin - part->begin).line,
                     std::string(all.text(rule->span)) + "\n", rules::print({{each}})});
  }
  return texts;
}

std::string frame_of(rules::FileAst ast) {
  std::erase_if(ast.declarations, [](const rules::Declaration& each) {
    return std::holds_alternative<rules::RuleDecl>(each);
  });
  return rules::print(ast);
}

}  // namespace

Result<std::vector<RuleFileText>> read_rule_files(FileSystem& files,
                                                  const std::vector<std::string>& paths) {
  LYMER_ASSIGN_OR_RETURN(const auto found, all_files(files, paths));
  std::vector<RuleFileText> texts;
  for (const std::string& path : found) {
    LYMER_ASSIGN_OR_RETURN(std::string content, files.read_all(path, kMostBytes));
    texts.push_back({path, std::move(content)});
  }
  return texts;
}

Result<RuleFiles> bind_rule_files(std::vector<RuleFileText> texts) {
  RuleFiles loaded;
  std::vector<Part> parts;
  std::string all;
  std::string bad;
  for (RuleFileText& each : texts) {
    if (all.size() + each.content.size() > kMostBytes) {
      return Error{ErrorCode::kLimit, "all rule files together have more than 8 MiB"};
    }
    parts.push_back({rules::SourceFile(std::move(each.path), each.content),
                     static_cast<std::uint32_t>(all.size())});
    // An open bracket of one file must not swallow the next.
    rules::Diagnostics alone;
    (void)rules::parse(parts.back().file, alone);
    if (alone.has_errors()) bad += rules::to_text(alone, parts.back().file);
    all += each.content + "\n";
  }
  if (!bad.empty()) return bad_rules(std::move(bad));
  if (parts.empty()) return loaded;
  const rules::SourceFile joined("rules", std::move(all));
  rules::Diagnostics diagnostics;
  const rules::FileAst ast = rules::parse(joined, diagnostics);
  auto set = rules::bind(ast, joined, diagnostics);
  std::string said = told(diagnostics, parts);
  if (!set) return bad_rules(std::move(said));
  loaded.set = std::move(*set);
  loaded.texts = texts_of(ast, joined, parts);
  loaded.frame = frame_of(ast);
  loaded.warnings = std::move(said);
  LYMER_CHECK(loaded.texts.size() == loaded.set.rules.size(), "each rule has a text");
  return loaded;
}

Result<RuleFiles> load_rule_files(FileSystem& files, const std::vector<std::string>& paths) {
  LYMER_ASSIGN_OR_RETURN(auto texts, read_rule_files(files, paths));
  return bind_rule_files(std::move(texts));
}

}  // namespace lymer::server
