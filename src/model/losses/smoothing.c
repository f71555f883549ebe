/* Label smoothing.
 *
 * Formula     s = (1 - smoothing) t + smoothing / n_classes
 * Source      Szegedy et al. 2016, section 7; Keras, label_smoothing
 */

#include "model/losses/smoothing.h"

const Option smoothing_options[] = {
    {.key = "label_smoothing",
     .type = OPTION_REAL,
     .offset = offsetof(SmoothingOptions, label_smoothing),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .below_max = true,
     .help = "share of each target that is spread evenly over all classes"},
    {.key = NULL},
};
