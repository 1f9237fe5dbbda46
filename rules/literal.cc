// The civil calendar is std::chrono's; everything else is counting digits.
// Not here: where in the file the text stands (rules/lexer.h).
#include "rules/literal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "rules/characters.h"
#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

constexpr std::int64_t kMillisPerSecond = 1000;
constexpr std::int64_t kMillisPerMinute = 60 * kMillisPerSecond;
constexpr std::int64_t kMillisPerHour = 60 * kMillisPerMinute;
constexpr std::int64_t kMillisPerDay = 24 * kMillisPerHour;

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::array<Unit, 5> kUnits = {{{"d", kMillisPerDay},
                                         {"h", kMillisPerHour},
                                         {"m", kMillisPerMinute},
                                         {"s", kMillisPerSecond},
                                         {"ms", 1}}};

// What other tools call our units, with ours; a word that is absent gets no guess.
struct ForeignUnit {
  std::string_view name;
  std::string_view ours;
};
constexpr std::array<ForeignUnit, 13> kForeignUnits = {{{"sec", "s"},
                                                        {"secs", "s"},
                                                        {"second", "s"},
                                                        {"seconds", "s"},
                                                        {"min", "m"},
                                                        {"mins", "m"},
                                                        {"minute", "m"},
                                                        {"minutes", "m"},
                                                        {"hour", "h"},
                                                        {"hours", "h"},
                                                        {"day", "d"},
                                                        {"days", "d"},
                                                        {"millis", "ms"}}};

std::size_t digits_at(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

ReadLiteral<Duration> duration_problem(std::string problem, std::string hint) {
  return {.problem = std::move(problem), .hint = std::move(hint)};
}

std::string unit_hint(std::string_view unit, std::string_view digits) {
  for (const auto& [name, ours] : kForeignUnits) {
    if (unit == name) return text("did you mean `{}{}`?", digits, ours);
  }
  if (unit == "w" || unit == "week" || unit == "weeks") return "write days: `7d`";
  return "the units are d, h, m, s and ms";
}

// Takes a number off the front of `text`; the caller has checked that digits stand there.
std::int64_t take_number(std::string_view& text, std::size_t digits) {
  std::int64_t value = 0;
  const char* const first = text.data();
  const auto [end, error] = std::from_chars(first, first + digits, value);
  LYMER_CHECK(error == std::errc{} && end == first + digits);
  text.remove_prefix(digits);
  return value;
}

constexpr std::string_view kInstantShape = "0000-00-00T00:00:00";

// Gives the length of `.123`, or 0.
std::size_t fraction_length(std::string_view text) {
  if (!text.starts_with('.')) return 0;
  const std::size_t digits = digits_at(text.substr(1));
  return digits == 0 ? 0 : digits + 1;
}

// Gives the length of `Z` or `+01:00`, or 0.
std::size_t zone_length(std::string_view text) {
  if (text.starts_with('Z')) return 1;
  const bool is_offset = text.size() >= 6 && (text[0] == '+' || text[0] == '-') &&
                         digits_at(text.substr(1)) == 2 && text[3] == ':' &&
                         digits_at(text.substr(4)) >= 2;
  return is_offset ? 6 : 0;
}

// Reads the two digits at `offset`, whose shape instant_length() has checked.
std::int64_t two_digits(std::string_view text, std::size_t offset) {
  return (text[offset] - '0') * 10 + (text[offset + 1] - '0');
}

// Gives the milliseconds of a fraction with its point; the caller has checked its length.
std::int64_t fraction_millis(std::string_view fraction) {
  std::int64_t millis = 0;
  for (std::size_t i = 1; i <= 3; ++i) {
    millis = millis * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return millis;
}

constexpr std::chrono::year_month_day kFirstDay{std::chrono::year(0), std::chrono::January,
                                                std::chrono::day(1)};
constexpr std::chrono::year_month_day kLastDay{std::chrono::year(9999), std::chrono::December,
                                               std::chrono::day(31)};

std::int64_t start_of(std::chrono::year_month_day day) {
  return std::chrono::sys_days(day).time_since_epoch().count() * kMillisPerDay;
}

// Tells whether `time` can be written with a year of four digits.
bool is_writable(std::int64_t millis) {
  return millis >= start_of(kFirstDay) && millis < start_of(kLastDay) + kMillisPerDay;
}

bool fits_raw(std::string_view value) {
  for (const char letter : value) {
    if (letter == '"' || (is_control(letter) && letter != '\t')) return false;
  }
  return true;
}

std::string escaped(char letter) {
  switch (letter) {
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  if (!is_control(letter)) return std::string(1, letter);
  return text("\\u{{{:x}}}", static_cast<unsigned>(letter));
}

}  // namespace

ReadLiteral<Duration> read_duration(std::string_view written) {
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = written;
  while (!rest.empty()) {
    const std::size_t digits = digits_at(rest);
    const std::string_view number = rest.substr(0, digits);
    rest.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < rest.size() && !is_digit(rest[letters])) ++letters;
    const std::string_view unit = rest.substr(0, letters);
    rest.remove_prefix(letters);
    if (digits == 0 || letters == 0) {
      return duration_problem(text("`{}` is no duration", written), "write it as `1h30m`");
    }
    std::size_t index = 0;
    while (index < kUnits.size() && kUnits[index].name != unit) ++index;
    if (index == kUnits.size()) {
      return duration_problem(text("`{}` is no unit of time", unit), unit_hint(unit, number));
    }
    if (index < next_unit) {
      return duration_problem(text("the units of `{}` are out of order", written),
                              "each unit once, the larger first: `1h30m`");
    }
    next_unit = index + 1;
    std::int64_t count = 0;
    std::int64_t millis = 0;
    const char* const first = number.data();
    const auto error = std::from_chars(first, first + digits, count).ec;
    if (error != std::errc{} || __builtin_mul_overflow(count, kUnits[index].millis, &millis) ||
        __builtin_add_overflow(total, millis, &total)) {
      return duration_problem(text("`{}` is longer than a duration can be", written), "");
    }
  }
  if (next_unit == 0) return duration_problem("a duration is empty", "write it as `1h30m`");
  return {.value = Duration::millis(total)};
}

std::string write_duration(Duration length) {
  std::int64_t rest = length.to_millis();
  LYMER_CHECK_GE(rest, 0);
  if (rest == 0) return "0s";
  std::string out;
  for (const auto& [name, millis] : kUnits) {
    if (rest >= millis) append_text(out, "{}{}", rest / millis, name);
    rest %= millis;
  }
  return out;
}

std::size_t instant_length(std::string_view text) {
  if (text.size() < kInstantShape.size()) return 0;
  for (std::size_t i = 0; i < kInstantShape.size(); ++i) {
    const bool fits = kInstantShape[i] == '0' ? is_digit(text[i]) : text[i] == kInstantShape[i];
    if (!fits) return 0;
  }
  const std::size_t fraction = fraction_length(text.substr(kInstantShape.size()));
  const std::size_t zone = zone_length(text.substr(kInstantShape.size() + fraction));
  return zone == 0 ? 0 : kInstantShape.size() + fraction + zone;
}

ReadLiteral<EventTime> read_instant(std::string_view written) {
  const auto problem = [&](std::string_view hint) {
    return ReadLiteral<EventTime>{.problem = text("`@{}` is no instant", written),
                                  .hint = std::string(hint)};
  };
  if (written.empty() || instant_length(written) != written.size()) {
    return problem("write it as `@2026-01-31T00:00:00Z`");
  }
  std::string_view year_text = written;
  const auto year = static_cast<int>(take_number(year_text, 4));
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(two_digits(written, 5))),
      std::chrono::day(static_cast<unsigned>(two_digits(written, 8)))};
  if (!date.ok()) return problem("there is no such day");
  const std::int64_t hour = two_digits(written, 11);
  const std::int64_t minute = two_digits(written, 14);
  const std::int64_t second = two_digits(written, 17);
  if (hour > 23 || minute > 59 || second > 59) return problem("there is no such time of day");

  std::string_view rest = written.substr(kInstantShape.size());
  const std::string_view fraction = rest.substr(0, fraction_length(rest));
  if (fraction.size() > 4) return problem("time is in milliseconds: at most three digits");
  rest.remove_prefix(fraction.size());
  std::int64_t offset = 0;
  if (rest != "Z") {
    if (two_digits(rest, 1) > 23 || two_digits(rest, 4) > 59) return problem("no such offset");
    offset = two_digits(rest, 1) * kMillisPerHour + two_digits(rest, 4) * kMillisPerMinute;
    if (rest[0] == '-') offset = -offset;
  }
  const std::int64_t millis = start_of(date) + hour * kMillisPerHour + minute * kMillisPerMinute +
                              second * kMillisPerSecond + fraction_millis(fraction) - offset;
  if (!is_writable(millis)) return problem("in UTC the year has not four digits");
  return {.value = EventTime::from_millis(millis)};
}

std::string write_instant(EventTime time) {
  const std::int64_t millis = time.to_millis();
  LYMER_CHECK(is_writable(millis));
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(millis)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::int64_t of_day = (point - day).count();
  std::string out =
      text("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
           of_day / kMillisPerHour, of_day / kMillisPerMinute % 60, of_day / kMillisPerSecond % 60);
  if (of_day % kMillisPerSecond != 0) append_text(out, ".{:03}", of_day % kMillisPerSecond);
  out += 'Z';
  return out;
}

std::size_t bare_v6_length(std::string_view text) {
  constexpr std::size_t kColonsMin = 3;
  const auto fits = [](char each) { return is_hex_digit(each) || each == ':'; };
  std::size_t length = 0;
  while (length < text.size() && fits(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  const auto colons = static_cast<std::size_t>(std::ranges::count(digits, ':'));
  if (digits.find("::") == std::string_view::npos && colons < kColonsMin) return 0;
  if (length < text.size() && is_name_part(text[length])) return 0;
  if (length + 1 < text.size() && text[length] == '/' && is_digit(text[length + 1])) {
    ++length;
    while (length < text.size() && is_digit(text[length])) ++length;
  }
  return length;
}

std::string write_string(std::string_view value) {
  if (value.find('\\') != std::string_view::npos && fits_raw(value)) {
    return text("r\"{}\"", value);
  }
  std::string out = "\"";
  for (const char letter : value) out += escaped(letter);
  out += '"';
  return out;
}

std::string write_float(double value) {
  LYMER_CHECK(std::isfinite(value) && !std::signbit(value));
  std::string out = text("{}", value);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

}  // namespace lymer::rules
