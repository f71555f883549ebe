/* Data format `linear`: synthetic points around a straight line, one input and one target each.
 *
 * Formula     y[n] = weight x[n] + bias + noise e[n];  x, e ~ N(0, 1), stored as float32
 * Source      x and e are the streams 0 and 1 of (seed, RANDOM_DATA), element n: math/random.h
 */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "config/options.h"
#include "data/dataset.h"
#include "math/random.h"

typedef struct LinearOptions {
  int64_t samples;
  double weight;
  double bias;
  double noise;
  int64_t seed;
} LinearOptions;

static const Option options[] = {
    {.key = "samples",
     .type = OPTION_INT,
     .offset = offsetof(LinearOptions, samples),
     .fallback = "1000",
     .min = 1,
     .max = 1e9,
     .help = "number of points"},
    {.key = "weight",
     .type = OPTION_REAL,
     .offset = offsetof(LinearOptions, weight),
     .fallback = "3",
     .help = "slope of the line"},
    {.key = "bias",
     .type = OPTION_REAL,
     .offset = offsetof(LinearOptions, bias),
     .fallback = "2",
     .help = "height of the line at 0"},
    {.key = "noise",
     .type = OPTION_REAL,
     .offset = offsetof(LinearOptions, noise),
     .fallback = "1",
     .min = 0,
     .max = INFINITY,
     .help = "standard deviation of the targets around the line"},
    {.key = "seed",
     .type = OPTION_INT,
     .offset = offsetof(LinearOptions, seed),
     .fallback = "42",
     .min = 0,
     .max = INFINITY,
     .help = "seed of the points"},
    {.key = NULL},
};

enum { PIECE = 256, STREAM_X = 0, STREAM_NOISE = 1 };

static void fill_normal(const LinearOptions *line, uint32_t stream_number, size_t first,
                        size_t count, real *out) {
  RandomStream stream = {
      .seed = (uint64_t)line->seed, .purpose = RANDOM_DATA, .stream = stream_number};
  random_fill_normal(&stream, 0, first, count, out);
}

static Status open_source(const void *chosen, const char *folder, DatasetSource *source) {
  (void)folder;
  LinearOptions *line = NEW(LinearOptions);
  *line = *(const LinearOptions *)chosen;
  source->state = line;
  source->description = (DatasetDescription){
      .n_samples = (size_t)line->samples,
      .input_dtype = DTYPE_F32,
      .input_shape = {.n_dims = 1, .dims = {1}},
      .target_dtype = DTYPE_F32,
      .target_width = 1,
      .name = memory_copy_text("linear"),
  };
  return OK;
}

static Status read_rows(DatasetSource *source, size_t first, size_t count, void *inputs,
                        void *targets) {
  const LinearOptions *line = source->state;
  float *x = inputs, *y = targets;
  real x_normals[PIECE], noise_normals[PIECE];
  for (size_t done = 0; done < count; done += PIECE) {
    size_t piece = count - done < PIECE ? count - done : PIECE;
    fill_normal(line, STREAM_X, first + done, piece, x_normals);
    fill_normal(line, STREAM_NOISE, first + done, piece, noise_normals);
    for (size_t i = 0; i < piece; i++) {
      /* The stored x lies exactly on the line, whatever `real` is. */
      float stored = (float)x_normals[i];
      double on_line = line->weight * (double)stored + line->bias;
      if (x) x[done + i] = stored;
      if (y) y[done + i] = (float)(on_line + line->noise * (double)noise_normals[i]);
    }
  }
  return OK;
}

static void close_source(DatasetSource *source) {
  memory_release(source->state);
}

const DatasetKind linear_dataset = {
    .kind = {.name = "linear",
             .summary = "synthetic points around a straight line",
             .options = options,
             .options_size = sizeof(LinearOptions)},
    .open = open_source,
    .read_rows = read_rows,
    .close = close_source,
};
