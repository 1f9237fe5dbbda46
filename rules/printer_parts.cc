// Each piece as every declaration writes it.
// Not here: expressions, which the printer writes (rules/printer.h).
#include "rules/printer_parts.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/ast.h"
#include "rules/literal.h"
#include "rules/printer.h"
#include "rules/words.h"
#include "runtime/base/text.h"

namespace lymer::rules {

std::string write_free_name(std::string_view name) {
  return is_identifier(name) ? std::string(name) : text("`{}`", name);
}

std::string joined(const std::vector<Name>& names, std::string_view between) {
  std::string out;
  for (const Name& each : names) {
    if (!out.empty()) out += between;
    out += write_name(each.text);
  }
  return out;
}

void append_key(std::string& out, const KeyDecl& key) {
  const std::string fields = joined(key.fields, ", ");
  out += " by ";
  out += key.fields.size() == 1 ? fields : text("({})", fields);
}

void append_sinks(std::string& out, const EmitDecl& emit) {
  std::string_view before = " to";
  const auto append = [&](std::string_view word, const std::string& name) {
    append_text(out, "{} {} {}", std::exchange(before, ","), word, write_string(name));
  };
  for (const std::string& each : emit.topics) append("topic", each);
  for (const LogName& each : emit.logs) append("log", each.name);
}

void append_record(std::string& out, std::string_view word, const std::vector<EmitField>& fields) {
  append_text(out, "{} {{", word);
  bool is_first = true;
  for (const EmitField& each : fields) {
    append_text(out, "{}{}: {}", is_first ? " " : ", ", write_free_name(each.name.text),
                print(each.value));
    is_first = false;
  }
  out += is_first ? "}" : " }";
}

}  // namespace lymer::rules
