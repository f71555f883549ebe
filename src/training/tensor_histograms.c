#include "training/tensor_histograms.h"

#include <string.h>

#include "base/memory.h"
#include "math/elementwise.h"

struct TensorHistograms {
  const ParameterMap *map;
  GradientReduction *reduction;
  ParameterBlock *blocks; /* of the map */
  HistogramRange *ranges; /* (tensors) */
  int64_t *counts;        /* (tensors, HISTOGRAM_BUCKETS) */
};

TensorHistograms *tensor_histograms_create(const ParameterMap *map, GradientReduction *reduction) {
  TensorHistograms *histograms = NEW(TensorHistograms);
  histograms->map = map;
  histograms->reduction = reduction;
  histograms->blocks = NEW_ARRAY(ParameterBlock, parameter_block_count(map));
  parameter_blocks(map, histograms->blocks);
  histograms->ranges = NEW_ARRAY(HistogramRange, map->n_tensors);
  histograms->counts = NEW_ARRAY(int64_t, map->n_tensors * HISTOGRAM_BUCKETS);
  return histograms;
}

void tensor_histograms_destroy(TensorHistograms *histograms) {
  if (!histograms) return;
  memory_release(histograms->blocks);
  memory_release(histograms->ranges);
  memory_release(histograms->counts);
  memory_release(histograms);
}

/* What is looked at: `factor` times a vector's numbers, in the precision of the numbers. */
typedef struct ScaledSource {
  const GradientSource *source;
  real factor;
} ScaledSource;

static void read_block(const ScaledSource *scaled, const ParameterBlock *block, real *out) {
  const GradientSource *source = scaled->source;
  elements_scale(block->count, scaled->factor,
                 source->read(source->context, block->offset, block->count), out);
}

static void find_ranges(TensorHistograms *histograms, const ScaledSource *scaled) {
  size_t n_tensors = histograms->map->n_tensors;
  for (size_t t = 0; t < n_tensors; t++) histograms->ranges[t] = HISTOGRAM_EMPTY;
  Range own = gradient_reduction_blocks(histograms->reduction);
  for (size_t i = own.begin; i < own.end; i++) {
    const ParameterBlock *block = &histograms->blocks[i];
    real values[PARAMETER_BLOCK];
    read_block(scaled, block, values);
    histogram_widen(&histograms->ranges[block->tensor], block->count, values);
  }
  gradient_reduction_widen(histograms->reduction, n_tensors, histograms->ranges);
}

static void find_counts(TensorHistograms *histograms, const ScaledSource *scaled) {
  size_t n_counts = histograms->map->n_tensors * HISTOGRAM_BUCKETS;
  memset(histograms->counts, 0, n_counts * sizeof(int64_t));
  Range own = gradient_reduction_blocks(histograms->reduction);
  for (size_t i = own.begin; i < own.end; i++) {
    const ParameterBlock *block = &histograms->blocks[i];
    real values[PARAMETER_BLOCK];
    read_block(scaled, block, values);
    histogram_count(&histograms->ranges[block->tensor], block->count, values,
                    histograms->counts + block->tensor * HISTOGRAM_BUCKETS);
  }
  gradient_reduction_add_counts(histograms->reduction, n_counts, histograms->counts);
}

static void append_rows(TensorHistograms *histograms, const ScaledSource *scaled, HistogramRow row,
                        MetricTable *table) {
  find_ranges(histograms, scaled);
  find_counts(histograms, scaled);
  for (size_t t = 0; t < histograms->map->n_tensors; t++) {
    row.tensor = t;
    row.histogram.range = histograms->ranges[t];
    memcpy(row.histogram.counts, histograms->counts + t * HISTOGRAM_BUCKETS,
           sizeof row.histogram.counts);
    histogram_table_append(table, &row);
  }
}

void tensor_histograms_of_gradient(TensorHistograms *histograms, const GradientSource *gradient,
                                   double scale, uint64_t epoch, MetricTable *table) {
  ScaledSource scaled = {gradient, (real)scale};
  histogram_table_thin(table, histograms->map->n_tensors);
  append_rows(histograms, &scaled, (HistogramRow){.epoch = epoch, .of_gradient = true}, table);
}

static const real *read_parameters(void *context, size_t offset, size_t count) {
  (void)count;
  return (const real *)context + offset;
}

void tensor_histograms_of_weights(TensorHistograms *histograms, uint64_t epoch,
                                  MetricTable *table) {
  GradientSource weights = {read_parameters, gradient_reduction_parameters(histograms->reduction)};
  append_rows(histograms, &(ScaledSource){&weights, 1}, (HistogramRow){.epoch = epoch}, table);
}
