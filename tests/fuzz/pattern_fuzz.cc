// Any bytes as calls of a PatternBuilder: what builds must compile to a sound program.
//
// An input is written in letters, so that a corpus can be read; spaces do not count:
//
//   F                               dialect flink (anything else: the default one)
//   ba wx +. ux  fb wy t3.  s2a.    begin a where x oneOrMore until x followedBy b where y times 3
//   (f bc wz )?                     followedBy (begin c where z) optional
//
// The first element of a chain begins it whatever its word, and none does after that, or hardly an
// input would get further; B begins in any case. A byte with no meaning stands for the one that its
// remainder points at.
// Not here: what programs find (matching_fuzz.cc).
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cep/compiler/compiler.h"
#include "cep/explain.h"
#include "cep/kept_values.h"
#include "cep/pattern_builder.h"
#include "runtime/base/check.h"
#include "tests/fuzz/program_check.h"

namespace {

using namespace lymer;
using cep::PatternBuilder;

// Larger ones only make each run slower.
constexpr std::size_t kMostBytes = 512;
constexpr std::string_view kCalls = "nfa!~(wour+tm?gcCWPsE)nfwbB";
constexpr std::array<const char*, 7> kOddNames = {"",   "a:b", "$end",        "$endState$",
                                                  "a:", ":",   "GroupPattern"};
constexpr std::array<std::int64_t, 9> kOddNumbers = {
    -1,     100,     5'000,
    10'000, 100'000, std::int64_t{1} << 32U,
    -7,     1'000,   std::numeric_limits<std::int64_t>::max()};

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  // Gives 0 at the end.
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  char call() {
    std::uint8_t byte = next();
    while (byte == ' ' || byte == '\n') byte = next();
    if (byte == 0) return ')';
    return kCalls.find(static_cast<char>(byte)) == std::string_view::npos
               ? kCalls[byte % kCalls.size()]
               : static_cast<char>(byte);
  }
  std::string name() {
    const std::uint8_t byte = next();
    if (byte >= 'a' && byte <= 'z') return std::string(1, static_cast<char>(byte));
    return kOddNames[byte % kOddNames.size()];
  }
  std::int64_t number() {
    const std::uint8_t byte = next();
    if (byte >= '0' && byte <= '9') return byte - '0';
    return kOddNumbers[byte % kOddNumbers.size()];
  }
  Duration duration() { return Duration::millis(number()); }
  std::optional<Duration> gap() {
    const std::uint8_t byte = next();
    if (byte < '0' || byte > '9') return std::nullopt;
    return Duration::millis(byte - '0');
  }
  cep::ConditionRef condition() {
    return cep::simple_condition([](const runtime::RowView&) { return true; },
                                 std::string(1, static_cast<char>('a' + next() % 26)));
  }

 private:
  std::string_view bytes_;
};

void add_calls(PatternBuilder& builder, Bytes& bytes);

// Adds a stage or a group by the word at hand.
template <typename Element>
void add(PatternBuilder& builder, char word, bool& is_first, const Element& element) {
  if (word != 'B') word = is_first ? 'B' : word == 'b' ? 'n' : word;
  is_first = false;
  if (word == 'B') builder.begin(element);
  if (word == 'n') builder.next(element);
  if (word == 'a') builder.followed_by_any(element);
  if (word == 'f') builder.followed_by(element);
}

void add_group(PatternBuilder& builder, bool& is_first, Bytes& bytes) {
  constexpr std::string_view kWords = "Bnfa";
  const auto given = static_cast<char>(bytes.next());
  PatternBuilder members;
  add_calls(members, bytes);
  const bool is_word = kWords.find(given) != std::string_view::npos;
  add(builder, is_word ? given : 'f', is_first, members);
}

void set_skip(PatternBuilder& builder, Bytes& bytes) {
  cep::SkipStrategy strategy;
  strategy.kind = static_cast<cep::SkipStrategy::Kind>(bytes.next() % 5);
  strategy.target = bytes.name();
  strategy.fail_if_missing = bytes.next() == '!';
  builder.skip(strategy);
}

// Counts need one number or two, in the order in which they are written.
void count(PatternBuilder& builder, char call, Bytes& bytes) {
  if (call == '+') {
    builder.one_or_more(bytes.gap());
    return;
  }
  const std::int64_t from = bytes.number();
  if (call == 't') builder.times(from, bytes.gap());
  if (call == 'm') builder.times_or_more(from, bytes.gap());
  if (call != 'r') return;
  const std::int64_t to = bytes.number();
  builder.times(from, to, bytes.gap());
}

// To the end of the group, or of the input.
void add_calls(PatternBuilder& builder, Bytes& bytes) {
  bool is_first = true;
  while (!bytes.is_empty()) {
    const char call = bytes.call();
    switch (call) {
      case ')':
        return;
      case 'b':
      case 'B':
      case 'n':
      case 'f':
      case 'a':
        add(builder, call, is_first, bytes.name());
        break;
      case '!':
        builder.not_next(bytes.name());
        break;
      case '~':
        builder.not_followed_by(bytes.name());
        break;
      case '(':
        add_group(builder, is_first, bytes);
        break;
      case 'w':
        builder.where(bytes.condition());
        break;
      case 'o':
        builder.or_where(bytes.condition());
        break;
      case 'u':
        builder.until(bytes.condition());
        break;
      case '?':
        builder.optional();
        break;
      case 'g':
        builder.greedy();
        break;
      case 'c':
        builder.consecutive();
        break;
      case 'C':
        builder.allow_combinations();
        break;
      case 'W':
        builder.within(bytes.duration());
        break;
      case 'P':
        builder.within_previous(bytes.duration());
        break;
      case 's':
        set_skip(builder, bytes);
        break;
      case 'E':
        builder.accept_endless_loops();
        break;
      default:
        count(builder, call, bytes);
    }
  }
}

void check_compiled(const cep::Pattern& pattern) {
  const cep::CompiledPattern compiled = cep::compile(pattern);
  fuzz::check_program(compiled.program);
  LYMER_CHECK_EQ(compiled.atoms.size(), compiled.program.atoms.size());
  (void)cep::engine_choice(compiled);
  LYMER_CHECK(!cep::explain_text(compiled.program).empty());
  LYMER_CHECK(!cep::explain_dot(compiled.program, pattern.name()).empty());
  LYMER_CHECK(nlohmann::json::accept(cep::explain_json(compiled.program)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* given, std::size_t size) {
  if (size > kMostBytes) return 0;
  Bytes bytes(std::string_view(reinterpret_cast<const char*>(given), size));
  const auto dialect = bytes.next() == 'F' ? cep::Dialect::kFlink : cep::Dialect::kDefault;
  PatternBuilder builder("fuzzed", dialect);
  add_calls(builder, bytes);

  const auto problems = builder.problems();
  const auto pattern = builder.build();
  LYMER_CHECK(pattern.has_value() == problems.empty());
  for (const cep::PatternProblem& each : problems) LYMER_CHECK(!each.message.empty());
  if (!pattern) {
    LYMER_CHECK(pattern.error().code == ErrorCode::kInvalidPattern);
    return 0;
  }
  // In dialect flink the order of the calls can save what the finished spec would not be granted.
  if (dialect == cep::Dialect::kDefault) {
    LYMER_CHECK(cep::Pattern::make(pattern->spec()).has_value());
  }
  check_compiled(*pattern);
  return 0;
}
