/* math/product with every engine: the textbook's products, and bits that depend on a run alone.
 *
 * Inputs lie in memory of their exact size, for the sanitizers; outputs and scratch memory begin as
 * NaN, so that nothing can be taken over from what was there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "math/engines/native_width.h"
#include "math/product.h"
#include "support/networks.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Of the sum of the magnitudes that an element is made of: ten times what rounding may do to it. */
static const double TOLERANCE = 1e-6;

static const size_t ROWS[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,  11,
                              12, 13, 14, 15, 16, 17, 18, 19, 20, 127, 128};
static const size_t WIDTHS[] = {1, 2, 5, 6, 7, 10, 15, 16, 17, 31, 32, 48, 64, 65, 100};

/* Of the native engine's vectors. */
static const size_t VECTOR_BITS[] = {256, 512};

typedef struct Sizes {
  size_t n, d, m;
} Sizes;

/* Large enough for every way in which an engine computes a product. */
static const Sizes LARGE[] = {
    {1, 784, 512}, {12, 784, 512}, {13, 784, 512}, {128, 784, 512},
    {20, 512, 10}, {12, 100, 300}, {13, 300, 80},  {5, 40, 1000},
};

/* The engine of this group of tests. */
static ProductEngine engine;

/* ---- products of some size ---- */

static real *exact_memory(size_t count) {
  real *values = malloc(count * sizeof(real));
  CHECK(values, "no memory");
  for (size_t i = 0; i < count; i++) values[i] = NAN;
  return values;
}

static real *numbers(uint64_t seed, size_t count) {
  real *values = exact_memory(count);
  fill_numbers(seed, -1, 1, count, values);
  return values;
}

/* A product's matrices, named as in math/product.h. */
typedef struct Products {
  Sizes size;
  real *x, *w, *b, *dy;                   /* read */
  real *y, *y_with_bias, *dx, *dw, *onto; /* written; `onto` is added to `before` */
  real *before, *scratch;
} Products;

static Products products_create(Sizes size) {
  size_t n = size.n, d = size.d, m = size.m;
  return (Products){.size = size,
                    .x = numbers(1, n * d),
                    .w = numbers(2, d * m),
                    .b = numbers(3, m),
                    .dy = numbers(4, n * m),
                    .y = exact_memory(n * m),
                    .y_with_bias = exact_memory(n * m),
                    .dx = exact_memory(n * d),
                    .dw = exact_memory(d * m),
                    .onto = numbers(5, d * m),
                    .before = numbers(5, d * m),
                    .scratch = exact_memory(product_scratch(n, d, m))};
}

static void products_release(Products *p) {
  real *all[] = {p->x,  p->w,  p->b,    p->dy,     p->y,      p->y_with_bias,
                 p->dx, p->dw, p->onto, p->before, p->scratch};
  for (size_t i = 0; i < COUNT(all); i++) free(all[i]);
}

/* All rows of a weight gradient. */
static void weight_gradient(const WeightProduct *product, bool accumulate, real *dw) {
  product_weight_begin(product);
  product_weight_rows(product, (Range){0, product->d}, accumulate, dw);
}

/* Computes all of them. */
static void products_compute(const Products *p, const ShardProgram *program) {
  size_t d = p->size.d, m = p->size.m;
  product_forward(program, d, m, p->x, p->w, NULL, p->y, p->scratch);
  product_forward(program, d, m, p->x, p->w, p->b, p->y_with_bias, p->scratch);
  product_input_gradient(program, d, m, p->dy, p->w, p->dx, p->scratch);
  WeightProduct weights = {program, d, m, p->x, p->dy, p->scratch};
  weight_gradient(&weights, false, p->dw);
  weight_gradient(&weights, true, p->onto);
}

/* The products of some rows alone, in memory of their own. */
static Products products_of_rows(const Products *p, Range rows) {
  size_t n = range_count(rows), d = p->size.d, m = p->size.m;
  Products alone = products_create((Sizes){n, d, m});
  memcpy(alone.x, p->x + rows.begin * d, n * d * sizeof(real));
  memcpy(alone.dy, p->dy + rows.begin * m, n * m * sizeof(real));
  ShardProgram program;
  shard_program_single(n, &program);
  products_compute(&alone, &program);
  return alone;
}

/* ---- their definition ---- */

/* Element (i,k) lies at values[i * row + k * column]. */
typedef struct View {
  const real *values;
  size_t row, column;
} View;

static real at(View view, size_t i, size_t k) {
  return view.values[i * view.row + k * view.column];
}

/* found = a b + addend */
typedef struct Claim {
  const char *what;
  size_t rows, inner, columns;
  View a, b, addend; /* addend.values NULL: none */
  const real *found;
} Claim;

static void fail_claim(const Claim *claim, size_t i, size_t j, double expected) {
  fail_msg("%s of %s, %zu x %zu x %zu: [%zu,%zu]: found %.9g, expected %.9g",
           product_engine_names[engine], claim->what, claim->rows, claim->inner, claim->columns, i,
           j, (double)claim->found[i * claim->columns + j], expected);
}

/* Each element is near the sum of its products in double. */
static void assert_textbook(const Claim *claim) {
  for (size_t i = 0; i < claim->rows; i++) {
    for (size_t j = 0; j < claim->columns; j++) {
      double sum = claim->addend.values ? (double)at(claim->addend, i, j) : 0, size = fabs(sum);
      for (size_t k = 0; k < claim->inner; k++) {
        double product = (double)at(claim->a, i, k) * (double)at(claim->b, k, j);
        sum += product;
        size += fabs(product);
      }
      double error = fabs((double)claim->found[i * claim->columns + j] - sum);
      if (!(error <= TOLERANCE * size)) fail_claim(claim, i, j, sum);
    }
  }
}

/* Each element is a chain of fused multiply-adds, bit by bit. */
static void assert_chain(const Claim *claim) {
  for (size_t i = 0; i < claim->rows; i++) {
    for (size_t j = 0; j < claim->columns; j++) {
      real chain = 0;
      for (size_t k = 0; k < claim->inner; k++) {
        chain = fmaf(at(claim->a, i, k), at(claim->b, k, j), chain);
      }
      if (claim->addend.values) chain += at(claim->addend, i, j);
      const real *found = &claim->found[i * claim->columns + j];
      if (memcmp(found, &chain, sizeof chain) != 0) fail_claim(claim, i, j, (double)chain);
    }
  }
}

/* What the header says about all products of one run. */
static void assert_products(Sizes size, void (*assert_claim)(const Claim *claim)) {
  size_t n = size.n, d = size.d, m = size.m;
  Products p = products_create(size);
  ShardProgram program;
  shard_program_single(n, &program);
  products_compute(&p, &program);

  View x = {p.x, d, 1}, w = {p.w, m, 1}, dy = {p.dy, m, 1}, none = {NULL, 0, 0};
  View x_transposed = {p.x, 1, d}, w_transposed = {p.w, 1, m};
  View bias = {p.b, 0, 1}, before = {p.before, m, 1};
  assert_claim(&(Claim){"y", n, d, m, x, w, none, p.y});
  assert_claim(&(Claim){"y with bias", n, d, m, x, w, bias, p.y_with_bias});
  assert_claim(&(Claim){"dx", n, m, d, dy, w_transposed, none, p.dx});
  assert_claim(&(Claim){"dw", d, n, m, x_transposed, dy, none, p.dw});
  assert_claim(&(Claim){"dw added", d, n, m, x_transposed, dy, before, p.onto});
  products_release(&p);
}

static void assert_all_sizes(void (*assert_claim)(const Claim *claim)) {
  for (size_t n = 0; n < COUNT(ROWS); n++) {
    for (size_t d = 0; d < COUNT(WIDTHS); d++) {
      for (size_t m = 0; m < COUNT(WIDTHS); m++) {
        assert_products((Sizes){ROWS[n], WIDTHS[d], WIDTHS[m]}, assert_claim);
      }
    }
  }
  for (size_t i = 0; i < COUNT(LARGE); i++) assert_products(LARGE[i], assert_claim);
}

static void products_are_those_of_the_textbook(void **state) {
  (void)state;
  assert_all_sizes(assert_textbook);
}

/* Of the native engine; the libraries promise no order. */
static void elements_are_chains_of_fused_multiply_adds(void **state) {
  (void)state;
  assert_all_sizes(assert_chain);
}

/* ---- runs ---- */

static const Sizes RUN_SIZES[] = {{0, 1, 1},    {0, 7, 5},    {0, 17, 16},
                                  {0, 31, 64},  {0, 64, 10},  {0, 65, 100},
                                  {0, 20, 300}, {0, 200, 80}, {0, 100, 512}};
static const size_t SHARDS[] = {1, 2, 3, 5, 7, 8, 16};
static const size_t BATCHES[] = {1, 2, 3, 5, 11, 16, 37, 128};

/* Calls with every size that stands above. */
static void for_every_batch(void (*assert_batch)(Sizes size, size_t n_shards)) {
  for (size_t i = 0; i < COUNT(RUN_SIZES); i++) {
    for (size_t s = 0; s < COUNT(SHARDS); s++) {
      for (size_t b = 0; b < COUNT(BATCHES); b++) {
        assert_batch((Sizes){BATCHES[b], RUN_SIZES[i].d, RUN_SIZES[i].m}, SHARDS[s]);
      }
    }
  }
  assert_batch((Sizes){37, 784, 512}, 5);
  assert_batch((Sizes){128, 784, 512}, 8);
}

static void assert_runs_stand_alone(Sizes size, size_t n_shards) {
  Products whole = products_create(size);
  ShardProgram program;
  shard_program(size.n, n_shards, shard_root(n_shards), &program);
  products_compute(&whole, &program);
  for (size_t r = 0; r < program.n_runs; r++) {
    Range rows = program.runs[r].rows;
    size_t n = range_count(rows), from_y = rows.begin * size.m, from_dx = rows.begin * size.d;
    Products alone = products_of_rows(&whole, rows);
    assert_same_bits("y", n * size.m, whole.y + from_y, alone.y);
    assert_same_bits("y with bias", n * size.m, whole.y_with_bias + from_y, alone.y_with_bias);
    assert_same_bits("dx", n * size.d, whole.dx + from_dx, alone.dx);
    products_release(&alone);
  }
  products_release(&whole);
}

static void runs_have_the_same_bits_alone_and_with_others(void **state) {
  (void)state;
  for_every_batch(assert_runs_stand_alone);
}

/* The weight gradient of a node by the rule of the tree; NULL: the node has no rows. */
static real *define_node(const Products *p, size_t n_shards, ShardNode node) {
  Range rows = shard_node_rows(p->size.n, n_shards, node);
  if (range_count(rows) == 0) return NULL;
  if (node.level == 0) {
    Products alone = products_of_rows(p, rows);
    real *dw = alone.dw;
    alone.dw = NULL;
    products_release(&alone);
    return dw;
  }
  real *left = define_node(p, n_shards, shard_left(node));
  real *right = define_node(p, n_shards, shard_right(node));
  if (!left || !right) return left ? left : right;
  for (size_t i = 0; i < p->size.d * p->size.m; i++) left[i] = left[i] + right[i];
  free(right);
  return left;
}

static void assert_weight_gradient_is_the_trees(Sizes size, size_t n_shards) {
  Products p = products_create(size);
  size_t count = size.d * size.m;
  ShardProgram program;
  shard_program(size.n, n_shards, shard_root(n_shards), &program);
  products_compute(&p, &program);

  real *expected = define_node(&p, n_shards, shard_root(n_shards));
  assert_same_bits("dw", count, p.dw, expected);
  for (size_t i = 0; i < count; i++) expected[i] = p.before[i] + expected[i];
  assert_same_bits("dw added", count, p.onto, expected);
  free(expected);
  products_release(&p);
}

static void weight_gradients_of_runs_are_added_in_the_order_of_the_program(void **state) {
  (void)state;
  for_every_batch(assert_weight_gradient_is_the_trees);
}

/* The rows of a weight gradient, formed in two calls wherever they are cut. */
static void assert_weight_rows_cut_anywhere(Sizes size, size_t n_shards) {
  Products p = products_create(size);
  ShardProgram program;
  shard_program(size.n, n_shards, shard_root(n_shards), &program);
  products_compute(&p, &program);
  if (program.n_runs == 0 || !product_cuts_freely()) {
    products_release(&p);
    return;
  }
  WeightProduct weights = {&program, size.d, size.m, p.x, p.dy, p.scratch};
  real *dw = exact_memory(size.d * size.m);
  for (size_t cut = 0; cut <= size.d; cut += 1 + size.d / 7) {
    product_weight_begin(&weights);
    product_weight_rows(&weights, (Range){0, cut}, false, dw);
    product_weight_rows(&weights, (Range){cut, size.d}, false, dw + cut * size.m);
    assert_same_bits("dw", size.d * size.m, dw, p.dw);
  }
  free(dw);
  products_release(&p);
}

static void weight_gradients_have_the_same_bits_wherever_they_are_cut(void **state) {
  (void)state;
  for_every_batch(assert_weight_rows_cut_anywhere);
}

/* Rows whose sum depends on the order: large numbers that cancel, small ones that get lost. */
static void order_of_the_program_is_visible(void **state) {
  (void)state;
  enum { N = 8 };
  const real x[N] = {1, 1e8f, -1e8f, 1, 3, 3e7f, -3e7f, 0.5f}, dy[N] = {1, 1, 1, 1, 1, 1, 1, 1};
  real by_tree = NAN, by_row = NAN, *scratch = exact_memory(product_scratch(N, 1, 1));
  ShardProgram program;
  shard_program(N, N, shard_root(N), &program);
  WeightProduct weights = {&program, 1, 1, x, dy, scratch};
  weight_gradient(&weights, false, &by_tree);
  shard_program_single(N, &program);
  weight_gradient(&weights, false, &by_row);
  /* ((1 + 1e8) + (-1e8 + 1)) + ((3 + 3e7) + (-3e7 + 0.5)) in float */
  real expected = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
  assert_same_bits("dw", 1, &by_tree, &expected);
  assert_true(engine != PRODUCT_NATIVE || by_row != by_tree);
  free(scratch);
}

/* ---- what else leaves the bits alone ---- */

/* Of the native engine; the libraries need a run to keep its shape. */
static void rows_have_the_same_bits_however_many_there_are(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(RUN_SIZES); i++) {
    size_t d = RUN_SIZES[i].d, m = RUN_SIZES[i].m;
    Products most = products_create((Sizes){128, d, m});
    ShardProgram program;
    shard_program_single(128, &program);
    products_compute(&most, &program);
    for (size_t n = 1; n <= 20; n++) {
      Products some = products_of_rows(&most, (Range){n, 2 * n});
      assert_same_bits("y", n * m, some.y, most.y + n * m);
      assert_same_bits("dx", n * d, some.dx, most.dx + n * d);
      products_release(&some);
    }
    products_release(&most);
  }
}

static void products_have_the_same_bits_at_every_alignment(void **state) {
  (void)state;
  enum { N = 16, D = 65, M = 34, SHIFTS = 16 };
  Products p = products_create((Sizes){N, D, M});
  real *x = exact_memory(N * D + SHIFTS), *w = exact_memory(D * M + SHIFTS);
  real *y = exact_memory(N * M + SHIFTS);
  ShardProgram program;
  shard_program(N, 2, shard_root(2), &program);
  products_compute(&p, &program);
  for (size_t shift = 0; shift < SHIFTS; shift++) {
    memcpy(x + shift, p.x, N * D * sizeof(real));
    memcpy(w + shift, p.w, D * M * sizeof(real));
    product_forward(&program, D, M, x + shift, w + shift, NULL, y + shift, p.scratch);
    assert_same_bits("y", N * M, y + shift, p.y);
  }
  products_release(&p);
  free(x), free(w), free(y);
}

static void assert_same_at_every_width(Sizes size, size_t n_shards) {
  Products by_choice = products_create(size);
  size_t n = size.n, d = size.d, m = size.m;
  ShardProgram program;
  shard_program(n, n_shards, shard_root(n_shards), &program);
  native_choose_width(0);
  products_compute(&by_choice, &program);
  for (size_t i = 0; i < COUNT(VECTOR_BITS); i++) {
    if (!native_choose_width(VECTOR_BITS[i])) continue;
    Products p = products_create(size);
    products_compute(&p, &program);
    assert_same_bits("y", n * m, p.y, by_choice.y);
    assert_same_bits("y with bias", n * m, p.y_with_bias, by_choice.y_with_bias);
    assert_same_bits("dx", n * d, p.dx, by_choice.dx);
    assert_same_bits("dw", d * m, p.dw, by_choice.dw);
    assert_same_bits("dw added", d * m, p.onto, by_choice.onto);
    products_release(&p);
  }
  native_choose_width(0);
  products_release(&by_choice);
}

/* Of the native engine. */
static void products_have_the_same_bits_at_every_width(void **state) {
  (void)state;
  assert_true(native_choose_width(256));
  assert_false(native_choose_width(1024));
  for_every_batch(assert_same_at_every_width);
  for (size_t n = 0; n < COUNT(ROWS); n++) {
    for (size_t d = 0; d < COUNT(WIDTHS); d++) {
      for (size_t m = 0; m < COUNT(WIDTHS); m++) {
        assert_same_at_every_width((Sizes){ROWS[n], WIDTHS[d], WIDTHS[m]}, 1);
      }
    }
  }
  for (size_t i = 0; i < COUNT(LARGE); i++) assert_same_at_every_width(LARGE[i], 1);
}

/* ---- the engine ---- */

static void engines_have_names(void **state) {
  (void)state;
  static const char *const names[] = {"", "native ", "OpenBLAS ", "oneDNN "};
  assert_int_equal(strncmp(product_engine(), names[engine], strlen(names[engine])), 0);
  assert_true(strlen(product_kernel_family()) > 0);
}

static void engines_that_cannot_run_are_refused(void **state) {
  (void)state;
  char message[128];
  snprintf(message, sizeof message,
           "compute.engine: %s is not in this build, or cannot run on this processor; expected "
           "another, or auto",
           product_engine_names[engine]);
  assert_refused(product_start(engine), ERR_CONFIG, message);
}

static void auto_always_finds_an_engine(void **state) {
  (void)state;
  assert_int_equal(product_start(PRODUCT_AUTO), OK);
  assert_true(strlen(product_engine()) > 0);
}

/* What the native engine promises beyond the others, at each width that this processor has. */
static int test_native(void) {
  const struct CMUnitTest each[] = {
      cmocka_unit_test(elements_are_chains_of_fused_multiply_adds),
      cmocka_unit_test(rows_have_the_same_bits_however_many_there_are),
      cmocka_unit_test(weight_gradients_have_the_same_bits_wherever_they_are_cut),
      cmocka_unit_test(products_have_the_same_bits_at_every_alignment),
  };
  const struct CMUnitTest all[] = {cmocka_unit_test(products_have_the_same_bits_at_every_width)};
  int failed = cmocka_run_group_tests(all, NULL, NULL);
  for (size_t i = 0; i < COUNT(VECTOR_BITS); i++) {
    char name[32];
    snprintf(name, sizeof name, "native, %zu bits", VECTOR_BITS[i]);
    if (native_choose_width(VECTOR_BITS[i])) {
      failed += cmocka_run_group_tests_name(name, each, NULL, NULL);
    } else {
      printf("# %s: not on this processor and not tested\n", name);
    }
  }
  native_choose_width(0);
  return failed;
}

static int test_engine(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(engines_have_names),
      cmocka_unit_test(products_are_those_of_the_textbook),
      cmocka_unit_test(runs_have_the_same_bits_alone_and_with_others),
      cmocka_unit_test(weight_gradients_of_runs_are_added_in_the_order_of_the_program),
      cmocka_unit_test(weight_gradients_have_the_same_bits_wherever_they_are_cut),
      cmocka_unit_test(order_of_the_program_is_visible),
      cmocka_unit_test(products_have_the_same_bits_at_every_alignment),
  };
  const struct CMUnitTest refused[] = {cmocka_unit_test(engines_that_cannot_run_are_refused)};
  if (product_start(engine) != OK) {
    printf("# %s cannot run here and is not tested\n", product_engine_names[engine]);
    return cmocka_run_group_tests_name(product_engine_names[engine], refused, NULL, NULL);
  }
  int failed = cmocka_run_group_tests_name(product_engine_names[engine], tests, NULL, NULL);
  if (engine == PRODUCT_NATIVE) failed += test_native();
  return failed;
}

int main(void) {
  const struct CMUnitTest last[] = {cmocka_unit_test(auto_always_finds_an_engine)};
  int failed = 0;
  for (engine = PRODUCT_NATIVE; product_engine_names[engine]; engine++) failed += test_engine();
  return failed + cmocka_run_group_tests(last, NULL, NULL);
}
