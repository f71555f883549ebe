#pragma once
/* A model's surest mistakes as pictures, where its samples are pictures.
 *
 * Ranks       local
 */

#include "data/samples.h"
#include "model/classification.h"
#include "analysis/trained_model.h"

enum { MISTAKE_SHEET_MOST = 100 };

/* Draws at most MISTAKE_SHEET_MOST mistakes, the surest first, with label, prediction, its
 * probability and the index of the sample. The least number of all pictures is black, the largest
 * white.
 *
 * Shapes      samples (H,W), (H,W,1) or (H,W,3), as the data or else the model's input says, or a
 *             square number of inputs;   *out (H,W,3), uint8
 * Range       classification: of these samples
 * Ownership   *out is released with array_release
 * Errors      ERR_DATA if samples are no pictures; *out is then empty
 */
Status mistake_sheet_draw(const TrainedModel *model, const Samples *samples,
                          const Classification *classification, Array *out);
