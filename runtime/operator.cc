// The defaults of an operator without a will of its own: hand everything on, one element at a time.
// Not here: any operator (runtime/operators/, cep/pattern_operator.cc).
#include "runtime/operator.h"

#include <utility>

#include "runtime/base/check.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

Progress Operator::emit_or_keep(StreamElement element, Collector& out) {
  LYMER_CHECK(!has_kept_, "an operator was given input while blocked");
  if (out.try_emit(kMainPort, element)) return Progress::kDone;
  kept_ = std::move(element);
  has_kept_ = true;
  return Progress::kBlocked;
}

Result<Progress> Operator::on_watermark(EventTime watermark, Collector& out) {
  return emit_or_keep(Watermark{watermark}, out);
}

Result<Progress> Operator::on_timer(EventTime now, Collector& out) {
  (void)now;
  (void)out;
  return Progress::kDone;
}

Result<Progress> Operator::on_mark(StreamElement mark, Collector& out) {
  return emit_or_keep(std::move(mark), out);
}

Result<Progress> Operator::resume(Collector& out) {
  if (!has_kept_) return Progress::kDone;
  if (!out.try_emit(kMainPort, kept_)) return Progress::kBlocked;
  has_kept_ = false;
  return Progress::kDone;
}

Result<Progress> Operator::on_end_of_input(Collector& out) {
  return emit_or_keep(EndOfInput{}, out);
}

}  // namespace lymer::runtime
