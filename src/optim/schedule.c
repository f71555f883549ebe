#include "optim/schedule.h"

double schedule_factor(const KindSetting *schedule, uint64_t step) {
  const ScheduleKind *kind = (const ScheduleKind *)schedule->kind;
  uint64_t warmup = (uint64_t)((const ScheduleOptions *)schedule->options)->warmup_steps;
  if (step < warmup) return (double)step / (double)warmup;
  return kind->factor(schedule->options, (double)(step - warmup));
}
