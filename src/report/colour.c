#include "report/colour.h"

#include <math.h>

void colour_diverging(double value, uint8_t rgb[3]) {
  static const double negative[] = {33, 102, 172}, positive[] = {178, 24, 43};
  const double *end = value < 0 ? negative : positive;
  double share = fmin(fabs(value), 1);
  for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)lround(255 + share * (end[i] - 255));
}
