#pragma once
/* What a trained model says of samples, as rows for scripts. docs/predictions.md lists the columns.
 *
 * Ranks       local
 */

#include "data/samples.h"
#include "io/records.h"
#include "model/classification.h"
#include "analysis/trained_model.h"

/* All outputs of the model, a row for each sample, after its class where the model tells classes.
 *
 * Ownership   records_destroy
 */
Records *predictions_all(const TrainedModel *model, const Samples *samples);

/* The `top` classes with the largest outputs, the first of equals first.
 *
 * Range       a model of classes; top from 1 to their number
 * Ownership   records_destroy
 */
Records *predictions_top(const TrainedModel *model, const Samples *samples, size_t top);

/* The samples that the model takes for another class, the surest first.
 *
 * Range       classification: of these samples
 * Ownership   records_destroy
 */
Records *predictions_wrong(const Classification *classification, const Samples *samples);
