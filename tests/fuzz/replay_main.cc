// Runs a fuzz target over stored inputs: the files given, and all files in the directories given.
//
//   rules_fuzz corpus/rules                          each file once
//   rules_fuzz --mutate 2000 --seed 1 corpus/rules   then 2000 inputs made of them
//
// g++ has no libFuzzer; replaying the corpus keeps every input that once broke something from
// breaking it again, in each ctest run and under the sanitizers. Mutations follow from the seed
// alone. An input that kills the program, or takes longer than ten seconds, is left in the file
// fuzz_failure. Not here: coverage as a guide; clang's libFuzzer can link the same targets.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr unsigned kSecondsPerInput = 10;
constexpr std::size_t kMutatedMax = std::size_t{64} << 10U;

// What may be spliced in: words of rules, pieces of JSON and CSV, and values at the edges.
constexpr std::array<std::string_view, 84> kWords = {"stream ",
                                                     "rule ",
                                                     "list ",
                                                     "macro ",
                                                     "m(",
                                                     "from file \"x\" ",
                                                     "format json ",
                                                     "format csv ",
                                                     "format text r\"(?P<k>.*)\" ",
                                                     "field k: int ",
                                                     "field `a b`: [string]? ",
                                                     "time ingestion ",
                                                     "time at unit s ",
                                                     "on s by k ",
                                                     "begin a ",
                                                     "next b ",
                                                     "followedBy c ",
                                                     "followedByAny d ",
                                                     "notNext e ",
                                                     "notFollowedBy f ",
                                                     "where ",
                                                     "times 2 ",
                                                     "times 2..4 ",
                                                     "times 3 or more ",
                                                     "oneOrMore ",
                                                     "optional ",
                                                     "greedy ",
                                                     "consecutive ",
                                                     "allowCombinations ",
                                                     "until ",
                                                     "within 1h30m ",
                                                     "skip to last(a) or fail ",
                                                     "emit { x: ",
                                                     "on timeout ",
                                                     "severity high ",
                                                     "tags [\"t\"] ",
                                                     "doc \"d\" ",
                                                     " and ",
                                                     " or ",
                                                     " not ",
                                                     " in ",
                                                     " not in ",
                                                     " like \"a*?\" ",
                                                     " matches r\"[a\" ",
                                                     " contains ",
                                                     " is not null ",
                                                     " ?? ",
                                                     "first(a).k",
                                                     "count(a)",
                                                     "key.k",
                                                     "any(x in args: x == \"y\")",
                                                     "all(x in [1, 2]: x > 0)",
                                                     "[1, 2.5, null]",
                                                     "10.0.0.0/8",
                                                     "ip\"2001:db8::1\"",
                                                     "@2026-01-31T00:00:00Z",
                                                     "5m",
                                                     "1e308",
                                                     "-9223372036854775808",
                                                     "9223372036854775807",
                                                     "9223372036854775808",
                                                     "0.1",
                                                     "..<",
                                                     "<..",
                                                     "(",
                                                     ")",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     "\"",
                                                     "`",
                                                     "//",
                                                     "/*",
                                                     "\\",
                                                     "\\u0000",
                                                     "\xEF\xBB\xBF",
                                                     "\xC3\xA9",
                                                     "\xF0\x9F\x98\x80",
                                                     "\xFF",
                                                     "null",
                                                     "\n",
                                                     "\r\n",
                                                     ";"};

// SplitMix64: a few lines, the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // Gives a number below `bound`, which must not be 0.
  std::size_t below(std::size_t bound) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<std::size_t>((mixed ^ (mixed >> 31U)) % bound);
  }

 private:
  std::uint64_t state_;
};

// Changes one thing: a bit, a byte, a piece taken out, doubled, or put in from elsewhere.
void mutate_once(std::string& text, const std::vector<std::string>& corpus, Random& random) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = 1 + random.below(random.below(4) == 0 ? 200 : 12);
  switch (random.below(8)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      return;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      return;
    case 2:
      text.erase(at, length);
      return;
    case 3:
      text.insert(at, text.substr(at, length));
      return;
    case 4: {
      const std::string& other = corpus[random.below(corpus.size())];
      text.insert(at, other.substr(random.below(other.size() + 1), length));
      return;
    }
    case 5: {
      // A digit becomes another number.
      const std::size_t digit = text.find_first_of("0123456789", at);
      if (digit == std::string::npos) return;
      text.replace(digit, 1, std::to_string(random.below(random.below(2) == 0 ? 10 : 1'000'000)));
      return;
    }
    case 6:
      if (random.below(8) == 0) text.resize(at);
      return;
    default:
      text.insert(at, kWords[random.below(kWords.size())]);
      return;
  }
}

// The input that is about to run, for the handler of signals.
const std::string* current = nullptr;

void keep_current(int signal) {
  const int file = ::open("fuzz_failure", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && current != nullptr) {
    [[maybe_unused]] const auto written = ::write(file, current->data(), current->size());
  }
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

void run(const std::string& input) {
  current = &input;
  ::alarm(kSecondsPerInput);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  ::alarm(0);
}

std::vector<std::filesystem::path> list_inputs(const std::vector<std::string>& arguments) {
  std::vector<std::filesystem::path> inputs;
  for (const std::string& argument : arguments) {
    if (!std::filesystem::is_directory(argument)) {
      inputs.emplace_back(argument);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
      if (entry.is_regular_file()) inputs.push_back(entry.path());
    }
  }
  std::sort(inputs.begin(), inputs.end());  // the same order on every file system
  return inputs;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> paths;
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    const bool has_value = i + 1 < count;
    if (word == "--mutate" && has_value) {
      mutations = std::strtoull(arguments[++i], nullptr, 10);
    } else if (word == "--seed" && has_value) {
      seed = std::strtoull(arguments[++i], nullptr, 10);
    } else {
      paths.emplace_back(word);
    }
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) {
    std::signal(signal, keep_current);
  }
  std::vector<std::string> corpus;
  for (const std::filesystem::path& input : list_inputs(paths)) {
    std::fprintf(stderr, "%s\n", input.c_str());  // the last name printed is the one that broke
    std::ifstream file(input, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    run(corpus.back());
  }
  if (corpus.empty()) return 1;  // an empty corpus is a wrong path
  Random random(seed);
  for (std::uint64_t i = 0; i < mutations; ++i) {
    std::string input = corpus[random.below(corpus.size())];
    for (std::size_t changes = 1 + random.below(6); changes > 0; --changes) {
      mutate_once(input, corpus, random);
    }
    input.resize(std::min(input.size(), kMutatedMax));
    run(input);
  }
  if (mutations > 0)
    std::fprintf(stderr, "%llu mutations, seed %llu\n", static_cast<unsigned long long>(mutations),
                 static_cast<unsigned long long>(seed));
  return 0;
}
