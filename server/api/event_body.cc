// Where events begin and end is found by brackets and line ends alone, so that one that is wrong
// does no harm to the next.
// Not here: JSON's grammar (runtime/format/json_object_check.h).
#include "server/api/event_body.h"

#include <algorithm>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/format/json_object_check.h"
#include "runtime/source.h"

namespace lymer::server {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

// Takes texts in turn, and keeps what is an event.
class Reading {
 public:
  explicit Reading(const EventLimits& limits) : limits_(limits) {}

  // kRecordPadding readable bytes follow the text.
  void take(std::uint64_t line, std::string_view event) {
    if (event.size() > limits_.event_bytes) {
      return reject(line,
                    text("it has {} bytes, and {} may be", event.size(), limits_.event_bytes));
    }
    if (auto wrong = check_(event)) return reject(line, *std::move(wrong));
    if (event.find_first_of("\r\n") == std::string_view::npos) return body_.records.add(event);
    // In an object that is whole these stand between values alone.
    std::string flat(event);
    std::ranges::replace_if(flat, [](char c) { return c == '\r' || c == '\n'; }, ' ');
    body_.records.add(flat);
  }
  EventBody end() && { return std::move(body_); }

 private:
  void reject(std::uint64_t line, std::string error) {
    ++body_.rejected;
    if (body_.errors.size() < limits_.errors) body_.errors.push_back({line, std::move(error)});
  }

  const EventLimits& limits_;
  runtime::JsonObjectCheck check_;
  EventBody body_;
};

void read_lines(std::string_view body, Reading& reading) {
  std::uint64_t line = 0;
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    const std::string_view event = trimmed(body.substr(begin, end - begin));
    ++line;
    if (!event.empty()) reading.take(line, event);
    begin = end + 1;
  }
}

Error no_list() {
  return Error{ErrorCode::kInvalidArgument,
               "the body is no list of objects and no object; events in lines are "
               "application/x-ndjson"};
}

// Cuts a list at the commas that stand in no other bracket.
Result<void> read_list(std::string_view list, Reading& reading) {
  std::size_t depth = 0;
  std::size_t begin = 1;
  std::uint64_t place = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
      continue;
    }
    if (c == '"') in_text = true;
    if (c == '[' || c == '{') ++depth;
    const bool closes = c == ']' || c == '}';
    if ((closes || c == ',') && depth == 1) {
      const std::string_view event = trimmed(list.substr(begin, i - begin));
      const bool is_empty_list = closes && place == 0 && event.empty();
      if (!is_empty_list) reading.take(++place, event);
      begin = i + 1;
    }
    if (closes && --depth == 0)
      return c == ']' && i + 1 == list.size() ? Result<void>() : no_list();
  }
  return no_list();
}

}  // namespace

Result<EventBody> read_events(std::string_view body, EventForm form, const EventLimits& limits) {
  std::string padded;
  padded.reserve(body.size() + runtime::kRecordPadding);
  padded += body;
  padded.append(runtime::kRecordPadding, '\0');
  const std::string_view all = std::string_view(padded).substr(0, body.size());
  Reading reading(limits);
  if (form == EventForm::kLines) {
    read_lines(all, reading);
    return std::move(reading).end();
  }
  const std::string_view document = trimmed(all);
  if (document.starts_with('[')) {
    LYMER_RETURN_IF_ERROR(read_list(document, reading));
  } else if (document.starts_with('{')) {
    reading.take(1, document);
  } else {
    return no_list();
  }
  return std::move(reading).end();
}

}  // namespace lymer::server
