// Words counted in windows of ten seconds, on all cores: what every stream engine shows first.
// Prints a line for each word of each window, and the job graph with the reasons for its chains.
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/graph/graph_picture.h"
#include "runtime/key_group.h"
#include "runtime/stream/stream.h"

using lymer::Duration;
using lymer::EventTime;
using lymer::runtime::EmitRow;
using lymer::runtime::EventView;
using lymer::runtime::FlatMap;
using lymer::runtime::RowBuilder;
using lymer::runtime::Schema;
using lymer::runtime::StreamJob;
using lymer::runtime::Type;
using lymer::runtime::TypeKind;
using lymer::runtime::Value;
using lymer::runtime::WindowEvent;
using lymer::runtime::WindowView;

constexpr Type kString{TypeKind::kString};
constexpr Type kInt{TypeKind::kInt};

// What events look like on their way.
const auto kLines =
    std::make_shared<const Schema>("lines", std::vector<lymer::runtime::Field>{{"text", kString}});
const auto kWords =
    std::make_shared<const Schema>("words", std::vector<lymer::runtime::Field>{{"word", kString}});
const auto kCounts = std::make_shared<const Schema>(
    "counts", std::vector<lymer::runtime::Field>{{"word", kString}, {"count", kInt}});

constexpr std::string_view kSong[] = {"the hound follows the trail", "the trail is cold",
                                      "the hound is warm", "cold is the night"};

// One line every four seconds.
bool make_line(std::uint64_t number, RowBuilder& row, EventTime& time) {
  if (number >= std::size(kSong)) return false;
  row.set(0, Value::of(kSong[number]));
  time = EventTime{} + Duration::seconds(4 * static_cast<std::int64_t>(number));
  return true;
}

void split(const EventView& line, const FlatMap::Emit& emit) {
  RowBuilder row(kWords);
  std::string_view rest = line.row.get(0, kString).as_string();
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    row.reset();
    row.set(0, Value::of(word));
    emit(row.bytes());
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
}

// Keeps a number for each word and window, not the words.
lymer::runtime::WindowFunction count() {
  return lymer::runtime::aggregate_window<std::int64_t>(
      0, [](std::int64_t& so_far, const WindowEvent&) { ++so_far; },
      [](std::int64_t& so_far, const std::int64_t& other) { so_far += other; },
      [](const std::int64_t& total, const WindowView& view, const EmitRow& emit) {
        std::vector<Value> key;
        if (!lymer::runtime::read_key(view.key, key)) return;
        RowBuilder row(kCounts);
        row.set(0, key[0]);
        row.set(1, Value::of(total));
        emit(row.bytes());
      });
}

int main() {
  StreamJob job;
  std::mutex mutex;  // Results come from several threads.
  std::set<std::string> results;
  job.generate("song", kLines, make_line)
      .flat_map("split", kWords, split)
      .key_by({0})
      .window(lymer::runtime::WindowAssigner::tumbling(Duration::seconds(10)))
      .aggregate("count", kCounts, count())
      .for_each("collect", [&](const EventView& event) {
        const std::int64_t end = event.header.time.to_millis() / 1000 + 1;
        const std::string word(event.row.get(0, kString).as_string());
        const std::lock_guard lock(mutex);
        results.insert("until " + std::to_string(end) + " s: " + word + " " +
                       std::to_string(event.row.get(1, kInt).as_int()));
      });

  lymer::SystemClock clock;
  if (const auto ran = job.run(clock, 2); !ran) {
    std::fprintf(stderr, "%s\n", ran.error().to_string().c_str());
    return 1;
  }
  for (const std::string& line : results) std::printf("%s\n", line.c_str());
  std::printf("\n%s", to_text(picture_of(job.job_graph(2).value())).c_str());
  return 0;
}
