// One function for each clause; a second clause of a kind is parsed and dropped, so that its own
// errors still show.
// Not here: expressions of fields (rules/parser_expression.h).
#include "rules/parser_stream.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/codes.h"
#include "rules/parser_cursor.h"
#include "rules/source_file.h"
#include "rules/token.h"
#include "rules/words.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

using Kind = TokenKind;

bool is_future_source(const TokenCursor& cursor) {
  return cursor.at_word("http") || cursor.at_word("socket");
}

}  // namespace

std::optional<TypeName> parse_type(TokenCursor& cursor) {
  TypeName type{.name = {}, .span = cursor.peek().span};
  const Span opener = cursor.peek().span;
  type.is_list = cursor.try_take(Kind::kLeftBracket);
  if (type.is_list && cursor.at(Kind::kLeftBracket)) {
    cursor.refuse(Code::kUnexpectedToken, "a list holds no lists");
    return std::nullopt;
  }
  std::optional<Name> name = cursor.expect_name("a type");
  if (!name) return std::nullopt;
  type.name = std::move(*name);
  if (type.is_list) cursor.close(Kind::kRightBracket, opener);
  if (cursor.in_panic()) return std::nullopt;
  const bool is_empty = cursor.at(Kind::kLeftBracket) && cursor.peek(1).kind == Kind::kRightBracket;
  if (!type.is_list && is_empty) {
    cursor.report(Code::kUnexpectedToken, cursor.peek().span,
                  "a list type has its brackets around it",
                  {.label = text("write `[{}]`", type.name.text)});
    cursor.skip_bracketed();
    type.is_list = true;
  }
  type.nullable = cursor.try_take(Kind::kQuestion);
  type.span = Span::join(type.span, cursor.last_span());
  return type;
}

StreamDecl StreamParser::parse() {
  StreamDecl stream;
  const Span begin = cursor_.take().span;
  if (std::optional<Name> name = cursor_.expect_name("a name for the stream")) {
    stream.name = std::move(*name);
  } else {
    stream.has_errors = true;
    if (cursor_.at(Kind::kLeftBrace)) cursor_.forgive();
  }
  const TokenCursor::Clauses outer = cursor_.set_clauses({&stream_clauses()});
  Body body = cursor_.open_body("a stream");
  while (cursor_.next_clause(body)) {
    const ClauseWord clause = cursor_.peek_clause(body);
    if (clause.is_guess) cursor_.begin_quiet();
    if (!parse_clause(stream, clause.text)) stream.has_errors = true;
    if (clause.is_guess) cursor_.end_quiet();
  }
  if (!body.is_open) stream.has_errors = true;
  cursor_.set_clauses(outer);
  stream.span = Span::join(begin, cursor_.last_span());
  return stream;
}

bool StreamParser::parse_clause(StreamDecl& stream, std::string_view word) {
  if (word == "from") return parse_from(stream);
  if (word == "format") return parse_format(stream);
  if (word == "unmatched") return parse_unmatched(stream);
  if (word == "field") return parse_field(stream);
  if (word == "time") return parse_time(stream);
  if (word == "out_of_order") return parse_duration(stream.out_of_order);
  if (word == "idle") return parse_duration(stream.idle);
  return false;
}

bool StreamParser::parse_from(StreamDecl& stream) {
  const Span word = cursor_.take().span;
  if (stream.file || stream.topics || stream.log) cursor_.report_duplicate(word);
  if (cursor_.at_word("topic") || cursor_.at_word("topics")) return parse_topics(stream);
  if (is_future_source(cursor_)) {
    cursor_.report_not_yet(cursor_.peek().span, text("the source {} is", cursor_.describe()),
                           "read the events from a file: from file \"PATH\" follow");
    cursor_.abandon();
    return false;
  }
  if (cursor_.try_take_word("log")) return parse_from_log(stream);
  if (!cursor_.try_take_word("file")) {
    const bool is_path = cursor_.at(Kind::kString);
    cursor_.refuse_expected("`file`", Code::kUnexpectedToken,
                            {.label = is_path ? "write `from file` before the path" : ""});
    return false;
  }
  return parse_file(stream);
}

bool StreamParser::parse_topics(StreamDecl& stream) {
  TopicSource source;
  const bool is_pattern = cursor_.try_take_word("topics");
  if (!is_pattern) (void)cursor_.try_take_word("topic");
  source.span = cursor_.peek().span;
  do {
    std::optional<std::string> text = cursor_.expect_string(
        is_pattern ? "a regular expression, r\"...\"" : "the name of a topic");
    if (!text) return false;
    if (is_pattern) {
      source.pattern = std::move(*text);
    } else {
      source.names.push_back(std::move(*text));
    }
  } while (!is_pattern && cursor_.try_take(Kind::kComma));
  source.span = Span::join(source.span, cursor_.last_span());
  if (cursor_.try_take_word("start") && !parse_start(source)) return false;
  if (!stream.topics && !stream.file) stream.topics = std::move(source);
  return true;
}

bool StreamParser::parse_start(TopicSource& source) {
  if (cursor_.at(Kind::kInstant)) {
    source.start = TopicStart::kInstant;
    source.instant = std::get<EventTime>(cursor_.take_literal());
    return true;
  }
  const std::optional<std::size_t> choice =
      cursor_.expect_one_of({"committed", "earliest", "latest"});
  if (!choice) return false;
  source.start = static_cast<TopicStart>(*choice);
  return true;
}

bool StreamParser::parse_file(StreamDecl& stream) {
  FileSource source{.path = {}, .path_span = cursor_.peek().span};
  std::optional<std::string> path = cursor_.expect_string("the path of the file, a string");
  if (!path) return false;
  source.path = std::move(*path);
  source.follow = cursor_.try_take_word("follow");
  if (!stream.file && !stream.topics && !stream.log) stream.file = std::move(source);
  return true;
}

bool StreamParser::parse_from_log(StreamDecl& stream) {
  LogName log{.name = {}, .span = cursor_.peek().span};
  std::optional<std::string> name = cursor_.expect_string("the name of a stream of the log");
  if (!name) return false;
  log.name = std::move(*name);
  if (!stream.file && !stream.topics && !stream.log) stream.log = std::move(log);
  return true;
}

bool StreamParser::parse_format(StreamDecl& stream) {
  const Span word = cursor_.take().span;
  if (stream.format) cursor_.report_duplicate(word);
  FormatDecl format;
  if (cursor_.at_word("raw") || cursor_.at_word("avro")) {
    cursor_.report_not_yet(cursor_.peek().span, text("the format {} is", cursor_.describe()),
                           "the formats are json, text and csv");
    cursor_.abandon();
    return false;
  }
  const std::optional<std::size_t> kind = cursor_.expect_one_of({"json", "text", "csv"});
  if (!kind) return false;
  if (*kind == 0 && cursor_.try_take_word("at")) {
    do {
      // Behind a point any word is a name, as everywhere.
      std::optional<Name> part;
      if (!format.at.empty() && cursor_.at(Kind::kWord)) part = cursor_.take_any_word();
      if (!part) part = cursor_.expect_name("the path to the array of events");
      if (!part) return false;
      format.at.push_back(std::move(*part));
    } while (cursor_.try_take(Kind::kDot));
  } else if (*kind == 1) {
    format.kind = FormatKind::kText;
    format.regex_span = cursor_.peek().span;
    std::optional<std::string> regex = cursor_.expect_string("a regular expression, r\"...\"");
    if (!regex) return false;
    format.regex = std::move(*regex);
  } else if (*kind == 2 && !parse_csv(format)) {
    return false;
  }
  format.span = Span::join(word, cursor_.last_span());
  if (!stream.format) stream.format = std::move(format);
  return true;
}

bool StreamParser::parse_csv(FormatDecl& format) {
  format.kind = FormatKind::kCsv;
  while (true) {
    const Span word = cursor_.peek().span;
    if (cursor_.try_take_word("delimiter")) {
      if (format.delimiter) cursor_.report_duplicate(word);
      const Span span = cursor_.peek().span;
      std::optional<std::string> delimiter = cursor_.expect_string("a string of one character");
      if (!delimiter) return false;
      if (format.delimiter) continue;
      format.delimiter = std::move(*delimiter);
      format.delimiter_span = span;
    } else if (cursor_.try_take_word("columns")) {
      if (format.columns) cursor_.report_duplicate(word);
      std::optional<std::vector<Name>> columns = parse_columns();
      if (!columns) return false;
      if (!format.columns) format.columns = std::move(*columns);
    } else if (cursor_.at_word("header")) {
      cursor_.refuse(Code::kUnexpectedToken, "`header` is no option of csv",
                     {.label = "without `columns` the first line is the header"});
      return false;
    } else {
      return true;
    }
  }
}

std::optional<std::vector<Name>> StreamParser::parse_columns() {
  const Span opener = cursor_.peek().span;
  if (!cursor_.expect(Kind::kLeftBracket, "`[` and the names of the columns")) return std::nullopt;
  std::vector<Name> columns;
  while (!cursor_.at(Kind::kRightBracket)) {
    std::optional<Name> name = cursor_.expect_name("the name of a column");
    if (!name) break;
    columns.push_back(std::move(*name));
    if (!cursor_.try_take(Kind::kComma)) break;
  }
  const bool is_whole = !cursor_.in_panic();
  cursor_.close(Kind::kRightBracket, opener);
  if (!is_whole || cursor_.in_panic()) return std::nullopt;
  return columns;
}

bool StreamParser::parse_unmatched(StreamDecl& stream) {
  const Span word = cursor_.take().span;
  if (stream.skip_unmatched) cursor_.report_duplicate(word);
  const std::optional<std::size_t> choice = cursor_.expect_one_of({"skip", "reject"});
  if (!choice) return false;
  if (!stream.skip_unmatched) stream.skip_unmatched = *choice == 0;
  return true;
}

bool StreamParser::parse_field(StreamDecl& stream) {
  if (!parse_field_after_word(stream, cursor_.take().span)) return false;
  bool is_reported = false;
  while (cursor_.at(Kind::kComma) && !cursor_.in_panic()) {
    if (!is_reported) {
      cursor_.report(Code::kUnexpectedToken, cursor_.peek().span, "no comma stands between fields",
                     {.label = "each field starts with the word `field`"});
    }
    is_reported = true;
    cursor_.take();
    const Span begin = cursor_.peek().span;
    if (cursor_.at_word("field")) cursor_.take();
    if (!cursor_.at_name()) return true;
    if (!parse_field_after_word(stream, begin)) return false;
  }
  return true;
}

bool StreamParser::parse_field_after_word(StreamDecl& stream, Span begin) {
  std::optional<Name> name = cursor_.expect_name("a name for the field");
  if (!name) return false;
  FieldDecl field{.name = std::move(*name), .type = {}, .value = {}, .span = begin};
  Advice advice;
  if (cursor_.at(Kind::kDot)) {
    advice.help.push_back(
        "a nested value gets a name of its own: field NAME: TYPE = path.to.value");
  }
  if (!cursor_.expect(Kind::kColon, "`:` and the type of the field", std::move(advice))) {
    return false;
  }
  std::optional<TypeName> type = parse_type(cursor_);
  if (!type) return false;
  field.type = std::move(*type);
  if (cursor_.try_take(Kind::kEquals)) field.value = expressions_.parse();
  field.span = Span::join(begin, cursor_.last_span());
  stream.fields.push_back(std::move(field));
  return true;
}

bool StreamParser::parse_time(StreamDecl& stream) {
  const Span word = cursor_.take().span;
  if (stream.time) cursor_.report_duplicate(word);
  TimeDecl time;
  if (cursor_.try_take_word("ingestion")) {
    time.kind = TimeKind::kIngestion;
  } else {
    std::optional<Name> field = cursor_.expect_name("the field that holds the time");
    if (!field) return false;
    time.field = std::move(*field);
    // The stream's own `format` clause may follow too; that one goes on with a word.
    const bool has_format = cursor_.at_word("format") && cursor_.peek(1).kind != Kind::kWord;
    if (has_format && !parse_time_format(time)) return false;
    if (!has_format && cursor_.try_take_word("unit")) {
      time.kind = TimeKind::kFieldUnit;
      time.unit = {.text = std::string(cursor_.word()), .span = cursor_.peek().span};
      if (!cursor_.expect_one_of({"s", "ms", "us", "ns"})) return false;
    }
  }
  time.span = Span::join(word, cursor_.last_span());
  if (!stream.time) stream.time = std::move(time);
  return true;
}

bool StreamParser::parse_time_format(TimeDecl& time) {
  cursor_.take();
  time.kind = TimeKind::kFieldFormat;
  time.format_span = cursor_.peek().span;
  time.format = cursor_.expect_string("a format of time in double quotes").value_or("");
  while (true) {
    const Span word = cursor_.peek().span;
    if (cursor_.try_take_word("zone")) {
      if (time.zone) cursor_.report_duplicate(word);
      const Span span = cursor_.peek().span;
      std::optional<std::string> zone = cursor_.expect_string("the name of a time zone, a string");
      if (!zone) return false;
      if (time.zone) continue;
      time.zone = std::move(*zone);
      time.zone_span = span;
    } else if (cursor_.try_take_word("year")) {
      if (time.infer_year) cursor_.report_duplicate(word);
      if (!cursor_.expect_word("infer")) return false;
      time.infer_year = true;
    } else {
      return true;
    }
  }
}

bool StreamParser::parse_duration(std::optional<Duration>& target) {
  const Span word = cursor_.take().span;
  if (target) cursor_.report_duplicate(word);
  const std::optional<Duration> length = cursor_.expect_duration("a duration");
  if (!length) return false;
  if (!target) target = *length;
  return true;
}

}  // namespace lymer::rules
