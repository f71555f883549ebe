#include "model/wave.h"

#include "model/target.h"

static RowRun wave_run(const Wave *wave) {
  const Batch *batch = wave->batch;
  return (RowRun){.program = wave->program,
                  .training = true,
                  .seed = batch->seed,
                  .epoch = batch->epoch,
                  .first_position = batch->first_position + wave->rows.begin};
}

LayerPass wave_pass(const Workspace *workspace, const Wave *wave, size_t layer) {
  RowRun run = wave_run(wave);
  return model_pass(workspace, wave->batch->parameters, layer, &run);
}

static void read_rows(const Model *model, const Workspace *workspace, const Wave *wave) {
  const RowSource *source = &wave->batch->rows;
  size_t n = range_count(wave->rows);
  source->read(source->context, wave->batch->first_position + wave->rows.begin, n, workspace->x,
               workspace->stored);
  target_encode(n, source->target_width, model_output_width(model), workspace->stored,
                workspace->target);
}

/* The sums over the samples of each shard, or over one more block of a shard. */
static void add_shard_sums(const Model *model, const Workspace *workspace, const Wave *wave,
                           double *sums) {
  const Batch *batch = wave->batch;
  size_t n = range_count(wave->rows), n_sums = model_sum_count(model);
  for (size_t shard = wave->shards.begin; shard < wave->shards.end; shard++) {
    Range rows = shard_rows(batch->n_rows, batch->n_shards, shard);
    size_t begin = rows.begin > wave->rows.begin ? rows.begin : wave->rows.begin;
    size_t end = rows.end < wave->rows.end ? rows.end : wave->rows.end;
    Range of_wave = {begin - wave->rows.begin, end > begin ? end - wave->rows.begin : 0};
    model_add_sums(model, workspace, n, of_wave, sums + shard * n_sums);
  }
}

static void go_backward(const Model *model, const Workspace *workspace, const Wave *wave,
                        const WaveGradient *out) {
  for (size_t i = model->n_layers; i-- > 0;) {
    const Layer *layer = &model->layers[i];
    LayerPass pass = wave_pass(workspace, wave, i);
    layer->kind->input_gradient(layer, &pass);
    if (out) layer_parameter_gradient(layer, &pass, out->accumulate, out->gradient);
  }
}

void wave_compute(const Model *model, const Workspace *workspace, const Wave *wave, double *sums,
                  const WaveGradient *out) {
  StepClock *clock = wave->batch->clock;
  RowRun run = wave_run(wave);
  read_rows(model, workspace, wave);
  step_clock_read(clock, PHASE_GATHER);

  model_forward(model, workspace, wave->batch->parameters, &run);
  model_score(model, workspace, range_count(wave->rows), workspace->dy[model->n_layers - 1]);
  add_shard_sums(model, workspace, wave, sums);
  step_clock_read(clock, PHASE_FORWARD);

  go_backward(model, workspace, wave, out);
  step_clock_read(clock, PHASE_BACKWARD);
}
