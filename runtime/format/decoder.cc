// The words for reasons of rejection.
// Not here: the decoders, one file a format.
#include "runtime/format/decoder.h"

namespace lymer::runtime {

std::string_view to_string(RejectReason reason) {
  switch (reason) {
    case RejectReason::kOversized:
      return "oversized";
    case RejectReason::kNotUtf8:
      return "not_utf8";
    case RejectReason::kMalformed:
      return "malformed";
    case RejectReason::kUnmatched:
      return "unmatched";
    case RejectReason::kMissingField:
      return "missing_field";
    case RejectReason::kWrongType:
      return "wrong_type";
    case RejectReason::kBadTime:
      return "bad_time";
    case RejectReason::kTooDeep:
      return "too_deep";
  }
  return "unknown";
}

}  // namespace lymer::runtime
