// Texts by their hashes; versions as lines of `VERSION HASH NAME`.
// Not here: binding (server/rule_files.cc).
#include "server/rule_book.h"

#include <charconv>
#include <span>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

std::uint64_t hash_of(std::string_view content) {
  return hash64(std::as_bytes(std::span(content.data(), content.size())));
}

// Of all files, with their paths: a swap of two is a change of places for diagnostics.
std::uint64_t hash_of(const std::vector<RuleFileText>& texts) {
  std::string all;
  for (const RuleFileText& each : texts) {
    append_text(all, "{} {}\n{}", each.path, each.content.size(), each.content);
  }
  return hash_of(all) | 1U;  // Never 0, which is none.
}

// Takes the word before the next blank off the front.
std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

template <typename Number>
bool read_number(std::string_view word, Number& number, int base) {
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number, base);
  return failed == std::errc() && end == word.data() + word.size();
}

}  // namespace

RuleBook::RuleBook(FileSystem& files, std::vector<std::string> paths, std::string versions_path)
    : files_(files), paths_(std::move(paths)), versions_path_(std::move(versions_path)) {}

Result<void> RuleBook::open() {
  LYMER_RETURN_IF_ERROR(read_versions());
  LYMER_ASSIGN_OR_RETURN(auto texts, read_rule_files(files_, paths_));
  settled_ = seen_ = hash_of(texts);
  LYMER_ASSIGN_OR_RETURN(RuleFiles bound, bind_rule_files(std::move(texts)));
  count_versions(bound);
  current_ = std::make_shared<const RuleFiles>(std::move(bound));
  versions_ = versions_of_known();
  return write_versions();
}

std::shared_ptr<const RuleFiles> RuleBook::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

RuleVersions RuleBook::versions() const {
  const std::lock_guard lock(mutex_);
  return versions_;
}

RuleSetChange RuleBook::Found::change() const {
  RuleSetChange change{.set = std::shared_ptr<const rules::RuleSet>(rules, &rules->set),
                       .versions = versions,
                       .changed = difference.changed,
                       .removed = difference.removed};
  change.changed.insert(change.changed.end(), difference.added.begin(), difference.added.end());
  return change;
}

Result<std::optional<RuleBook::Found>> RuleBook::look() {
  LYMER_ASSIGN_OR_RETURN(auto texts, read_rule_files(files_, paths_));
  const std::uint64_t hash = hash_of(texts);
  const bool is_steady = std::exchange(seen_, hash) == hash;
  if (hash == settled_ || !is_steady) return std::optional<Found>();
  settled_ = hash;
  LYMER_ASSIGN_OR_RETURN(RuleFiles bound, bind_rule_files(std::move(texts)));
  Found found{.rules = std::make_shared<const RuleFiles>(std::move(bound)),
              .difference = {},
              .versions = {}};
  found.difference = difference_of(*current(), *found.rules);
  const auto before = known_;
  count_versions(*found.rules);
  found.versions = versions_of_known();
  known_ = before;  // Until it is taken.
  return std::optional(std::move(found));
}

Result<void> RuleBook::take(Found found) {
  count_versions(*found.rules);
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(found.rules);
    versions_ = std::move(found.versions);
  }
  return write_versions();
}

void RuleBook::count_versions(const RuleFiles& rules) {
  for (const RuleText& each : rules.texts) {
    const std::uint64_t hash = hash_of(each.canonical);
    const auto [known, is_new] = known_.try_emplace(each.name, Known{1, hash});
    if (!is_new && known->second.hash != hash) known->second = {known->second.version + 1, hash};
  }
}

RuleVersions RuleBook::versions_of_known() const {
  RuleVersions versions;
  for (const auto& [name, known] : known_) versions.emplace(name, known.version);
  return versions;
}

Result<void> RuleBook::read_versions() {
  if (versions_path_.empty()) return {};
  LYMER_ASSIGN_OR_RETURN(const auto status, files_.status(versions_path_));
  if (!status) return {};
  LYMER_ASSIGN_OR_RETURN(const std::string content, files_.read_all(versions_path_, kMostBytes));
  std::string_view rest = content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    Known known;
    const bool is_whole = read_number(next_word(line), known.version, 10) &&
                          read_number(next_word(line), known.hash, 16) && !line.empty();
    if (!is_whole) {
      return Error{ErrorCode::kCorrupt, text("{} holds no versions of rules", versions_path_)};
    }
    known_.emplace(line, known);
  }
  return {};
}

Result<void> RuleBook::write_versions() const {
  if (versions_path_.empty()) return {};
  std::string content;
  for (const auto& [name, known] : known_) {
    append_text(content, "{} {:016x} {}\n", known.version, known.hash, name);
  }
  const std::string beside = versions_path_ + ".new";
  LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(beside));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(content.data(), content.size()))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  LYMER_RETURN_IF_ERROR(files_.rename(beside, versions_path_));
  return files_.sync_directory(parent_directory(versions_path_));
}

}  // namespace lymer::server
