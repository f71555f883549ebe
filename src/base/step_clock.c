#include "base/step_clock.h"

const char *const step_phase_names[STEP_PHASES] = {
    "gather", "forward", "backward", "exchange", "sum and update", "publish",
};
