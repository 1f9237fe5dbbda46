// The tree of a rule file: what was written, with positions, before anything is looked up.
//
// Plain values, no pointers to other trees; the parser fills it, the printer writes it back
// (parse(print(x)) = x, positions aside), the binder turns it into schemas and patterns.
// Not here: types and names resolved (rules/binder.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/source_file.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/time.h"

namespace lymer::rules {

// A word with its place: the name of a field, a stage, a stream.
struct Name {
  std::string text;
  Span span;
};

// ---- Expressions -------------------------------------------------------------------------------

enum class ExprKind : std::uint8_t {
  kNull,
  kBool,      // literal: bool
  kInt,       // literal: std::int64_t
  kFloat,     // literal: double
  kString,    // literal: std::string, escapes undone
  kIp,        // literal: IpAddress
  kNetwork,   // literal: IpNetwork
  kDuration,  // literal: Duration
  kTime,      // literal: EventTime
  kName,      // name
  kMember,    // args[0] . name
  kCall,      // name ( args... )
  kUnary,     // op ("not" or "-") args[0]
  kBinary,    // args[0] op args[1]; op as written: "and" "==" "like" "in" "??" "+" ...
  kIsNull,    // args[0] is null; negated: is not null
  kRange,     // args[0] .. args[1] with open_low / open_high; only on the right of `in`
  kList,      // [ args... ]
  kAny,       // any( name in args[0] : args[1] )
  kAll,       // all( name in args[0] : args[1] )
  kError,     // what could not be parsed; a diagnostic was given, so later steps stay silent
};

struct Expr {
  ExprKind kind = ExprKind::kError;
  Span span;
  // The name of a kName, kMember, kCall, kAny and kAll.
  Name name = {};
  // The operator of a kUnary or kBinary, in its canonical spelling, and its place.
  std::string op = {};
  Span op_span = {};
  std::variant<std::monostate, bool, std::int64_t, double, std::string, IpAddress, IpNetwork,
               Duration, EventTime>
      literal = {};
  std::vector<Expr> args = {};
  bool negated = false;    // kIsNull: `is not null`; kBinary: `x not in y`, `x not like y`.
  bool open_low = false;   // kRange: `a<..b`
  bool open_high = false;  // kRange: `a..<b`
};

// ---- Streams -----------------------------------------------------------------------------------

// `string`, `int?`, `[string]`.
struct TypeName {
  Name name;
  bool is_list = false;
  bool nullable = false;
  Span span;
};

// `field NAME: TYPE [= EXPR]`. Where the expression of a json stream is a bare dotted path that
// names no earlier field it is a path into the event's JSON; the binder decides.
struct FieldDecl {
  Name name;
  TypeName type;
  std::optional<Expr> value;
  Span span;
};

// `from file "PATH" [follow]`.
struct FileSource {
  std::string path;
  Span path_span;
  bool follow = false;
};

enum class TopicStart : std::uint8_t { kCommitted, kEarliest, kLatest, kInstant };

// `from topic "a", "b" [start S] | from topics r"REGEX" [start S]`.
struct TopicSource {
  std::vector<std::string> names;  // Empty with a pattern.
  std::string pattern;
  Span span;  // Of the names or the pattern.
  std::optional<TopicStart> start;
  EventTime instant;  // With kInstant.
};

// `from log "NAME"`, also where results go: `to log "NAME"`.
struct LogName {
  std::string name;
  Span span;
};

enum class FormatKind : std::uint8_t { kJson, kText, kCsv, kRaw };

// `format json [at PATH] | text r"REGEX" | csv [header ...]`.
struct FormatDecl {
  FormatKind kind = FormatKind::kJson;
  Span span;
  std::vector<Name> at;  // json: the path to the array of events, empty for one event a line
  std::string regex;     // text
  Span regex_span;
  std::optional<std::string> delimiter;  // csv: `delimiter ";"`
  Span delimiter_span;
  std::optional<std::vector<Name>> columns;  // csv: `columns [a, b]`: the file has no header line
};

enum class TimeKind : std::uint8_t { kFieldFormat, kFieldUnit, kFieldIso, kIngestion };

// `time FIELD [format "F" [zone "Z"] [year infer]] | time FIELD unit s|ms|us|ns | time ingestion`.
// Without format and unit the field is of type time, or a string in RFC 3339.
struct TimeDecl {
  TimeKind kind = TimeKind::kFieldIso;
  Name field;
  std::string format;
  Span format_span;
  std::optional<std::string> zone;
  Span zone_span;
  bool infer_year = false;
  Name unit;
  Span span;
};

struct StreamDecl {
  Name name;
  Span span;
  std::optional<FileSource> file;
  std::optional<TopicSource> topics;  // In place of a file.
  std::optional<LogName> log;         // In place of both.
  std::optional<FormatDecl> format;
  // `unmatched skip | reject`: what a text line is that the regex does not match.
  std::optional<bool> skip_unmatched;
  std::vector<FieldDecl> fields;
  std::optional<TimeDecl> time;
  std::optional<Duration> out_of_order;
  std::optional<Duration> idle;
  // A part was refused and is missing here; a diagnostic was given, so later steps do not complain
  // about what they miss.
  bool has_errors = false;
};

// ---- Rules -------------------------------------------------------------------------------------

// `list NAME: TYPE = [ ... ]`.
struct ListDecl {
  Name name;
  TypeName type;
  std::vector<Expr> elements;
  Span span;
  bool has_errors = false;  // As in StreamDecl.
};

// `macro NAME(PARAMETERS) = EXPR`.
struct MacroDecl {
  Name name;
  std::vector<Name> parameters;
  Expr body;
  Span span;
  bool has_errors = false;  // As in StreamDecl.
};

enum class StageWord : std::uint8_t {
  kBegin,
  kNext,
  kFollowedBy,
  kFollowedByAny,
  kNotNext,
  kNotFollowedBy,
};

// `times 3`, `times 2..4`, `times 5 or more`, `oneOrMore`. No maximum: unbounded.
struct QuantifierDecl {
  std::int64_t minimum = 1;
  std::optional<std::int64_t> maximum = 1;
  bool one_or_more = false;  // Written as the word oneOrMore.
  Span span;
};

// A duration with the place of its clause.
struct DurationDecl {
  Duration value;
  Span span;
};

// `by FIELD` or `by (FIELD, FIELD)`.
struct KeyDecl {
  std::vector<Name> fields;
  Span span;
};

// A stage, or a group of stages in parentheses.
struct StageDecl {
  StageWord word = StageWord::kBegin;
  Span word_span;
  Name name;                   // Of a group: empty, with the place of its word.
  std::optional<Name> stream;  // `begin a: logins`
  std::optional<KeyDecl> by;   // Its own key.
  std::optional<Expr> where;
  std::optional<QuantifierDecl> quantifier;
  std::optional<Span> optional_word;
  std::optional<Span> greedy_word;
  std::optional<Span> consecutive_word;
  std::optional<Span> combinations_word;
  std::optional<Expr> until;
  std::optional<DurationDecl> gap;
  std::optional<DurationDecl> within_previous;  // `within 5s of previous`
  bool is_group = false;
  std::vector<StageDecl> members = {};  // Of a group.
  Span span;
};

enum class SkipKind : std::uint8_t { kNone, kToNext, kPastLast, kToFirst, kToLast };

// `skip none | to next | past last | to first(STAGE) | to last(STAGE) [or fail]`.
struct SkipDecl {
  SkipKind kind = SkipKind::kNone;
  std::optional<Name> target;
  bool or_fail = false;
  Span span;
};

// `{ NAME: EXPR, ... }` with the sinks it goes to.
struct EmitField {
  Name name;
  Expr value;
};
struct EmitDecl {
  bool bare = false;  // `on timeout` without `emit`: the whole partial match.
  std::vector<EmitField> fields;
  // `to topic "NAME", log "NAME"`; which of them comes first means nothing.
  std::vector<LogName> logs = {};
  std::vector<std::string> topics = {};
  Span span;
};

// One stream of `on STREAM by FIELD, STREAM by FIELD`; without `by` there is no key.
struct InputDecl {
  Name stream;
  std::optional<KeyDecl> by;
  Span span;
};

// `order by FIELD desc, FIELD`.
struct OrderField {
  Name name;
  bool is_descending = false;
};
struct OrderDecl {
  std::vector<OrderField> fields;
  Span span;
};

struct RuleDecl {
  Name name;
  std::optional<std::string> doc;
  std::optional<Name> severity;
  std::vector<std::string> tags;
  std::vector<InputDecl> inputs;
  std::optional<Name> dialect;
  std::optional<OrderDecl> order;
  std::vector<StageDecl> stages;
  std::optional<Duration> within;
  Span within_span;
  std::optional<SkipDecl> skip;
  std::optional<EmitDecl> emit;
  std::optional<EmitDecl> on_timeout;
  Span span;
  bool has_errors = false;  // As in StreamDecl.
};

// ---- Derived streams ---------------------------------------------------------------------------

// A count with its place.
struct CountDecl {
  std::int64_t value = 0;
  Span span;
};

enum class WindowWord : std::uint8_t { kTumbling, kSliding, kSession, kCount, kGlobal };

// `tumbling D [offset D] | sliding D every D [offset D] | session gap D | count N [every N] |
// global [every N]`, each with `[lateness D]`.
struct WindowDecl {
  WindowWord word = WindowWord::kTumbling;
  std::optional<DurationDecl> size = {};  // The gap of a session.
  std::optional<DurationDecl> every = {};
  std::optional<DurationDecl> offset = {};
  std::optional<CountDecl> count = {};
  std::optional<CountDecl> count_every = {};
  std::optional<DurationDecl> lateness = {};
  Span span = {};
};

// `select { NAME: EXPR, ... }`.
struct SelectDecl {
  std::vector<EmitField> fields;
  Span span;
};

// `from STREAM [where EXPR] [by KEY] [window WINDOW] [select { ... }]`.
struct FromQuery {
  Name stream = {};
  std::optional<Expr> where = {};
  std::optional<KeyDecl> by = {};
  std::optional<WindowDecl> window = {};
  std::optional<SelectDecl> select = {};
};

// `STREAM union STREAM [union STREAM ...]`.
struct UnionQuery {
  std::vector<Name> streams;
};

// `STREAM [ALIAS]`.
struct JoinSideDecl {
  Name stream;
  std::optional<Name> alias;
};

enum class JoinWord : std::uint8_t { kInner, kLeft, kRight, kFull, kCoGroup };

// `interval LOWER .. UPPER`, which may be negative; `<..`, `..<` and `<..<` leave a bound out.
struct IntervalDecl {
  Duration lower;
  Duration upper;
  bool open_low = false;
  bool open_high = false;
  Span span;
};

// `join SIDE, SIDE on EXPR (interval I | window WINDOW [inner|left|right|full|cogroup])
//  [where EXPR] select { ... }`.
struct JoinQuery {
  JoinSideDecl left = {};
  JoinSideDecl right = {};
  std::optional<Expr> on = {};
  std::optional<IntervalDecl> interval = {};
  std::optional<WindowDecl> window = {};
  JoinWord kind = JoinWord::kInner;
  std::optional<Span> kind_word = {};
  std::optional<Expr> where = {};
  std::optional<SelectDecl> select = {};
};

enum class ResultWord : std::uint8_t { kMatches, kTimeouts, kLate };

// `matches of RULE | timeouts of RULE | late of RULE_OR_STREAM`.
struct ResultQuery {
  ResultWord word = ResultWord::kMatches;
  Name of;
};

// `stream NAME = QUERY`.
struct DerivedDecl {
  Name name;
  std::variant<FromQuery, UnionQuery, JoinQuery, ResultQuery> query;
  Span span;
  bool has_errors = false;  // As in StreamDecl.
};

// ---- Tests -------------------------------------------------------------------------------------

// `at D STREAM { FIELD: EXPR, ... } [xN [every D]]`.
struct TestRowDecl {
  Duration at;
  Name stream;
  std::vector<EmitField> fields;
  std::int64_t count = 1;
  std::optional<Duration> every;
  Span span;
};

enum class ExpectedWord : std::uint8_t { kMatch, kTimeout, kLate };

// `expect match|timeout|late [of NAME] [{ NAME: EXPR, ... }] [at D]`.
struct ExpectationDecl {
  ExpectedWord word = ExpectedWord::kMatch;
  std::optional<Name> of;
  std::vector<EmitField> fields;
  std::optional<Duration> at;
  Span span;
};

// `test "NAME" [of RULE, RULE] { ... }`.
struct TestDecl {
  std::string name;
  Span name_span;
  std::vector<Name> of = {};
  std::vector<TestRowDecl> rows = {};
  std::vector<ExpectationDecl> expectations = {};
  std::optional<Span> nothing_else = {};  // `expect nothing else`
  Span span = {};
  bool has_errors = false;  // As in StreamDecl.
};

using Declaration = std::variant<StreamDecl, ListDecl, MacroDecl, RuleDecl, DerivedDecl, TestDecl>;

// A whole file, declarations in the order of the text.
struct FileAst {
  std::vector<Declaration> declarations;
  // Offsets of the words that start clauses, in the order of the text; for arranging it.
  std::vector<std::uint32_t> clause_starts = {};
};

}  // namespace lymer::rules
