/* What a training step costs beside its matrix products alone.
 *
 * usage: step_cost CONFIG [KEY=VALUE...]
 *
 * One rank. Steps of the run and the products of as many steps, at the shapes of its shards, are
 * timed in turn, so that the noise of the machine hits both. Prints the median of the ratios and
 * their spread. The products are the whole matrices of every layer and shard, by the same library.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "commands/command.h"
#include "math/product.h"
#include "training/run.h"
#include "training/step.h"

enum { ROUNDS = 15, STEPS_PER_ROUND = 40 };

/* The products of one dense layer for one shard of n rows. */
typedef struct Products {
  size_t d, m;
  real *x, *w, *y, *dw, *dx;
} Products;

static Products products_create(const Layer *layer, size_t n) {
  size_t d = layer->input_width, m = layer->output_width;
  Products products = {.d = d, .m = m};
  products.x = NEW_ARRAY(real, n *d);
  products.w = NEW_ARRAY(real, d *m);
  products.y = NEW_ARRAY(real, n *m);
  products.dw = NEW_ARRAY(real, d *m);
  products.dx = NEW_ARRAY(real, n *d);
  for (size_t i = 0; i < n * d; i++) products.x[i] = (real)(i % 17) / 17;
  for (size_t i = 0; i < d * m; i++) products.w[i] = (real)(i % 13) / 13 - (real)0.5;
  return products;
}

static void products_compute(const Products *products, size_t n, bool is_first) {
  size_t d = products->d, m = products->m;
  product_forward(n, d, m, products->x, products->w, products->y);
  product_weight_gradient(n, d, m, products->x, d, products->y, false, products->dw);
  if (!is_first) product_input_gradient(n, d, m, products->y, products->w, products->dx);
}

static double time_products(const Run *run, const Products *products, size_t n) {
  double begin_s = clock_monotonic_s();
  for (size_t step = 0; step < STEPS_PER_ROUND; step++) {
    for (size_t shard = 0; shard < run->plan.n_shards; shard++) {
      for (size_t i = 0; i < run->model->n_layers; i++) {
        if (run->model->layers[i].n_tensors) products_compute(&products[i], n, i == 0);
      }
    }
  }
  return clock_monotonic_s() - begin_s;
}

static double time_steps(Run *run) {
  double begin_s = clock_monotonic_s();
  for (size_t i = 0; i < STEPS_PER_ROUND; i++) {
    StepFacts facts;
    /* Full batches only, and again from the beginning where the epoch has no more of them. */
    if (run_batch_rows(run, run->progress.epoch_step) < run->batch_size ||
        run->progress.epoch_step + 1 >= run->steps_per_epoch) {
      run->progress.epoch_step = 0;
    }
    if (step_run(run, &facts) != OK) exit(command_report(ERR_DIVERGED));
  }
  return clock_monotonic_s() - begin_s;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right;
}

static void measure(Run *run) {
  size_t n = run->batch_size / run->plan.n_shards;
  Products *products = NEW_ARRAY(Products, run->model->n_layers);
  for (size_t i = 0; i < run->model->n_layers; i++) {
    products[i] = products_create(&run->model->layers[i], n);
  }
  double steps[ROUNDS], alone[ROUNDS], ratios[ROUNDS];
  time_steps(run);
  time_products(run, products, n);
  for (size_t i = 0; i < ROUNDS; i++) {
    steps[i] = time_steps(run);
    alone[i] = time_products(run, products, n);
    ratios[i] = steps[i] / alone[i];
  }
  qsort(steps, ROUNDS, sizeof(double), ascending);
  qsort(alone, ROUNDS, sizeof(double), ascending);
  qsort(ratios, ROUNDS, sizeof(double), ascending);
  printf("%s, %s kernels; %zu samples in %zu shards; %d rounds of %d steps\n", product_engine(),
         product_kernel_family(), run->batch_size, run->plan.n_shards, ROUNDS, STEPS_PER_ROUND);
  printf("step      %.3f ms median\n", 1e3 * steps[ROUNDS / 2] / STEPS_PER_ROUND);
  printf("products  %.3f ms median\n", 1e3 * alone[ROUNDS / 2] / STEPS_PER_ROUND);
  printf("ratio     %.3f median, %.3f to %.3f\n", ratios[ROUNDS / 2], ratios[0],
         ratios[ROUNDS - 1]);
}

int main(int argc, char **argv) {
  TextList changes = {0};
  for (int i = 2; i < argc; i++) command_add_word(&changes, argv[i]);
  RunConfig config;
  Run *run = NULL;
  Communicator *communicator = communicator_open();
  Status status = argc > 1 ? run_config_read(argv[1], &changes, &config)
                           : fail(ERR_USAGE, "usage: step_cost CONFIG [KEY=VALUE...]");
  if (status == OK) status = run_create(&config, "", "", communicator, &run);
  if (status == OK) measure(run);
  run_destroy(run);
  communicator_close(communicator);
  return command_report(status);
}
