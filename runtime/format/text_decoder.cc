// Lines to rows by a regular expression: RE2, whose time is linear in the line whatever the
// pattern.
//
// The pattern may match anywhere in the line unless it is anchored itself. Groups that no field
// reads, and that come after the last one that is read, are not extracted; with none left, RE2 runs
// its fastest engine. A group that took no part is null; so is an empty one where the field may be
// null and is no string. Blank lines that do not match are passed over.
// Not here: what becomes of the captured text (runtime/format/scalar_text.h).
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <re2/re2.h>
#include <simdjson.h>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "runtime/format/decoder.h"
#include "runtime/format/scalar_text.h"

namespace lymer::runtime {
namespace {

// For the automata of one pattern. RE2 falls back to a slower engine rather than exceed it.
constexpr std::int64_t kPatternMemoryMax = std::int64_t{8} << 20U;

struct Capture {
  Slot slot;
  std::size_t group;
};

class TextDecoder final : public Decoder {
 public:
  TextDecoder(SchemaRef schema, std::unique_ptr<const re2::RE2> pattern, bool skip_unmatched,
              std::vector<Capture> captures)
      : row_(std::move(schema)),
        pattern_(std::move(pattern)),
        captures_(std::move(captures)),
        skip_unmatched_(skip_unmatched) {
    std::size_t groups = 0;  // The whole match is group 0 and of no interest by itself.
    for (const Capture& each : captures_) groups = std::max(groups, each.group + 1);
    groups_.resize(groups);
  }

  void decode(std::string_view record, DecodeSink& sink) override;

 private:
  RowBuilder row_;
  std::unique_ptr<const re2::RE2> pattern_;
  std::vector<Capture> captures_;
  std::vector<re2::StringPiece> groups_;
  bool skip_unmatched_;
};

void TextDecoder::decode(std::string_view record, DecodeSink& sink) {
  if (!simdjson::validate_utf8(record)) {
    return sink.on_reject(RejectReason::kNotUtf8, "not UTF-8");
  }
  const re2::StringPiece line(record.data(), record.size());
  if (!pattern_->Match(line, 0, line.size(), re2::RE2::UNANCHORED, groups_.data(),
                       static_cast<int>(groups_.size()))) {
    if (skip_unmatched_ || is_blank(record)) return sink.on_skip();
    return sink.on_reject(RejectReason::kUnmatched,
                          text("the regex does not match {}", quoted_sample(record)));
  }
  row_.reset();
  for (const Capture& capture : captures_) {
    const re2::StringPiece& group = groups_[capture.group];
    const Field& field = row_.schema().fields()[capture.slot];
    const bool is_absent = group.data() == nullptr || (group.empty() && field.nullable &&
                                                       field.type.kind != TypeKind::kString);
    if (is_absent) {
      if (field.nullable) continue;
      return sink.on_reject(RejectReason::kMissingField, missing_detail(field));
    }
    const std::string_view found(group.data(), group.size());
    const auto value = scalar_from_text(found, field.type.kind);
    if (!value) {
      return sink.on_reject(RejectReason::kWrongType,
                            wrong_type_detail(field, quoted_sample(found)));
    }
    row_.set(capture.slot, *value);
  }
  sink.on_row(row_);
}

// Finds the group that a field names.
Result<Capture> find_capture(const FieldSource& source, const Field& field,
                             const std::map<std::string, int>& groups) {
  if (!has_text_form(field.type)) {
    return Error{ErrorCode::kInvalidArgument, text("field `{}` cannot be read from text as {}",
                                                   field.name, to_string(field.type))};
  }
  if (source.path.size() != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 text("field `{}` names {} captures of a regex; it must be one", field.name,
                      source.path.size())};
  }
  const auto group = groups.find(source.path.front());
  if (group == groups.end()) {
    return Error{ErrorCode::kInvalidArgument, text("the regex has no group `{}` for field `{}`",
                                                   source.path.front(), field.name)};
  }
  return Capture{source.slot, static_cast<std::size_t>(group->second)};
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_text_decoder(SchemaRef schema, const TextFormat& format,
                                                   const std::vector<FieldSource>& fields) {
  re2::RE2::Options options;
  options.set_log_errors(false);  // RE2 would write to stderr.
  options.set_max_mem(kPatternMemoryMax);
  auto pattern = std::make_unique<const re2::RE2>(format.regex, options);
  if (!pattern->ok()) {
    return Error{ErrorCode::kInvalidArgument,
                 text("the regex cannot be used: {}", pattern->error())};
  }
  std::vector<Capture> captures;
  for (const FieldSource& source : fields) {
    LYMER_CHECK_LT(source.slot, schema->size());
    const Field& field = schema->fields()[source.slot];
    LYMER_ASSIGN_OR_RETURN(const Capture capture,
                           find_capture(source, field, pattern->NamedCapturingGroups()));
    captures.push_back(capture);
  }
  // Rows are filled in the order of their fields.
  std::ranges::sort(captures, {}, &Capture::slot);
  return std::unique_ptr<Decoder>(std::make_unique<TextDecoder>(
      std::move(schema), std::move(pattern), format.skip_unmatched, std::move(captures)));
}

}  // namespace lymer::runtime
