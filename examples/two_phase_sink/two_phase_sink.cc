// A sink in two phases, written by a user: payments are booked in a ledger, each once, although the
// program is killed and started again.
//
//   two_phase_sink DIRECTORY [--die]     # --die: kills itself in the middle of a commit
//
// The ledger is a directory: what is in `drafts` counts for nothing, a file in `booked` is final.
// A database with prepared transactions would do as well, or any store in which one step makes
// visible what was made safe before. The rules that the sink keeps are beside its functions.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpointed_run.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/sink.h"
#include "runtime/stream/stream.h"

using lymer::Duration;
using lymer::EventTime;
using lymer::FileSystem;
using lymer::Result;
using lymer::runtime::Epoch;
using lymer::runtime::EventBatch;
using lymer::runtime::RowBuilder;
using lymer::runtime::RowView;
using lymer::runtime::Schema;
using lymer::runtime::SourceShare;
using lymer::runtime::StreamJob;
using lymer::runtime::Transaction;
using lymer::runtime::Type;
using lymer::runtime::TypeKind;
using lymer::runtime::Value;

constexpr Type kString{TypeKind::kString};
constexpr Type kInt{TypeKind::kInt};
const auto kPayments = std::make_shared<const Schema>(
    "payments", std::vector<lymer::runtime::Field>{{"account", kString}, {"cents", kInt}});
constexpr std::uint64_t kPaymentCount = 200'000;
constexpr std::size_t kReadMax = std::size_t{64} << 20U;

// Each subtask has one. Between two checkpoints the calls are: begin, write ..., pre_commit; and
// once the checkpoint is safe, commit. By then the next transaction may have begun.
class LedgerSink final : public lymer::runtime::Sink {
 public:
  LedgerSink(FileSystem& files, std::string ledger, std::uint64_t start, SourceShare share,
             bool dies)
      : files_(files), ledger_(std::move(ledger)), start_(start), share_(share), dies_(dies) {}

  // First, where the job goes on from a checkpoint. What the checkpoint holds will be committed;
  // all other drafts of earlier starts are written again under other names, so they must go. This
  // start's are left alone: another subtask may have begun one.
  Result<void> recover(const std::vector<Transaction>& held, Epoch) override {
    LYMER_RETURN_IF_ERROR(files_.make_directories(ledger_ + "/drafts"));
    LYMER_ASSIGN_OR_RETURN(const auto names, files_.list(ledger_ + "/drafts"));
    for (const std::string& name : names) {
      bool is_needed = name.ends_with(std::to_string(start_));
      for (const Transaction& each : held) is_needed = is_needed || name == name_in(each);
      // One of the subtasks does it.
      if (share_.subtask == 0 && !is_needed) {
        LYMER_RETURN_IF_ERROR(files_.remove_file(draft(name)));
      }
    }
    return {};
  }

  Result<void> begin(Epoch) override {
    lines_.clear();
    return {};
  }

  // Nothing that a reader of the ledger could see.
  Result<void> write(const EventBatch& batch) override {
    for (const auto& header : batch.headers()) {
      const RowView row(batch.bytes(header.row), kPayments->size());
      lines_ += std::string(row.get(0, kString).as_string()) + " " +
                std::to_string(row.get(1, kInt).as_int()) + "\n";
    }
    return {};
  }

  // When it returns, the draft survives a loss of power; what it gives is kept in the checkpoint
  // and must be enough to find the draft, also for another process.
  Result<Transaction> pre_commit(Epoch epoch) override {
    const std::string name = std::to_string(share_.subtask) + "-" + std::to_string(epoch.value()) +
                             "-" + std::to_string(start_);
    LYMER_RETURN_IF_ERROR(files_.make_directories(ledger_ + "/drafts"));
    LYMER_RETURN_IF_ERROR(files_.make_directories(ledger_ + "/booked"));
    LYMER_ASSIGN_OR_RETURN(const auto file, files_.create(draft(name)));
    LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(lines_))));
    LYMER_RETURN_IF_ERROR(file->sync());
    LYMER_RETURN_IF_ERROR(file->close());
    LYMER_RETURN_IF_ERROR(files_.sync_directory(ledger_ + "/drafts"));
    const auto bytes = std::as_bytes(std::span(name));
    return Transaction(bytes.begin(), bytes.end());
  }

  // The one step that readers see. It may have been done already, by who was killed before he could
  // say so: then it must change nothing.
  Result<void> commit(const Transaction& transaction) override {
    const std::string name = name_in(transaction);
    LYMER_ASSIGN_OR_RETURN(const auto waiting, files_.status(draft(name)));
    if (waiting) {
      LYMER_RETURN_IF_ERROR(files_.rename(draft(name), ledger_ + "/booked/" + name));
    }
    if (dies_) (void)std::raise(SIGKILL);  // Visible, but nobody has been told.
    return files_.sync_directory(ledger_ + "/booked");
  }

  // The job has failed between begin() and pre_commit(): there is no draft yet.
  Result<void> abort(Epoch) override {
    lines_.clear();
    return {};
  }

  Result<void> close() override { return {}; }

 private:
  std::string draft(const std::string& name) const { return ledger_ + "/drafts/" + name; }
  static std::string name_in(const Transaction& transaction) {
    std::string name;
    for (const std::byte each : transaction) name.push_back(static_cast<char>(each));
    return name;
  }

  FileSystem& files_;
  std::string ledger_;
  std::uint64_t start_;  // Tells this start of the program from all others.
  SourceShare share_;
  bool dies_;
  std::string lines_;
};

bool make_payment(std::uint64_t number, RowBuilder& row, EventTime& time) {
  static constexpr std::string_view kAccounts[] = {"ann", "bob", "cid"};
  row.set(0, Value::of(kAccounts[number % 3]));
  row.set(1, Value::of(static_cast<std::int64_t>(number % 100)));
  time = EventTime{} + Duration::millis(static_cast<std::int64_t>(number));
  return number < kPaymentCount;
}

// Adds up what is booked.
Result<void> print_ledger(FileSystem& files, const std::string& ledger) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> accounts;
  LYMER_ASSIGN_OR_RETURN(const auto names, files.list(ledger + "/booked"));
  for (const std::string& name : names) {
    std::string path = ledger;
    path.append("/booked/").append(name);
    LYMER_ASSIGN_OR_RETURN(const std::string content, files.read_all(path, kReadMax));
    std::istringstream lines(content);
    std::string account;
    for (std::int64_t cents = 0; lines >> account >> cents;) {
      ++accounts[account].first;
      accounts[account].second += cents;
    }
  }
  for (const auto& [account, sums] : accounts) {
    std::printf("%s: %ld payments, %ld cents\n", account.c_str(), static_cast<long>(sums.first),
                static_cast<long>(sums.second));
  }
  return {};
}

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: two_phase_sink DIRECTORY [--die]\n");
    return 2;
  }
  const std::string directory = arguments[1];
  const bool dies = count > 2 && std::string_view(arguments[2]) == "--die";
  lymer::PosixFileSystem files;
  lymer::SystemClock clock;
  const std::uint64_t start = std::random_device()();

  StreamJob job;
  (void)job.generate("payments", kPayments, make_payment)
      .parallelism(1)
      .key_by({0})
      .max(1)  // Of each account so far: state that must come back, too.
      .sink_to("ledger", [&](SourceShare share) {
        return std::make_unique<LedgerSink>(files, directory + "/ledger", start, share, dies);
      });
  // Started again, it has other numbers of subtasks: one commits what others have prepared.
  const auto ran =
      lymer::checkpoint::run_with_checkpoints(job,
                                              {.directory = directory + "/checkpoints",
                                               .checkpoints = {.interval = Duration::millis(5)},
                                               .parallelism = dies ? 3U : 2U},
                                              files, clock);
  if (!ran) {
    std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
    return 1;
  }
  if (ran->value() > 0) std::printf("went on from a checkpoint\n");
  if (const auto printed = print_ledger(files, directory + "/ledger"); !printed) {
    std::fprintf(stderr, "%s\n", printed.error().to_string().c_str());
    return 1;
  }
  return 0;
}
