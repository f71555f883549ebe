#pragma once
/* Histograms of every tensor, from slices of a flat vector that all ranks hold together.
 *
 * Each rank looks at the blocks that it updates; ranges and counts of all ranks are put together,
 * which is exact, so the histograms are the same on any number of ranks.
 */

#include "distributed/gradient_reduction.h"
#include "optim/optimizer.h"
#include "storage/histogram_table.h"

typedef struct TensorHistograms TensorHistograms;

/* Ownership   tensor_histograms_destroy; map and reduction must outlive it
 * Ranks       local
 */
TensorHistograms *tensor_histograms_create(const ParameterMap *map, GradientReduction *reduction);

/* Releases it; NULL is fine. Ranks: local. */
void tensor_histograms_destroy(TensorHistograms *histograms);

/* Appends a row per tensor to the table: of this rank's summed gradient times `scale`, an element
 * as the optimizer sees it before clipping. Reads the gradient twice.
 *
 * Ranks       collective
 */
void tensor_histograms_of_gradient(TensorHistograms *histograms, const GradientSource *gradient,
                                   double scale, uint64_t epoch, MetricTable *table);

/* Appends a row per tensor to the table: of the parameters.
 *
 * Ranks       collective
 */
void tensor_histograms_of_weights(TensorHistograms *histograms, uint64_t epoch, MetricTable *table);
