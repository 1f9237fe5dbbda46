// Short ways to bind: one expression over a sample row, or a whole file; for the tests of the
// binder.
// Not here: parsing alone (tests/rules/parsing.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/declarations.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"
#include "rules/scope.h"
#include "rules/source_file.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "tests/rules/parsing.h"

namespace lymer::rules {

// ---- One expression.

// Fields of all types, with these values in the sample row:
//   b true   i 7   f 2.5   s "Ann"   ip 10.1.2.3   t 2026-01-01T00:00:00Z   d 5m
//   li [1, 2, 3]   ls ["a", "bc"]   lip [10.0.0.1]   and nb, ni, ns, nls: null
[[nodiscard]] const runtime::SchemaRef& sample_schema();

// Binds an expression over the sample row. `declarations` may hold lists and macros for it.
class Binding {
 public:
  explicit Binding(std::string_view expression, std::string_view declarations = {});

  [[nodiscard]] bool is_good() const { return bound_.has_value(); }
  // The type, or what was reported: "int", "R0208".
  [[nodiscard]] std::string type() const;
  // The value on the sample row as JSON, with `!` for each error counted; or what was reported.
  [[nodiscard]] std::string value() const;
  // What was reported: each code with the underlined piece of the text, "R0208 `==`".
  [[nodiscard]] std::vector<std::string> marks() const;
  // The label of the first report.
  [[nodiscard]] std::string label() const;
  [[nodiscard]] const runtime::Expression& expression() const { return *bound_; }
  [[nodiscard]] const Scope& scope() const { return scope_; }

 private:
  [[nodiscard]] std::string codes() const;

  Parsed parsed_;
  Declarations declarations_;
  Scope scope_;
  std::optional<runtime::Expression> bound_;
};

[[nodiscard]] std::string type_of(std::string_view expression, std::string_view declarations = {});
[[nodiscard]] std::string value_of(std::string_view expression, std::string_view declarations = {});

// ---- A whole file.

struct Loaded {
  explicit Loaded(std::string text);

  SourceFile file;
  Diagnostics diagnostics;
  std::optional<RuleSet> rules;

  // "R0208 W0403"
  [[nodiscard]] std::string codes() const;
  // "R0208 `==`" each
  [[nodiscard]] std::vector<std::string> marks() const;
  // The first message, its label and its help lines, joined by " | ".
  [[nodiscard]] std::string advice() const;
};

// `stream s` in JSON with the fields user: string, ip: ip, ok: bool, amount: int, score: float,
// country: string?, args: [string], at: time.
[[nodiscard]] std::string sample_stream();
// The stream and `rule r { on s by user CLAUSES }`; `within 1m` is added unless it is there.
[[nodiscard]] std::string with_rule(std::string_view clauses);
// A rule with the one stage `a`.
[[nodiscard]] std::string with_where(std::string_view condition);

// Values of earlier events for expressions of a rule, in place of a match.
class History final : public runtime::Histories {
 public:
  // One event of a stage; `amount` is null where there is none.
  void add(runtime::HistoryIndex stage, const runtime::SchemaRef& schema, std::string_view user,
           std::optional<std::int64_t> amount);

  [[nodiscard]] std::size_t count(runtime::HistoryIndex history) override;
  [[nodiscard]] runtime::RowView row(runtime::HistoryIndex history, std::size_t index) override;

 private:
  struct Event {
    runtime::HistoryIndex stage;
    std::vector<std::byte> bytes;
    std::size_t fields;
  };
  std::vector<Event> events_;
};

// Evaluates as JSON, with `!` for each error counted.
[[nodiscard]] std::string evaluated(const runtime::Expression& expression, runtime::RowView row,
                                    runtime::Histories* histories = nullptr);

}  // namespace lymer::rules
