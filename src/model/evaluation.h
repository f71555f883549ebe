#pragma once
/* Looking at a whole data set with fixed parameters: loss, metrics, predictions.
 *
 * Samples are taken in fixed blocks, and the results of the blocks are added in block order, so the
 * numbers do not depend on who computes which block. Knows nothing of ranks.
 */

#include <stddef.h>

#include "model/classification.h"
#include "model/model.h"

enum { EVALUATION_BLOCK_ROWS = 256 };

typedef struct Evaluation Evaluation;

/* Memory for evaluating blocks. `rows` gives the samples by position, and must stay.
 *
 * Ownership   evaluation_destroy; the model must outlive it
 */
Evaluation *evaluation_create(const Model *model, const RowSource *rows, size_t n_samples);

/* Releases it; NULL is fine. */
void evaluation_destroy(Evaluation *evaluation);

/* Number of blocks, and the samples of one. */
size_t evaluation_block_count(const Evaluation *evaluation);
Range evaluation_block_rows(const Evaluation *evaluation, size_t block);

/* Evaluates one block.
 *
 * Shapes      sums (model_sum_count): set to the block's sums
 *             ordered (medians, n_samples): the block's columns are set to the values of the
 *             metrics that are medians; may be NULL if the model has none
 */
void evaluation_block(Evaluation *evaluation, const real *parameters, size_t block, double *sums,
                      double *ordered);

/* What a model of classes says of the samples of the block that was evaluated last.
 *
 * Shapes      verdicts (n_samples): those of the block are set
 */
void evaluation_verdicts(const Evaluation *evaluation, size_t block, Verdict *verdicts);

/* Predicts one block. Shapes: the result (rows of the block, M), borrowed until the next call. */
const real *evaluation_predict(Evaluation *evaluation, const real *parameters, size_t block);

/* Number of the model's metrics that are medians. */
size_t evaluation_median_count(const Model *model);

/* Loss and metrics from the sums over all samples.
 *
 * Shapes      sums, values (model_sum_count); ordered (medians, n): reordered; NULL: medians are
 *             NaN
 */
void evaluation_values(const Model *model, double weights, const double *sums, size_t n,
                       double *ordered, double *values);
