// The year of dates that do not name one (syslog), for one split.
//
// The first event is put into the latest year in which it lies no more than a day ahead of the
// clock. Later ones stay in that year until time jumps back by more than six months: then the year
// turns, forward; a jump ahead by more than six months is an event of the year before. The state
// goes into the split's snapshot, so a restart gives the same years.
#pragma once

#include <optional>

#include "runtime/base/byte_codec.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

class YearInference {
 public:
  // Gives the event's time; nothing for a date that does not exist in its year. `now` matters for
  // the first event only.
  [[nodiscard]] std::optional<EventTime> resolve(const CivilTime& civil, const TimeZone& zone,
                                                 EventTime now);

  void snapshot(ByteWriter& writer) const;
  [[nodiscard]] Result<void> restore(ByteReader& reader);

 private:
  int year_ = 0;  // 0: no event yet.
  EventTime last_;
};

}  // namespace lymer::runtime
