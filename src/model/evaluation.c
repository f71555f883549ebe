#include "model/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/target.h"

struct Evaluation {
  const Model *model;
  const RowSource *rows;
  size_t n_samples;
  Workspace *workspace;
  ShardProgram program; /* of the block that was looked at last */
};

Evaluation *evaluation_create(const Model *model, const RowSource *rows, size_t n_samples) {
  Evaluation *evaluation = NEW(Evaluation);
  *evaluation = (Evaluation){.model = model, .rows = rows, .n_samples = n_samples};
  evaluation->workspace = workspace_create(model, EVALUATION_BLOCK_ROWS, rows->target_width, false);
  return evaluation;
}

void evaluation_destroy(Evaluation *evaluation) {
  if (!evaluation) return;
  workspace_destroy(evaluation->workspace, evaluation->model);
  memory_release(evaluation);
}

size_t evaluation_block_count(const Evaluation *evaluation) {
  return (evaluation->n_samples + EVALUATION_BLOCK_ROWS - 1) / EVALUATION_BLOCK_ROWS;
}

Range evaluation_block_rows(const Evaluation *evaluation, size_t block) {
  size_t begin = block * EVALUATION_BLOCK_ROWS, end = begin + EVALUATION_BLOCK_ROWS;
  return (Range){begin, end < evaluation->n_samples ? end : evaluation->n_samples};
}

/* Returns the rows of the block. */
static Range forward_block(Evaluation *evaluation, const real *parameters, size_t block,
                           bool with_targets) {
  const RowSource *rows = evaluation->rows;
  Workspace *workspace = evaluation->workspace;
  Range range = evaluation_block_rows(evaluation, block);
  rows->read(rows->context, range.begin, range_count(range), workspace->x,
             with_targets ? workspace->stored : NULL);
  shard_program_single(range_count(range), &evaluation->program);
  RowRun run = {.program = &evaluation->program};
  model_forward(evaluation->model, workspace, parameters, &run);
  return range;
}

void evaluation_block(Evaluation *evaluation, const real *parameters, size_t block, double *sums,
                      double *ordered) {
  const Model *model = evaluation->model;
  Workspace *workspace = evaluation->workspace;
  Range range = forward_block(evaluation, parameters, block, true);
  size_t n = range_count(range);
  target_encode(n, evaluation->rows->target_width, model_output_width(model), workspace->stored,
                workspace->target);
  model_score(model, workspace, n, NULL);
  memset(sums, 0, model_sum_count(model) * sizeof(double));
  model_add_sums(model, workspace, n, (Range){0, n}, sums);

  for (size_t i = 0; i < model->n_metrics; i++) {
    if (model->metrics[i]->summary != SUMMARY_MEDIAN) continue;
    memcpy(ordered + range.begin, workspace->values + (1 + i) * n, n * sizeof(double));
    ordered += evaluation->n_samples;
  }
}

void evaluation_verdicts(const Evaluation *evaluation, size_t block, Verdict *verdicts) {
  const Workspace *workspace = evaluation->workspace;
  OutputForm form = output_form(evaluation->model);
  Range range = evaluation_block_rows(evaluation, block);
  for (size_t row = 0; row < range_count(range); row++) {
    const real *outputs = workspace->prediction + row * form.m;
    size_t predicted = output_class(&form, outputs);
    size_t label = output_class(&form, workspace->target + row * form.m);
    verdicts[range.begin + row] = (Verdict){.label = (uint32_t)label,
                                            .prediction = (uint32_t)predicted,
                                            .output = output_of_class(&form, outputs, predicted)};
  }
}

const real *evaluation_predict(Evaluation *evaluation, const real *parameters, size_t block) {
  forward_block(evaluation, parameters, block, false);
  return evaluation->workspace->prediction;
}

size_t evaluation_median_count(const Model *model) {
  size_t count = 0;
  for (size_t i = 0; i < model->n_metrics; i++) {
    count += model->metrics[i]->summary == SUMMARY_MEDIAN;
  }
  return count;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right ? 1 : 0;
}

/* The middle value; of an even number, the mean of the middle two. */
static double median(double *values, size_t n) {
  if (n == 0) return NAN;
  qsort(values, n, sizeof(double), ascending);
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void evaluation_values(const Model *model, double weights, const double *sums, size_t n,
                       double *ordered, double *values) {
  values[0] = summary_value(model_loss(model)->summary, sums[0], weights);
  for (size_t i = 0; i < model->n_metrics; i++) {
    Summary summary = model->metrics[i]->summary;
    if (summary != SUMMARY_MEDIAN) {
      values[1 + i] = summary_value(summary, sums[1 + i], weights);
    } else if (!ordered) {
      values[1 + i] = NAN;
    } else {
      values[1 + i] = median(ordered, n);
      ordered += n;
    }
  }
}
