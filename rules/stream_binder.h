// From a stream's declaration to its schema, its decoder and its sense of time.
//
// Not here: rules on the stream (rules/rule_binder.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "rules/scope.h"

namespace lymer::rules {

class StreamBinder {
 public:
  // Both must outlive the binder.
  StreamBinder(const StreamDecl& decl, Declarations& declarations)
      : decl_(decl),
        declarations_(declarations),
        incomplete_(decl.has_errors || declarations.has_parse_error(decl.span)) {}

  // Gives the stream's plan. Gives one also after an error if its fields are known, so that rules
  // on the stream can be checked; nothing if they are not.
  [[nodiscard]] std::optional<StreamPlan> bind();

 private:
  void bind_source();
  void bind_topics(const TopicSource& topics);
  void bind_format();
  // What a record of a topic must say itself, as no file around it does.
  void check_topic_format(const FormatDecl& format);
  void bind_text_format(const FormatDecl& format);
  void bind_csv_format(const FormatDecl& format);
  void declare_fields();
  void bind_field(runtime::Slot slot, const FieldDecl& field);
  void bind_metadata(runtime::Slot slot, const std::vector<Name>& path);
  void bind_computed(runtime::Slot slot, const FieldDecl& field);
  void bind_time();
  void bind_time_format(const TimeDecl& time);
  void bind_time_unit(const TimeDecl& time);
  // Finds the field that `time` names, or reads it from the input under that name.
  [[nodiscard]] std::optional<runtime::Slot> time_slot(const TimeDecl& time,
                                                       runtime::Type if_undeclared);
  // Gives a slot to a part of the input that no field declares.
  [[nodiscard]] std::optional<runtime::Slot> hidden_field(const std::vector<Name>& path,
                                                          runtime::Type type);
  // Tells whether `kafka` in front of a path means a record's key, headers, time or place.
  [[nodiscard]] bool is_metadata(const std::vector<Name>& path) const;
  // Likewise, for a part that no field declares.
  [[nodiscard]] std::optional<runtime::Slot> hidden_metadata(const std::vector<Name>& path);
  runtime::Slot add_hidden(const std::vector<Name>& path, runtime::Type type);
  [[nodiscard]] bool knows_input(const std::vector<Name>& path) const;
  [[nodiscard]] std::vector<std::string> input_names() const;
  // Reports that a clause is missing, unless it may have been lost.
  void report_missing(Code code, std::string message, std::string label);
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});

  const StreamDecl& decl_;
  Declarations& declarations_;
  // The parser lost a part of the declaration, so what is missing is not the user's fault.
  bool incomplete_;
  StreamPlan plan_;
  SourcePlan source_;
  FormatKind format_ = FormatKind::kJson;
  std::vector<runtime::Field> fields_;
  // Parts of the input that no field declares, by path.
  std::vector<std::pair<std::vector<std::string>, runtime::Slot>> hidden_;
  // Named groups of the regex, or columns; nothing where any name may stand in the input.
  std::optional<std::vector<std::string>> input_names_;
};

}  // namespace lymer::rules
