// One function for each kind of query, and one for what they share.
// Not here: keys and records (rules/printer_parts.h).
#include "rules/printer_query.h"

#include <optional>
#include <string>
#include <variant>

#include "rules/ast.h"
#include "rules/literal.h"
#include "rules/printer.h"
#include "rules/printer_parts.h"
#include "rules/words.h"
#include "runtime/base/text.h"
#include "runtime/base/time.h"

namespace lymer::rules {
namespace {

// Literals of durations have no sign, so a bound writes its own.
std::string write_bound(Duration bound) {
  if (bound.to_millis() >= 0) return write_duration(bound);
  return text("-{}", write_duration(Duration::millis(-bound.to_millis())));
}

void append_window(std::string& out, const WindowDecl& window) {
  append_text(out, "  window {}", to_string(window.word));
  if (window.word == WindowWord::kSession) out += " gap";
  if (window.size) append_text(out, " {}", write_duration(window.size->value));
  if (window.count) append_text(out, " {}", window.count->value);
  if (window.every) append_text(out, " every {}", write_duration(window.every->value));
  if (window.count_every) append_text(out, " every {}", window.count_every->value);
  if (window.offset) append_text(out, " offset {}", write_duration(window.offset->value));
  if (window.lateness) append_text(out, " lateness {}", write_duration(window.lateness->value));
}

void append_condition(std::string& out, const char* word, const std::optional<Expr>& condition) {
  if (condition) append_text(out, "  {} {}\n", word, print(*condition));
}

void append_select(std::string& out, const std::optional<SelectDecl>& select) {
  if (!select) return;
  out += "  ";
  append_record(out, "select", select->fields);
  out += '\n';
}

void append(std::string& out, const FromQuery& query) {
  append_text(out, "from {}\n", write_query_name(query.stream.text));
  append_condition(out, "where", query.where);
  if (query.by) {
    out += ' ';
    append_key(out, *query.by);
    out += '\n';
  }
  if (query.window) {
    append_window(out, *query.window);
    out += '\n';
  }
  append_select(out, query.select);
}

void append(std::string& out, const UnionQuery& query) {
  bool is_first = true;
  for (const Name& each : query.streams) {
    append_text(out, "{}{}", is_first ? "" : " union ", write_query_name(each.text));
    is_first = false;
  }
  out += '\n';
}

std::string write_side(const JoinSideDecl& side) {
  const std::string stream = write_query_name(side.stream.text);
  return side.alias ? text("{} {}", stream, write_query_name(side.alias->text)) : stream;
}

void append(std::string& out, const JoinQuery& query) {
  append_text(out, "join {}, {}\n", write_side(query.left), write_side(query.right));
  append_condition(out, "on", query.on);
  if (query.interval) {
    append_text(out, "  interval {} {}..{} {}\n", write_bound(query.interval->lower),
                query.interval->open_low ? "<" : "", query.interval->open_high ? "<" : "",
                write_bound(query.interval->upper));
  }
  if (query.window) {
    append_window(out, *query.window);
    if (query.kind_word) append_text(out, " {}", to_string(query.kind));
    out += '\n';
  }
  append_condition(out, "where", query.where);
  append_select(out, query.select);
}

void append(std::string& out, const ResultQuery& query) {
  append_text(out, "{} of {}\n", to_string(query.word), write_name(query.of.text));
}

}  // namespace

void append_query(std::string& out, const DerivedDecl& derived) {
  append_text(out, "stream {} = ", write_name(derived.name.text));
  std::visit([&out](const auto& query) { append(out, query); }, derived.query);
}

}  // namespace lymer::rules
