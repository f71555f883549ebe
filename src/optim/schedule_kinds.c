#include "optim/schedule.h"

extern const ScheduleKind constant_schedule, step_schedule, exponential_schedule, cosine_schedule;
extern const ScheduleKind polynomial_schedule;

/* clang-format off */
static const Kind *const kinds[] = {
    &constant_schedule.kind,
    &step_schedule.kind,
    &exponential_schedule.kind,
    &cosine_schedule.kind,
    &polynomial_schedule.kind,
    NULL,
};
/* clang-format on */

const KindTable schedule_kinds = {"schedule", kinds};
