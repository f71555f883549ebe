#include "training/step_benchmark.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "math/product.h"
#include "training/step.h"

/* The rows that a rank's products of a step work on, wave by wave: whole shards, or blocks of a
 * shard. With pooled rows, weight gradients have all rows of the batch, and a share of the inputs.
 */
typedef struct Waves {
  size_t count;
  double share;         /* of their rows that a step really has: the last wave may be smaller */
  ShardProgram program; /* of one */
  ShardProgram weight_program;
  size_t weight_parts; /* of the inputs of every layer, one is this rank's */
} Waves;

static void divide_into_waves(size_t shard_size, size_t n_shards, Waves *waves) {
  waves->count = 1;
  if (shard_size > GRADIENT_BLOCK_ROWS) {
    size_t blocks = (shard_size + GRADIENT_BLOCK_ROWS - 1) / GRADIENT_BLOCK_ROWS;
    waves->count = blocks * n_shards;
    shard_program_single(GRADIENT_BLOCK_ROWS, &waves->program);
    return;
  }
  size_t together = n_shards;
  while (together > 1 && together * shard_size > GRADIENT_WAVE_ROWS) together = (together + 1) / 2;
  waves->count = (n_shards + together - 1) / together;
  shard_program(together * shard_size, together, shard_root(together), &waves->program);
}

static Waves waves_of(const Run *run) {
  const ShardPlan *plan = &run->plan;
  size_t n_shards = plan->n_shards, own = range_count(shard_plan_leaves(plan, plan->rank));
  Waves waves;
  if (run->pooled) {
    waves.count = 1;
    waves.share = 1;
    waves.weight_parts = plan->n_ranks;
    size_t rows = run->batch_size * own / n_shards;
    shard_program_single(rows > 0 ? rows : 1, &waves.program);
    shard_program(run->batch_size, n_shards, shard_root(n_shards), &waves.weight_program);
  } else {
    divide_into_waves((run->batch_size + n_shards - 1) / n_shards, own, &waves);
    waves.weight_parts = 1;
    waves.weight_program = waves.program;
    double rows = (double)run->batch_size * (double)own / (double)n_shards;
    waves.share = rows / (double)(waves.count * shard_program_rows(&waves.program));
  }
  return waves;
}

/* The products of one dense layer, on numbers of its shape. */
typedef struct Products {
  const Layer *layer;
  const Waves *waves;
  real *x, *w, *y, *dw, *dx, *scratch;
} Products;

static Products products_create(const Layer *layer, const Waves *waves) {
  size_t n = shard_program_rows(&waves->weight_program);
  size_t d = layer->input_width, m = layer->output_width;
  Products products = {.layer = layer, .waves = waves};
  products.x = NEW_ARRAY(real, n * d);
  products.w = NEW_ARRAY(real, d * m);
  products.y = NEW_ARRAY(real, n * m);
  products.dw = NEW_ARRAY(real, d * m);
  products.dx = NEW_ARRAY(real, n * d);
  products.scratch = NEW_ARRAY(real, product_scratch(n, d, m));
  for (size_t i = 0; i < n * d; i++) products.x[i] = (real)(i % 17) / 17;
  for (size_t i = 0; i < d * m; i++) products.w[i] = (real)(i % 13) / 13 - (real)0.5;
  return products;
}

static void products_release(Products *products) {
  memory_release(products->x);
  memory_release(products->w);
  memory_release(products->y);
  memory_release(products->dw);
  memory_release(products->dx);
  memory_release(products->scratch);
}

enum { FORWARD, WEIGHT_GRADIENT, INPUT_GRADIENT, PRODUCT_KINDS };

/* The inputs whose weights' gradient is this rank's. */
static Range weight_inputs(const Products *p) {
  return (Range){0, (p->layer->input_width + p->waves->weight_parts - 1) / p->waves->weight_parts};
}

static void compute_product(const Products *p, int kind) {
  const ShardProgram *program = &p->waves->program;
  size_t d = p->layer->input_width, m = p->layer->output_width;
  if (kind == FORWARD) {
    product_forward(program, d, m, p->x, p->w, NULL, p->y, p->scratch);
  } else if (kind == INPUT_GRADIENT) {
    product_input_gradient(program, d, m, p->y, p->w, p->dx, p->scratch);
  } else {
    WeightProduct product = {&p->waves->weight_program, d, m, p->x, p->y, p->scratch};
    product_weight_begin(&product);
    product_weight_rows(&product, weight_inputs(p), false, p->dw);
  }
}

static bool has_products(const Layer *layer) {
  return layer->n_tensors > 0;
}

/* One step's products of this rank. */
static void compute_all(const Run *run, const Products *products, const Waves *waves) {
  for (size_t wave = 0; wave < waves->count; wave++) {
    for (size_t i = 0; i < run->model->n_layers; i++) {
      if (!has_products(&run->model->layers[i])) continue;
      compute_product(&products[i], FORWARD);
      compute_product(&products[i], WEIGHT_GRADIENT);
      if (i > 0) compute_product(&products[i], INPUT_GRADIENT);
    }
  }
}

/* The sum of this rank's slice over the ranks, without the update. The numbers are those of the
 * latest step. */
static void sum_slice(const Run *run, const ParameterBlock *blocks) {
  Range own = gradient_reduction_blocks(run->reduction);
  for (size_t b = own.begin; b < own.end; b++) {
    gradient_reduction_stretch(run->reduction, blocks[b].offset, blocks[b].count);
  }
}

/* Seconds of one round, per step. */
typedef struct Round {
  double step, phases[STEP_PHASES], waiting, products, summing;
} Round;

static Status measure_steps(Run *run, size_t steps, Round *round) {
  const NodeGroup *group = gradient_reduction_group(run->reduction);
  double begin_s = clock_monotonic_s(), waited_s = node_group_waited_s(group);
  for (size_t i = 0; i < steps; i++) {
    StepFacts facts;
    if (run->progress.epoch_step + 1 >= run->steps_per_epoch) run->progress.epoch_step = 0;
    TRY(step_run(run, &facts));
    for (size_t p = 0; p < STEP_PHASES; p++) {
      round->phases[p] += run->clock.seconds[p] / (double)steps;
    }
  }
  round->step = (clock_monotonic_s() - begin_s) / (double)steps;
  round->waiting = (node_group_waited_s(group) - waited_s) / (double)steps;
  return OK;
}

/* What is measured, and with what. */
typedef struct StepBench {
  Run *run;
  size_t steps;
  Waves waves;
  Products *products; /* per layer */
  ParameterBlock *blocks;
} StepBench;

static Status measure_round(const StepBench *bench, Round *round) {
  Run *run = bench->run;
  *round = (Round){0};
  TRY(measure_steps(run, bench->steps, round));
  double begin_s = clock_monotonic_s();
  for (size_t i = 0; i < bench->steps; i++) compute_all(run, bench->products, &bench->waves);
  double products_s = clock_monotonic_s();
  for (size_t i = 0; !run->pooled && i < bench->steps; i++) sum_slice(run, bench->blocks);
  round->products = bench->waves.share * (products_s - begin_s) / (double)bench->steps;
  round->summing = (clock_monotonic_s() - products_s) / (double)bench->steps;
  return OK;
}

static Products *create_all_products(const Run *run, const Waves *waves) {
  Products *products = NEW_ARRAY(Products, run->model->n_layers);
  for (size_t i = 0; i < run->model->n_layers; i++) {
    if (!has_products(&run->model->layers[i])) continue;
    products[i] = products_create(&run->model->layers[i], waves);
  }
  return products;
}

static void release_all_products(const Run *run, Products *products) {
  for (size_t i = 0; i < run->model->n_layers; i++) products_release(&products[i]);
  memory_release(products);
}

#define SPREAD_OF(out, field)                                                                      \
  do {                                                                                             \
    for (size_t i_ = 0; i_ < rounds; i_++) values[i_] = all[i_].field;                             \
    out = spread_of(values, rounds);                                                               \
  } while (0)

static void summarise(const Round *all, size_t rounds, StepTimes *out) {
  double *values = NEW_ARRAY(double, rounds);
  SPREAD_OF(out->step, step);
  for (size_t p = 0; p < STEP_PHASES; p++) SPREAD_OF(out->phases[p], phases[p]);
  SPREAD_OF(out->waiting, waiting);
  SPREAD_OF(out->products, products);
  SPREAD_OF(out->summing, summing);
  for (size_t i = 0; i < rounds; i++) values[i] = all[i].step / all[i].products;
  out->ratio = spread_of(values, rounds);
  memory_release(values);
}

Status step_benchmark(Run *run, size_t rounds, size_t steps, StepTimes *out) {
  StepBench bench = {.run = run, .steps = steps, .waves = waves_of(run)};
  bench.products = create_all_products(run, &bench.waves);
  bench.blocks = NEW_ARRAY(ParameterBlock, parameter_block_count(&run->model->map));
  parameter_blocks(&run->model->map, bench.blocks);
  Round *all = NEW_ARRAY(Round, rounds), warm_up;
  Status status = measure_round(&bench, &warm_up);
  for (size_t i = 0; i < rounds && status == OK; i++) status = measure_round(&bench, &all[i]);
  if (status == OK) summarise(all, rounds, out);
  memory_release(all);
  memory_release(bench.blocks);
  release_all_products(run, bench.products);
  return status;
}

/* What a rank says of itself. */
typedef struct RankTime {
  char host[HOST_TEXT_BYTES];
  double seconds;
} RankTime;

SlowestRank step_benchmark_slowest(const Run *run, const StepTimes *times) {
  Communicator *communicator = run->communicator;
  size_t n_ranks = (size_t)communicator_size(communicator);
  RankTime mine = {.seconds = times->phases[PHASE_GATHER].median +
                              times->phases[PHASE_FORWARD].median +
                              times->phases[PHASE_BACKWARD].median};
  snprintf(mine.host, sizeof mine.host, "%s", communicator_host(communicator));
  RankTime *all = NEW_ARRAY(RankTime, n_ranks);
  size_t *bytes = NEW_ARRAY(size_t, n_ranks);
  for (size_t r = 0; r < n_ranks; r++) bytes[r] = sizeof mine;
  communicator_collect(communicator, &mine, bytes, all);

  SlowestRank slowest = {0};
  for (size_t r = 0; r < n_ranks; r++) {
    slowest.mean_seconds += all[r].seconds / (double)n_ranks;
    if (all[r].seconds <= slowest.seconds) continue;
    slowest.rank = (int)r;
    slowest.seconds = all[r].seconds;
    snprintf(slowest.host, sizeof slowest.host, "%s", all[r].host);
  }
  memory_release(all);
  memory_release(bytes);
  return slowest;
}

static ProductTimes measure_product(const Products *products, int kind, size_t rounds) {
  static const char *const names[] = {"forward", "weight gradient", "input gradient"};
  const Waves *waves = products->waves;
  bool of_weights = kind == WEIGHT_GRADIENT;
  size_t n = shard_program_rows(of_weights ? &waves->weight_program : &waves->program);
  size_t d = of_weights ? range_count(weight_inputs(products)) : products->layer->input_width;
  size_t m = products->layer->output_width;
  double flops = 2.0 * (double)n * (double)d * (double)m;
  size_t repeats = (size_t)(2e7 / flops) + 1;
  double *values = NEW_ARRAY(double, rounds);
  for (size_t i = 0; i < rounds; i++) {
    double begin_s = clock_monotonic_s();
    for (size_t r = 0; r < repeats; r++) compute_product(products, kind);
    values[i] = (clock_monotonic_s() - begin_s) / (double)repeats;
  }
  Spread seconds = spread_of(values, rounds);
  memory_release(values);
  return (ProductTimes){products->layer->name,        names[kind], n, d, m, seconds,
                        1e-9 * flops / seconds.median};
}

size_t product_benchmark(const Run *run, size_t rounds, ProductTimes *out) {
  Waves waves = waves_of(run);
  Products *products = create_all_products(run, &waves);
  size_t count = 0;
  for (size_t i = 0; i < run->model->n_layers; i++) {
    if (!has_products(&run->model->layers[i])) continue;
    for (int kind = FORWARD; kind < PRODUCT_KINDS; kind++) {
      if (kind == INPUT_GRADIENT && i == 0) continue;
      out[count++] = measure_product(&products[i], kind, rounds);
    }
  }
  release_all_products(run, products);
  return count;
}
