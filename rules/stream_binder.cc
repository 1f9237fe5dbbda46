// Fields first, so that everything else can name them.
// Not here: expressions (rules/expression_binder.h).
#include "rules/stream_binder.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include <re2/re2.h>

#include "rules/expression_binder.h"
#include "runtime/base/text.h"

namespace lymer::rules {

using runtime::Slot;
using runtime::Type;
using runtime::TypeKind;

namespace {

constexpr Type kString{TypeKind::kString};
constexpr Type kInt{TypeKind::kInt};
constexpr Type kFloat{TypeKind::kFloat};

std::vector<std::string> texts(const std::vector<Name>& names) {
  std::vector<std::string> made;
  for (const Name& name : names) made.push_back(name.text);
  return made;
}

std::string joined_path(const std::vector<Name>& path) {
  std::string joined;
  for (const Name& part : path) joined += (joined.empty() ? "" : ".") + part.text;
  return joined;
}

constexpr std::string_view kMetadata = "kafka";

// What a part of a record beside its bytes is called, and its type; text may be read as others.
struct MetadataPart {
  std::string_view name;
  runtime::MetadataKind kind;
  Type type;
};
constexpr std::array<MetadataPart, 6> kMetadataParts = {
    {{"key", runtime::MetadataKind::kKey, kString},
     {"headers", runtime::MetadataKind::kHeader, kString},
     {"topic", runtime::MetadataKind::kTopic, kString},
     {"partition", runtime::MetadataKind::kPartition, kInt},
     {"offset", runtime::MetadataKind::kOffset, kInt},
     {"timestamp", runtime::MetadataKind::kTimestamp, {TypeKind::kTime}}}};

// `kafka.key`, `kafka.headers.NAME`; null where there is no such part.
const MetadataPart* metadata_part(const std::vector<Name>& path) {
  if (path.size() < 2) return nullptr;
  const auto part = std::ranges::find(kMetadataParts, path[1].text, &MetadataPart::name);
  if (part == kMetadataParts.end()) return nullptr;
  const std::size_t length = part->kind == runtime::MetadataKind::kHeader ? 3 : 2;
  return path.size() == length ? &*part : nullptr;
}

// `process.parent.name`: a name or members of members of a name.
std::optional<std::vector<Name>> as_path(const Expr& expr) {
  std::vector<Name> path;
  const Expr* part = &expr;
  for (; part->kind == ExprKind::kMember; part = &part->args[0]) path.push_back(part->name);
  if (part->kind != ExprKind::kName) return std::nullopt;
  path.push_back(part->name);
  std::ranges::reverse(path);
  return path;
}

}  // namespace

void StreamBinder::report(Code code, Span span, std::string message, std::string label,
                          std::vector<std::string> help) {
  declarations_.report(code, span, std::move(message), std::move(label), std::move(help));
}

void StreamBinder::report_missing(Code code, std::string message, std::string label) {
  if (!incomplete_) report(code, decl_.name.span, std::move(message), std::move(label));
}

std::optional<StreamPlan> StreamBinder::bind() {
  plan_.name = decl_.name.text;
  plan_.incomplete = incomplete_;
  bind_source();
  bind_format();
  declare_fields();
  if (decl_.fields.empty()) {
    report_missing(Code::kNoField, text("stream `{}` has no field", decl_.name.text),
                   "a stream needs at least one `field NAME: TYPE`");
  }
  for (Slot slot = 0; slot < decl_.fields.size(); ++slot) bind_field(slot, decl_.fields[slot]);
  bind_time();
  if (decl_.out_of_order) source_.out_of_order = *decl_.out_of_order;
  if (decl_.idle) source_.idle = *decl_.idle;
  plan_.schema = std::make_shared<const runtime::Schema>(decl_.name.text, std::move(fields_));
  plan_.origin = std::move(source_);
  return std::move(plan_);
}

void StreamBinder::bind_source() {
  if (decl_.topics) return bind_topics(*decl_.topics);
  if (decl_.log) {
    source_.log = decl_.log->name;
    return;
  }
  if (!decl_.file) {
    report_missing(Code::kMissingSource,
                   text("stream `{}` does not say where its events come from", decl_.name.text),
                   "add `from file \"PATH\"`");
    return;
  }
  source_.path = decl_.file->path;
  source_.follow = decl_.file->follow;
}

void StreamBinder::bind_topics(const TopicSource& topics) {
  source_.topics = TopicPlan{.names = topics.names,
                             .pattern = topics.pattern,
                             .start = topics.start.value_or(TopicStart::kCommitted),
                             .instant = topics.instant};
  if (!topics.names.empty()) {
    std::set<std::string_view> names;
    for (const std::string& name : topics.names) {
      if (name.empty()) report(Code::kBadRecordPart, topics.span, "a topic has a name");
      if (names.insert(name).second) continue;
      report(Code::kDuplicateName, topics.span, text("the topic `{}` stands there twice", name));
    }
    return;
  }
  const re2::RE2 regex(topics.pattern, re2::RE2::Quiet);
  if (regex.ok() && !topics.pattern.empty()) return;
  report(Code::kBadRegex, topics.span,
         topics.pattern.empty() ? std::string("an empty pattern matches no topic")
                                : text("this is no regular expression: {}", regex.error()),
         {}, {"the syntax is RE2's; it is about the whole name of a topic"});
}

void StreamBinder::check_topic_format(const FormatDecl& format) {
  if (!decl_.topics) return;
  if (!format.at.empty()) {
    report(Code::kNotYet, format.span,
           "several events in one record of a topic are not supported yet",
           "leave out `at`; a record is one event");
  }
  if (format.kind == FormatKind::kCsv && !format.columns) {
    report(Code::kMissingColumn, format.span, "records of a topic have no header line",
           "name the columns: `format csv columns [a, b]`");
  }
}

void StreamBinder::bind_format() {
  if (!decl_.format) {
    report_missing(Code::kMissingFormat,
                   text("stream `{}` does not say how its events are written", decl_.name.text),
                   "add `format json`, `format csv` or `format text r\"...\"`");
    return;
  }
  const FormatDecl& format = *decl_.format;
  format_ = format.kind;
  check_topic_format(format);
  if (format.kind == FormatKind::kText) {
    bind_text_format(format);
  } else if (format.kind == FormatKind::kCsv) {
    bind_csv_format(format);
  } else {
    source_.format = runtime::JsonFormat{.at = texts(format.at)};
    if (!format.at.empty()) source_.framing = runtime::Framing::kDocument;
  }
}

void StreamBinder::bind_text_format(const FormatDecl& format) {
  re2::RE2 regex(format.regex, re2::RE2::Quiet);
  if (!regex.ok()) {
    if (!declarations_.has_parse_error(format.regex_span))
      report(Code::kBadRegex, format.regex_span,
             text("this is no regular expression: {}", regex.error()), {},
             {"the syntax is RE2's: no look-around, no back-references"});
  } else {
    input_names_.emplace();
    for (const auto& [name, group] : regex.NamedCapturingGroups()) input_names_->push_back(name);
  }
  source_.format = runtime::TextFormat{.regex = format.regex,
                                       .skip_unmatched = decl_.skip_unmatched.value_or(false)};
}

void StreamBinder::bind_csv_format(const FormatDecl& format) {
  source_.framing = runtime::Framing::kCsvLines;
  runtime::CsvFormat csv;
  if (format.delimiter) {
    if (format.delimiter->size() != 1) {
      report(Code::kArgumentType, format.delimiter_span, "a delimiter is one ASCII character");
    } else {
      csv.delimiter = format.delimiter->front();
    }
  }
  if (format.columns) {
    csv.columns = texts(*format.columns);
    input_names_ = csv.columns;
    std::set<std::string_view> names;
    for (const Name& column : *format.columns) {
      if (names.insert(column.text).second) continue;
      report(Code::kDuplicateName, column.span, text("two columns are named `{}`", column.text));
    }
  }
  source_.format = std::move(csv);
}

// All declared fields get their slots before any is looked at, so hidden ones come behind them.
void StreamBinder::declare_fields() {
  std::set<std::string_view> names;
  for (const FieldDecl& field : decl_.fields) {
    const bool known = !names.insert(field.name.text).second;
    if (known) {
      report(Code::kDuplicateName, field.name.span,
             text("stream `{}` has two fields named `{}`", decl_.name.text, field.name.text));
    }
    const auto type = declarations_.resolve_type(field.type);
    if (!type) declarations_.mark_untyped(decl_.name.text, field.name.text);
    // A field of unknown type or a second one of its name still needs a slot. No name has a
    // newline.
    std::string name = field.name.text;
    if (known) name = text("\n{}", fields_.size());
    fields_.push_back({std::move(name), type.value_or(kString), field.type.nullable, known});
  }
}

bool StreamBinder::knows_input(const std::vector<Name>& path) const {
  if (!input_names_) return true;
  return path.size() == 1 && std::ranges::find(*input_names_, path[0].text) != input_names_->end();
}

std::vector<std::string> StreamBinder::input_names() const {
  return input_names_.value_or(std::vector<std::string>{});
}

void StreamBinder::bind_field(Slot slot, const FieldDecl& field) {
  std::vector<Name> path{field.name};
  if (field.value) {
    const auto written = as_path(*field.value);
    Scope earlier;
    earlier.stream.fields = &fields_;
    earlier.fields_before = slot;
    // A bare name that is no field can only be meant as a part of the input.
    const bool is_input = written && !earlier.field(written->front().text) &&
                          !declarations_.lists.contains(written->front().text);
    if (!is_input) {
      bind_computed(slot, field);
      return;
    }
    path = *written;
    if (is_metadata(path)) return bind_metadata(slot, path);
  }
  if (path.size() > 1 && format_ != FormatKind::kJson) {
    report(Code::kFieldPath, Span::join(path.front().span, path.back().span),
           text("`{}` is a path, and only JSON has nested fields", joined_path(path)));
    return;
  }
  if (!knows_input(path)) {
    const bool is_text = format_ == FormatKind::kText;
    report(is_text ? Code::kNoSuchCapture : Code::kMissingColumn, path.front().span,
           text("the {} `{}`", is_text ? "regex has no group named" : "file has no column named",
                path.front().text),
           suggestion(path.front().text, input_names()),
           {text("{}: {}", is_text ? "groups" : "columns", join_names(input_names()))});
    return;
  }
  source_.decoded.push_back({slot, texts(path)});
}

bool StreamBinder::is_metadata(const std::vector<Name>& path) const {
  return decl_.topics && path.size() > 1 && path.front().text == kMetadata;
}

void StreamBinder::bind_metadata(Slot slot, const std::vector<Name>& path) {
  const Span span = Span::join(path.front().span, path.back().span);
  const MetadataPart* part = metadata_part(path);
  if (part == nullptr) {
    std::vector<std::string> names;
    for (const MetadataPart& each : kMetadataParts) names.emplace_back(each.name);
    report(Code::kBadRecordPart, span, text("a record of a topic has no `{}`", joined_path(path)),
           suggestion(path[1].text, names),
           {"there are kafka.key, kafka.headers.NAME, kafka.topic, kafka.partition, kafka.offset "
            "and kafka.timestamp"});
    return;
  }
  const runtime::Field& field = fields_[slot];
  const bool is_text =
      part->kind == runtime::MetadataKind::kKey || part->kind == runtime::MetadataKind::kHeader;
  const bool fits = field.type == part->type || (is_text && field.type.kind != TypeKind::kList);
  if (!fits && !declarations_.is_untyped(decl_.name.text, field.name)) {
    report(Code::kBadRecordPart, span,
           text("`{}` is of type {}, the field of type {}", joined_path(path),
                to_string(part->type), to_string(field.type)));
    return;
  }
  source_.metadata.push_back({slot, part->kind, path.back().text});
}

std::optional<Slot> StreamBinder::hidden_metadata(const std::vector<Name>& path) {
  const MetadataPart* part = metadata_part(path);
  if (part == nullptr) return std::nullopt;
  for (const auto& [known, slot] : hidden_) {
    if (known == texts(path)) return slot;
  }
  const Slot slot = add_hidden(path, part->type);
  source_.metadata.push_back({slot, part->kind, path.back().text});
  return slot;
}

void StreamBinder::bind_computed(Slot slot, const FieldDecl& field) {
  Scope scope;
  scope.stream.name = decl_.name.text;
  scope.stream.fields = &fields_;
  scope.fields_before = slot;
  scope.stream.incomplete = incomplete_;
  scope.raw_field = [this](const std::vector<Name>& path) -> std::optional<Slot> {
    if (is_metadata(path)) return hidden_metadata(path);
    return knows_input(path) ? hidden_field(path, kString) : std::nullopt;
  };
  ExpressionBinder binder(declarations_, scope);
  const Type type = fields_[slot].type;
  if (declarations_.is_untyped(decl_.name.text, field.name.text)) {
    (void)binder.bind(*field.value);
    return;
  }
  auto value = binder.bind_as(*field.value, type, text("field `{}`", field.name.text));
  if (value) source_.computed.push_back({slot, std::move(*value)});
}

std::optional<Slot> StreamBinder::hidden_field(const std::vector<Name>& path, Type type) {
  if (path.size() > 1 && format_ != FormatKind::kJson) return std::nullopt;
  for (const auto& [known, slot] : hidden_) {
    if (known == texts(path)) return slot;
  }
  const Slot slot = add_hidden(path, type);
  source_.decoded.push_back({slot, texts(path)});
  return slot;
}

Slot StreamBinder::add_hidden(const std::vector<Name>& path, Type type) {
  std::string name = "$" + joined_path(path);
  // A name in back-quotes may look like that too.
  while (std::ranges::find(fields_, name, &runtime::Field::name) != fields_.end()) name += '$';
  const auto slot = static_cast<Slot>(fields_.size());
  fields_.push_back({std::move(name), type, true, true});
  hidden_.emplace_back(texts(path), slot);
  return slot;
}

std::optional<Slot> StreamBinder::time_slot(const TimeDecl& time, Type if_undeclared) {
  for (Slot slot = 0; slot < decl_.fields.size(); ++slot) {
    if (decl_.fields[slot].name.text != time.field.text) continue;
    if (declarations_.is_untyped(decl_.name.text, time.field.text)) return std::nullopt;
    return slot;
  }
  // `time kafka`: the record's own.
  if (decl_.topics && time.field.text == kMetadata && time.kind == TimeKind::kFieldIso) {
    return hidden_metadata({time.field, {.text = "timestamp", .span = time.field.span}});
  }
  if (knows_input({time.field})) return hidden_field({time.field}, if_undeclared);
  if (incomplete_) return std::nullopt;
  std::vector<std::string> known = input_names();
  for (const FieldDecl& field : decl_.fields) {
    if (std::ranges::find(known, field.name.text) == known.end()) known.push_back(field.name.text);
  }
  report(Code::kBadTimeField, time.field.span,
         text("stream `{}` has nothing named `{}` to read the time from", decl_.name.text,
              time.field.text),
         suggestion(time.field.text, known), {"there are: " + join_names(known)});
  return std::nullopt;
}

void StreamBinder::bind_time() {
  if (!decl_.time) {
    report_missing(Code::kMissingTime,
                   text("stream `{}` does not say when its events happened", decl_.name.text),
                   "add `time FIELD`, or `time ingestion` for the time of reading");
    return;
  }
  const TimeDecl& time = *decl_.time;
  switch (time.kind) {
    case TimeKind::kIngestion:
      source_.timestamp = runtime::IngestionTime{};
      return;
    case TimeKind::kFieldFormat:
      bind_time_format(time);
      return;
    case TimeKind::kFieldUnit:
      bind_time_unit(time);
      return;
    case TimeKind::kFieldIso:
      break;
  }
  const auto slot = time_slot(time, kString);
  if (!slot) return;
  const Type type = fields_[*slot].type;
  if (type.kind == TypeKind::kTime || type.kind == TypeKind::kString) {
    source_.timestamp = runtime::TimeFromField{*slot, type};
    return;
  }
  const bool number = type.kind == TypeKind::kInt || type.kind == TypeKind::kFloat;
  report(Code::kBadTimeField, time.field.span,
         text("`{}` is of type {}, which is no time by itself", time.field.text, to_string(type)),
         number ? "say what it counts: `unit s`, `unit ms`, `unit us` or `unit ns`" : "");
}

void StreamBinder::bind_time_format(const TimeDecl& time) {
  const auto slot = time_slot(time, kString);
  auto format = TimeFormat::compile(time.format);
  if (!format) {
    report(Code::kBadTimeFormat, time.format_span, format.error().message);
    return;
  }
  auto zone = TimeZone::find(time.zone.value_or("UTC"));
  if (!zone) {
    report(Code::kUnknownZone, time.zone_span, text("there is no time zone `{}`", *time.zone),
           "\"UTC\", \"+02:00\" or a name like \"Europe/Berlin\"");
    return;
  }
  if (!format->has_year() && !time.infer_year) {
    report(Code::kBadTimeFormat, time.format_span, "this format has no year",
           "add `year infer` behind it");
    return;
  }
  if (!slot) return;
  const Type type = fields_[*slot].type;
  if (type != kString) {
    report(Code::kBadTimeField, time.field.span,
           text("`{}` is of type {}, a format reads a string", time.field.text, to_string(type)));
    return;
  }
  source_.timestamp =
      runtime::TimeFromFormat{*slot, std::move(*format), std::move(*zone), time.infer_year};
}

void StreamBinder::bind_time_unit(const TimeDecl& time) {
  struct Unit {
    std::string_view name;
    std::int64_t per_second;
  };
  constexpr std::array<Unit, 4> kUnits = {
      {{"s", 1}, {"ms", 1'000}, {"us", 1'000'000}, {"ns", 1'000'000'000}}};
  const auto unit = std::ranges::find(kUnits, time.unit.text, &Unit::name);
  if (unit == kUnits.end()) {
    report(Code::kBadTimeField, time.unit.span, text("`{}` is no unit of time", time.unit.text),
           "`s`, `ms`, `us` or `ns`");
    return;
  }
  // Seconds often come with a fraction (1300475167.096535); a double would blur nanoseconds.
  const auto slot = time_slot(time, unit->per_second <= 1'000 ? kFloat : kInt);
  if (!slot) return;
  const Type type = fields_[*slot].type;
  if (type.kind != TypeKind::kInt && type.kind != TypeKind::kFloat) {
    report(Code::kBadTimeField, time.field.span,
           text("`{}` is of type {}, a unit needs an int or a float", time.field.text,
                to_string(type)));
    return;
  }
  source_.timestamp = runtime::TimeFromUnit{*slot, type, unit->per_second};
}

}  // namespace lymer::rules
