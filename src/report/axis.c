#include "report/axis.h"

#include <math.h>
#include <stdio.h>

/* The least round step that is no less than `least`. */
static double round_step(double least) {
  double power = pow(10, floor(log10(least)));
  static const double factors[] = {1, 2, 5};
  for (size_t i = 0; i < 3; i++) {
    /* A rounding error must not cost a tick. */
    if (factors[i] * power >= least * (1 - 1e-9)) return factors[i] * power;
  }
  return 10 * power;
}

Axis axis_create(double low, double high, size_t most_ticks) {
  if (low == high) {
    double around = low == 0 ? 1 : fabs(low) / 2;
    low -= around;
    high += around;
  }
  Axis axis = {.low = low, .high = high};
  double step = round_step((high - low) / (double)most_ticks);
  double first = ceil(low / step - 1e-9);
  for (double i = first; i * step <= high + step * 1e-9 && axis.n_ticks < AXIS_MOST_TICKS; i++) {
    axis.ticks[axis.n_ticks++] = i * step;
  }
  return axis;
}

Axis axis_create_logarithmic(double low, double high) {
  Axis axis = {.low = low, .high = high, .logarithmic = true};
  double decades = log10(high / low);
  bool fine = decades < 2.5;
  double stride = ceil(decades / 6); /* powers of ten from tick to tick */
  if (fine) stride = 1;
  for (double power = floor(log10(low)); power <= log10(high); power += stride) {
    static const double factors[] = {1, 2, 5};
    for (size_t i = 0; i < (fine ? 3 : 1); i++) {
      double tick = factors[i] * pow(10, power);
      bool shown = tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9);
      if (shown && axis.n_ticks < AXIS_MOST_TICKS) axis.ticks[axis.n_ticks++] = tick;
    }
  }
  return axis;
}

double axis_at(const Axis *axis, double value) {
  double share = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
                                   : (value - axis->low) / (axis->high - axis->low);
  return axis->begin + share * (axis->end - axis->begin);
}

/* Decimals without which two neighbouring ticks could look the same. */
static int decimals_of(double step) {
  double decimals = ceil(-log10(step) - 1e-9);
  return decimals > 0 ? (int)decimals : 0;
}

char *axis_tick_text(const Axis *axis, size_t tick, char out[TICK_TEXT_BYTES]) {
  double value = axis->ticks[tick], largest = fabs(axis->ticks[axis->n_ticks - 1]);
  double step = axis->n_ticks > 1 ? axis->ticks[1] - axis->ticks[0] : fabs(value);
  if (value == 0) {
    snprintf(out, TICK_TEXT_BYTES, "0");
  } else if (axis->logarithmic || axis->n_ticks == 1 || step < 1e-4) {
    snprintf(out, TICK_TEXT_BYTES, "%.4g", value);
  } else if (largest >= 1e6) {
    snprintf(out, TICK_TEXT_BYTES, "%.*fM", decimals_of(step / 1e6), value / 1e6);
  } else if (largest >= 1e4) {
    snprintf(out, TICK_TEXT_BYTES, "%.*fk", decimals_of(step / 1e3), value / 1e3);
  } else {
    snprintf(out, TICK_TEXT_BYTES, "%.*f", decimals_of(step), value);
  }
  return out;
}
