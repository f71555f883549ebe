#pragma once
/* What scaling measurements say: a table, scaling.csv, scaling.svg, and a model that predicts.
 *
 * Ranks       local
 */

#include "experiments/result_table.h"
#include "experiments/scaling.h"
#include "experiments/scaling_model.h"

/* Fits the model to all measurements of points that have a core for each rank.
 *
 * Range       false if they know a single number of ranks
 */
bool scaling_fit(const Scaling *scaling, ScalingModel *out);

/* The numbers of ranks that a prediction is made for: powers of two beyond what was measured, as
 * far as the shards of strong scaling allow; returns how many. */
enum { SCALING_PREDICTIONS = 3 };
size_t scaling_predicted_ranks(const Scaling *scaling, double out[SCALING_PREDICTIONS]);

/* The speedup of strong scaling that a model predicts, relative to the first number of ranks. */
double scaling_predicted_speedup(const Scaling *scaling, const ScalingModel *model, double ranks);

/* One row per point. Ownership: result_table_destroy. */
ResultTable *scaling_table(const Scaling *scaling);

/* Writes SCALE/scaling.csv. Errors: as file_write. */
Status scaling_write_csv(const Scaling *scaling, const ResultTable *table);

/* Draws SCALE/scaling.svg where gnuplot is installed: speedup, efficiency and the parts of a step
 * against ranks. The model's line is dashed. Range: model NULL: none. Errors: as plot_file_write.
 */
Status scaling_draw(const Scaling *scaling, const ScalingModel *model);
