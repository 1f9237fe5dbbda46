// The rules of a server: what its files say now, which versions they are, and what a look at the
// files finds new.
//
//   auto found = book.look();             // Nothing new; or a change; or an error in the files.
//   ... the job makes found->change ...
//   book.take(std::move(*found));
//
// A rule's version counts its changes, also those that are found at a start; they are kept in a
// file beside. What is found is taken only when two looks have found the same: an editor writes a
// file in several steps. Links are followed at each look, so a directory may be swapped for another
// (as Kubernetes does it).
// Not here: when to look (server/rule_watch.h), what a change does (server/live_rules.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "server/live_rules.h"
#include "server/rule_difference.h"
#include "server/rule_files.h"

namespace lymer::server {

// current() and versions() are thread-safe; all else is for one thread at a time.
class RuleBook {
 public:
  // `versions_path` is a file that need not be there; empty: versions begin anew with each start.
  RuleBook(FileSystem& files, std::vector<std::string> paths, std::string versions_path);

  // The first look. Errors as those of load_rule_files(), and of the file of versions.
  [[nodiscard]] Result<void> open();

  [[nodiscard]] std::shared_ptr<const RuleFiles> current() const;
  [[nodiscard]] RuleVersions versions() const;

  struct Found {
    std::shared_ptr<const RuleFiles> rules;
    RuleDifference difference;
    RuleVersions versions;  // Of the rules as found.
    [[nodiscard]] RuleSetChange change() const;
  };
  // Nothing if the files say what they said at the last look, or something else for the first time.
  // An error tells what is wrong with them, and that once.
  [[nodiscard]] Result<std::optional<Found>> look();
  // They are the rules now. Returns the error of the file of versions.
  [[nodiscard]] Result<void> take(Found found);

 private:
  struct Known {
    std::uint32_t version = 1;
    std::uint64_t hash = 0;  // Of what the rule says.
  };
  [[nodiscard]] Result<void> read_versions();
  [[nodiscard]] Result<void> write_versions() const;
  void count_versions(const RuleFiles& rules);
  [[nodiscard]] RuleVersions versions_of_known() const;

  FileSystem& files_;
  const std::vector<std::string> paths_;
  const std::string versions_path_;
  std::map<std::string, Known> known_;  // Also rules that are gone: they may come back.
  std::uint64_t settled_ = 0;           // The hash of all texts that were dealt with.
  std::uint64_t seen_ = 0;              // That of the last look.

  mutable std::mutex mutex_;  // For these two.
  std::shared_ptr<const RuleFiles> current_;
  RuleVersions versions_;
};

}  // namespace lymer::server
