#include "training/step_benchmark.h"

#include "base/clock.h"
#include "base/memory.h"
#include "math/product.h"
#include "training/step.h"

/* The products of one dense layer, on numbers of its shape. */
typedef struct Products {
  const Layer *layer;
  real *x, *w, *y, *dw, *dx, *scratch;
} Products;

static Products products_create(const Layer *layer, size_t n) {
  size_t d = layer->input_width, m = layer->output_width;
  Products products = {.layer = layer};
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

static void compute_product(const Products *p, const ShardProgram *program, int kind) {
  size_t d = p->layer->input_width, m = p->layer->output_width;
  switch (kind) {
  case FORWARD: product_forward(program, d, m, p->x, p->w, NULL, p->y, p->scratch); break;
  case WEIGHT_GRADIENT: {
    WeightProduct product = {program, d, m, p->x, p->y, p->scratch};
    product_weight_gradient(&product, false, p->dw);
    break;
  }
  default: product_input_gradient(program, d, m, p->y, p->w, p->dx, p->scratch);
  }
}

/* The gradients of a rank are computed in waves: whole shards, or blocks of a shard. */
typedef struct Waves {
  ShardProgram program; /* of one */
  size_t count;
} Waves;

static Waves waves_of(const Run *run) {
  Range own = shard_plan_leaves(&run->plan, run->plan.rank);
  size_t n_shards = run->plan.n_shards, shard = run->batch_size / n_shards;
  size_t rows = shard * range_count(own);
  Waves waves = {.count = 1};
  if (shard > GRADIENT_BLOCK_ROWS) {
    waves.count = rows / GRADIENT_BLOCK_ROWS;
    shard_program_single(GRADIENT_BLOCK_ROWS, &waves.program);
    return waves;
  }
  size_t together = range_count(own);
  while (together > 1 && together * shard > GRADIENT_WAVE_ROWS) together = (together + 1) / 2;
  waves.count = range_count(own) / together;
  shard_program(together * shard, together, shard_root(together), &waves.program);
  return waves;
}

static bool has_products(const Layer *layer) {
  return layer->n_tensors > 0;
}

/* One step's products of this rank. */
static void compute_all(const Run *run, const Products *products, const Waves *waves) {
  for (size_t wave = 0; wave < waves->count; wave++) {
    for (size_t i = 0; i < run->model->n_layers; i++) {
      if (!has_products(&run->model->layers[i])) continue;
      compute_product(&products[i], &waves->program, FORWARD);
      compute_product(&products[i], &waves->program, WEIGHT_GRADIENT);
      if (i > 0) compute_product(&products[i], &waves->program, INPUT_GRADIENT);
    }
  }
}

static void gather(const Run *run, const Waves *waves, real *x, real *targets) {
  RowSource rows = run_data_rows(&run->sampler);
  size_t n = shard_program_rows(&waves->program), n_samples = samples_count(&run->data.train);
  uint64_t first = run->progress.epoch_step * run->batch_size;
  for (size_t wave = 0; wave < waves->count; wave++) {
    uint64_t position = (first + wave * n) % (n_samples > n ? n_samples - n : 1);
    rows.read(rows.context, position, n, x, targets);
  }
}

/* Sums of one round, per step. */
typedef struct Round {
  double step, gathering, products, computing, reducing, waiting;
} Round;

static Status measure_steps(Run *run, size_t steps, Round *round) {
  const NodeGroup *group = gradient_reduction_group(run->reduction);
  double begin_s = clock_monotonic_s(), waited_s = node_group_waited_s(group);
  for (size_t i = 0; i < steps; i++) {
    StepFacts facts;
    if (run->progress.epoch_step + 1 >= run->steps_per_epoch) run->progress.epoch_step = 0;
    TRY(step_run(run, &facts));
    round->computing += facts.seconds_computing / (double)steps;
    round->reducing += facts.seconds_reducing / (double)steps;
  }
  round->step = (clock_monotonic_s() - begin_s) / (double)steps;
  round->waiting = (node_group_waited_s(group) - waited_s) / (double)steps;
  return OK;
}

static Status measure_round(Run *run, size_t steps, const Products *products, const Waves *waves,
                            Round *round) {
  *round = (Round){0};
  TRY(measure_steps(run, steps, round));
  size_t n = shard_program_rows(&waves->program);
  real *x = NEW_ARRAY(real, n * model_input_width(run->model));
  real *targets = NEW_ARRAY(real, n * run->data.train_set.description.target_width);
  double begin_s = clock_monotonic_s();
  for (size_t i = 0; i < steps; i++) compute_all(run, products, waves);
  double products_s = clock_monotonic_s();
  for (size_t i = 0; i < steps; i++) gather(run, waves, x, targets);
  round->products = (products_s - begin_s) / (double)steps;
  round->gathering = (clock_monotonic_s() - products_s) / (double)steps;
  memory_release(x);
  memory_release(targets);
  return OK;
}

static Products *create_all_products(const Run *run, size_t n) {
  Products *products = NEW_ARRAY(Products, run->model->n_layers);
  for (size_t i = 0; i < run->model->n_layers; i++) {
    if (!has_products(&run->model->layers[i])) continue;
    products[i] = products_create(&run->model->layers[i], n);
  }
  return products;
}

static void release_all_products(const Run *run, Products *products) {
  for (size_t i = 0; i < run->model->n_layers; i++) products_release(&products[i]);
  memory_release(products);
}

#define SPREAD_OF(field)                                                                           \
  do {                                                                                             \
    for (size_t i_ = 0; i_ < rounds; i_++) values[i_] = all[i_].field;                             \
    out->field = spread_of(values, rounds);                                                        \
  } while (0)

static void summarise(const Round *all, size_t rounds, StepTimes *out) {
  double *values = NEW_ARRAY(double, rounds);
  SPREAD_OF(step);
  SPREAD_OF(gathering);
  SPREAD_OF(products);
  SPREAD_OF(computing);
  SPREAD_OF(reducing);
  SPREAD_OF(waiting);
  for (size_t i = 0; i < rounds; i++) values[i] = all[i].step / all[i].products;
  out->ratio = spread_of(values, rounds);
  memory_release(values);
}

Status step_benchmark(Run *run, size_t rounds, size_t steps, StepTimes *out) {
  Waves waves = waves_of(run);
  Products *products = create_all_products(run, shard_program_rows(&waves.program));
  Round *all = NEW_ARRAY(Round, rounds), warm_up;
  Status status = measure_round(run, steps, products, &waves, &warm_up);
  for (size_t i = 0; i < rounds && status == OK; i++) {
    status = measure_round(run, steps, products, &waves, &all[i]);
  }
  if (status == OK) summarise(all, rounds, out);
  memory_release(all);
  release_all_products(run, products);
  return status;
}

static ProductTimes measure_product(const Products *products, const ShardProgram *program, int kind,
                                    size_t rounds) {
  static const char *const names[] = {"forward", "weight gradient", "input gradient"};
  size_t n = shard_program_rows(program);
  size_t d = products->layer->input_width, m = products->layer->output_width;
  double flops = 2.0 * (double)n * (double)d * (double)m;
  size_t repeats = (size_t)(2e7 / flops) + 1;
  double *values = NEW_ARRAY(double, rounds);
  for (size_t i = 0; i < rounds; i++) {
    double begin_s = clock_monotonic_s();
    for (size_t r = 0; r < repeats; r++) compute_product(products, program, kind);
    values[i] = (clock_monotonic_s() - begin_s) / (double)repeats;
  }
  Spread seconds = spread_of(values, rounds);
  memory_release(values);
  return (ProductTimes){products->layer->name,        names[kind], n, d, m, seconds,
                        1e-9 * flops / seconds.median};
}

size_t product_benchmark(const Run *run, size_t rounds, ProductTimes *out) {
  Waves waves = waves_of(run);
  Products *products = create_all_products(run, shard_program_rows(&waves.program));
  size_t count = 0;
  for (size_t i = 0; i < run->model->n_layers; i++) {
    if (!has_products(&run->model->layers[i])) continue;
    for (int kind = FORWARD; kind < PRODUCT_KINDS; kind++) {
      if (kind == INPUT_GRADIENT && i == 0) continue;
      out[count++] = measure_product(&products[i], &waves.program, kind, rounds);
    }
  }
  release_all_products(run, products);
  return count;
}
