/* Data format `idx`: inputs, and targets if there are any, in one IDX file each, as MNIST has them.
 */

#include "io/idx.h"

#include <stddef.h>

#include "base/memory.h"
#include "config/expand.h"
#include "config/options.h"
#include "data/dataset.h"

typedef struct IdxOptions {
  char *inputs;
  char *targets;
} IdxOptions;

typedef struct IdxState {
  IdxFile *inputs;
  IdxFile *targets; /* NULL: none */
} IdxState;

static const Option options[] = {
    {.key = "inputs",
     .type = OPTION_PATH,
     .offset = offsetof(IdxOptions, inputs),
     .help = "IDX file of the inputs, plain or gzipped; its first dimension counts the samples"},
    {.key = "targets",
     .type = OPTION_PATH,
     .offset = offsetof(IdxOptions, targets),
     .fallback = "null",
     .help = "IDX file of the targets, one number or one row of numbers per sample"},
    {.key = NULL},
};

/* ---- helpers ---- */

/* *out is NULL where no file is written. */
static Status open_file(const char *written, const char *folder, IdxFile **out) {
  *out = NULL;
  if (!written) return OK;
  char *path;
  TRY(path_resolve(written, folder, &path));
  Status status = idx_open(path, out);
  memory_release(path);
  return status;
}

static void describe_inputs(const IdxFile *file, DatasetDescription *description) {
  const Shape *shape = idx_shape(file);
  description->name = memory_copy_text(idx_path(file));
  description->n_samples = shape->dims[0];
  description->input_dtype = idx_dtype(file);
  description->input_shape = (Shape){.n_dims = 1, .dims = {1}}; /* of samples that are numbers */
  if (shape->n_dims == 1) return;

  description->input_shape.n_dims = shape->n_dims - 1;
  for (size_t i = 1; i < shape->n_dims; i++) description->input_shape.dims[i - 1] = shape->dims[i];
}

static Status describe_targets(const IdxFile *file, DatasetDescription *description) {
  if (!file) return OK;
  const Shape *shape = idx_shape(file);
  if (shape->n_dims > 2) {
    char found[SHAPE_TEXT_BYTES];
    return fail(ERR_DATA, "%s: found targets of the shape %s, expected one or two dimensions",
                idx_path(file), shape_text(shape, found));
  }
  if (shape->dims[0] != description->n_samples) {
    return fail(ERR_DATA, "%s: found %zu inputs, but %zu targets in %s; expected as many of both",
                description->name, description->n_samples, shape->dims[0], idx_path(file));
  }
  description->target_dtype = idx_dtype(file);
  description->target_width = shape->n_dims == 2 ? shape->dims[1] : 1;
  return OK;
}

/* ---- the kind ---- */

static void close_source(DatasetSource *source) {
  IdxState *state = source->state;
  idx_close(state->inputs);
  idx_close(state->targets);
  memory_release(state);
}

static Status open_and_describe(const IdxOptions *chosen, const char *folder,
                                DatasetSource *source) {
  IdxState *state = source->state;
  TRY(open_file(chosen->inputs, folder, &state->inputs));
  TRY(open_file(chosen->targets, folder, &state->targets));
  describe_inputs(state->inputs, &source->description);
  return describe_targets(state->targets, &source->description);
}

static Status open_source(const void *chosen, const char *folder, DatasetSource *source) {
  source->state = NEW(IdxState);
  Status status = open_and_describe(chosen, folder, source);
  if (status != OK) close_source(source);
  return status;
}

static Status read_rows(DatasetSource *source, size_t first, size_t count, void *inputs,
                        void *targets) {
  const IdxState *state = source->state;
  size_t input_width = shape_count(&source->description.input_shape);
  size_t target_width = source->description.target_width;
  if (inputs) TRY(idx_read(state->inputs, first * input_width, count * input_width, inputs));
  if (!state->targets || !targets) return OK;
  return idx_read(state->targets, first * target_width, count * target_width, targets);
}

const DatasetKind idx_dataset = {
    .kind = {.name = "idx",
             .summary = "inputs and targets in one IDX file each, as MNIST comes",
             .options = options,
             .options_size = sizeof(IdxOptions)},
    .open = open_source,
    .read_rows = read_rows,
    .close = close_source,
};
