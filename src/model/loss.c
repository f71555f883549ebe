#include "model/loss.h"

#include <math.h>

double summary_value(Summary summary, double sum, double weights) {
  double mean = sum / weights;
  return summary == SUMMARY_ROOT_MEAN ? sqrt(mean) : mean;
}

double summary_factor(Summary summary, double sum, double weights) {
  if (summary != SUMMARY_ROOT_MEAN) return 1 / weights;
  double root = sqrt(sum / weights);
  return root == 0 ? 0 : 1 / (2 * weights * root);
}
