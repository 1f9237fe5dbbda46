// Reading dates by a strptime-like format. The format is taken apart once; reading is one pass over
// the text with a switch per step, as it happens for each event.
//
// Numbers take as many digits as their letter allows and one digit is enough, as in strptime.
// Not here: putting date and zone together (runtime/base/civil_time.cc).
#include <array>
#include <span>
#include <string>
#include <utility>

#include "runtime/base/calendar.h"
#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"

namespace lymer {
namespace {

using NameTable = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr std::size_t kShortName = 3;
// POSIX: %y below this is in the 2000s.
constexpr int kCenturyTurn = 69;
// The largest number of seconds whose milliseconds still fit into 64 bits, in digits.
constexpr std::size_t kEpochDigits = 15;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_space(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }
char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

// What a text says, before it is made into a date.
struct Parts {
  CivilTime civil;
  int day_of_year = 0;
  bool half_day_clock = false;
  bool afternoon = false;
  std::int64_t epoch_seconds = 0;
  bool has_epoch = false;
};

// Takes pieces off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char letter) {
    if (rest_.empty() || rest_.front() != letter) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Reads 1 to `digits_max` digits into `number`.
  template <typename Number>
  bool take_number(std::size_t digits_max, Number& number) {
    std::size_t digits = 0;
    Number read = 0;
    while (digits < digits_max && digits < rest_.size() && is_digit(rest_[digits])) {
      read = read * 10 + (rest_[digits++] - '0');
    }
    rest_.remove_prefix(digits);
    number = read;
    return digits > 0;
  }
  bool take_range(std::size_t digits_max, int low, int high, int& number) {
    return take_number(digits_max, number) && number >= low && number <= high;
  }
  // Reads the full or the short name and gives its place in the table, from 0.
  bool take_name(NameTable names, int& index) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!starts_with(names[i].substr(0, kShortName))) continue;
      rest_.remove_prefix(starts_with(names[i]) ? names[i].size() : kShortName);
      index = static_cast<int>(i);
      return true;
    }
    return false;
  }
  // Reads Z, +hh, +hhmm or +hh:mm.
  bool take_offset(int& minutes) {
    minutes = 0;
    if (take('Z') || take('z')) return true;
    const bool is_west = !rest_.empty() && rest_.front() == '-';
    if (!is_west && (rest_.empty() || rest_.front() != '+')) return false;
    rest_.remove_prefix(1);
    int hour = 0;
    int minute = 0;
    if (rest_.size() < 2 || !is_digit(rest_[1]) || !take_range(2, 0, 23, hour)) return false;
    const bool wants_minutes = take(':');
    if (wants_minutes || (!rest_.empty() && is_digit(rest_.front()))) {
      if (rest_.size() < 2 || !is_digit(rest_[1]) || !take_range(2, 0, 59, minute)) return false;
    }
    minutes = (is_west ? -1 : 1) * (hour * 60 + minute);
    return true;
  }
  // Reads 1 to 9 digits after the point; what is finer than a millisecond is cut off.
  bool take_fraction(int& millis) {
    const std::size_t before = rest_.size();
    int nanos = 0;
    if (!take_number(9, nanos)) return false;
    for (std::size_t digits = before - rest_.size(); digits < 9; ++digits) nanos *= 10;
    millis = nanos / 1000000;
    return true;
  }

 private:
  [[nodiscard]] bool starts_with(std::string_view lower_name) const {
    if (rest_.size() < lower_name.size()) return false;
    for (std::size_t i = 0; i < lower_name.size(); ++i) {
      if (lower(rest_[i]) != lower_name[i]) return false;
    }
    return true;
  }

  std::string_view rest_;
};

bool take_year(Reader& reader, std::size_t digits, Parts& parts) {
  int year = 0;
  if (!reader.take_number(digits, year)) return false;
  if (digits == 2) year += year < kCenturyTurn ? 2000 : 1900;
  parts.civil.year = year;
  return true;
}

bool take_half_of_day(Reader& reader, Parts& parts) {
  parts.afternoon = reader.take('P') || reader.take('p');
  if (!parts.afternoon && !reader.take('A') && !reader.take('a')) return false;
  return reader.take('M') || reader.take('m');
}

bool take_epoch(Reader& reader, Parts& parts) {
  const bool is_before = reader.take('-');
  parts.has_epoch = true;
  if (!reader.take_number(kEpochDigits, parts.epoch_seconds)) return false;
  if (is_before) parts.epoch_seconds = -parts.epoch_seconds;
  return true;
}

// Reads what one conversion letter asks for.
bool take_conversion(char letter, Reader& reader, Parts& parts) {
  CivilTime& civil = parts.civil;
  switch (letter) {
    case 'Y':
      return take_year(reader, 4, parts);
    case 'y':
      return take_year(reader, 2, parts);
    case 'm':
      return reader.take_range(2, 1, 12, civil.month);
    case 'e':
      reader.skip_spaces();
      return reader.take_range(2, 1, 31, civil.day);
    case 'd':
      return reader.take_range(2, 1, 31, civil.day);
    case 'b':
      if (!reader.take_name(kMonths, civil.month)) return false;
      ++civil.month;
      return true;
    case 'a': {
      int ignored = 0;
      return reader.take_name(kWeekdays, ignored);
    }
    case 'j':
      return reader.take_range(3, 1, 366, parts.day_of_year);
    case 'H':
      return reader.take_range(2, 0, 23, civil.hour);
    case 'I':
      parts.half_day_clock = true;
      return reader.take_range(2, 1, 12, civil.hour);
    case 'p':
      return take_half_of_day(reader, parts);
    case 'M':
      return reader.take_range(2, 0, 59, civil.minute);
    case 'S':  // 60 is a leap second; it becomes the next minute's first.
      return reader.take_range(2, 0, 60, civil.second);
    case 'f':
      return reader.take_fraction(civil.millisecond);
    case 'z':
      return reader.take_offset(civil.offset_minutes.emplace());
    case 's':
      return take_epoch(reader, parts);
    default:
      check_failed("a letter that compile() let through", std::string_view(&letter, 1));
  }
}

// Makes a date of the parts; nothing if there is no such date.
std::optional<CivilTime> complete(Parts& parts, bool has_half) {
  CivilTime& civil = parts.civil;
  if (parts.half_day_clock && has_half) {
    civil.hour = civil.hour % 12 + (parts.afternoon ? 12 : 0);
  }
  if (parts.has_epoch) {
    civil.epoch_millis = parts.epoch_seconds * kMillisPerSecond + civil.millisecond;
    return civil;
  }
  if (parts.day_of_year > 0) {
    LYMER_DCHECK(civil.year.has_value(), "compile() wants a year beside %j");
    const CalendarDate date =
        date_from_days(days_from_date({*civil.year, 1, 1}) + parts.day_of_year - 1);
    if (date.year != *civil.year) return std::nullopt;
    civil.month = date.month;
    civil.day = date.day;
  }
  // Without a year 29 February may exist; to_event_time() decides.
  constexpr int kSomeLeapYear = 2000;
  if (civil.day > days_in_month(civil.year.value_or(kSomeLeapYear), civil.month)) {
    return std::nullopt;
  }
  return civil;
}

// Spells out letters that stand for several, and gives letters that mean the same one form.
std::string_view expansion(char letter) {
  switch (letter) {
    case 'T':
      return "H:M:S";
    case 'R':
      return "H:M";
    case 'F':
      return "Y-m-d";
    case 'D':
      return "m/d/y";
    case 'B':
    case 'h':
      return "b";
    case 'A':
      return "a";
    default:
      return {};
  }
}

Error unknown_letter(std::string_view format, std::string_view letter) {
  return Error{ErrorCode::kInvalidArgument,
               text("a time format knows no `%{}`: `{}`", letter, format)};
}

}  // namespace

Result<TimeFormat> TimeFormat::compile(std::string_view format) {
  constexpr std::string_view kConversions = "YymdebajHIpMSfzs";
  TimeFormat made;
  bool has_day_of_year = false;
  const auto add = [&](char letter) {
    made.has_year_ = made.has_year_ || letter == 'Y' || letter == 'y' || letter == 's';
    has_day_of_year = has_day_of_year || letter == 'j';
    made.steps_.push_back({letter, 0});
  };
  const auto add_literal = [&](char literal) {
    const bool follows_space = !made.steps_.empty() && made.steps_.back().letter == ' ';
    if (!is_space(literal)) {
      made.steps_.push_back({0, literal});
    } else if (!follows_space) {
      made.steps_.push_back({' ', 0});
    }
  };
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      add_literal(format[i]);
      continue;
    }
    if (++i == format.size()) return unknown_letter(format, "");
    const char letter = format[i];
    if (letter == 'n' || letter == 't') {
      add_literal(' ');
    } else if (letter == '%') {
      add_literal('%');
    } else if (kConversions.find(letter) != std::string_view::npos) {
      add(letter);
    } else {
      const std::string_view letters = expansion(letter);
      if (letters.empty()) return unknown_letter(format, format.substr(i, 1));
      for (const char each : letters) {
        kConversions.find(each) == std::string_view::npos ? add_literal(each) : add(each);
      }
    }
  }
  if (has_day_of_year && !made.has_year_) {
    return Error{ErrorCode::kInvalidArgument,
                 text("a day of the year (`%j`) needs a year beside it: `{}`", format)};
  }
  return made;
}

std::optional<CivilTime> TimeFormat::parse(std::string_view text) const {
  Reader reader(text);
  Parts parts;
  bool has_half = false;
  for (const Step step : steps_) {
    if (step.letter == 0) {
      if (!reader.take(step.literal)) return std::nullopt;
    } else if (step.letter == ' ') {
      reader.skip_spaces();
    } else {
      has_half = has_half || step.letter == 'p';
      if (!take_conversion(step.letter, reader, parts)) return std::nullopt;
    }
  }
  if (!reader.at_end()) return std::nullopt;
  return complete(parts, has_half);
}

}  // namespace lymer
