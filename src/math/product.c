#include "math/product.h"

#include "base/fatal.h"
#include "base/memory.h"
#include "math/denormals.h"
#include "math/engine.h"

const char *const product_engine_names[] = {"auto", "native", "openblas", "onednn", NULL};

/* Set once, before any product. */
static const Engine *engine = &openblas_engine;

static const Engine *choose(ProductEngine choice) {
  switch (choice) {
  case PRODUCT_NATIVE: return &native_engine;
  case PRODUCT_OPENBLAS: return &openblas_engine;
  case PRODUCT_ONEDNN: return &onednn_engine;
  case PRODUCT_AUTO: break;
  }
  if (native_engine.is_possible()) return &native_engine;
  return onednn_engine.is_possible() ? &onednn_engine : &openblas_engine;
}

/* Small whole numbers, so that every order of additions gives the exact result. */
static bool product_is_right(size_t n, size_t d, size_t m) {
  real *x = NEW_ARRAY(real, n * d), *w = NEW_ARRAY(real, d * m), *y = NEW_ARRAY(real, n * m);
  real *scratch = NEW_ARRAY(real, product_scratch(n, d, m));
  for (size_t i = 0; i < n * d; i++) x[i] = (real)((int)(i * 7 % 11) - 5);
  for (size_t i = 0; i < d * m; i++) w[i] = (real)((int)(i * 5 % 13) - 6);
  ShardProgram program;
  shard_program_single(n, &program);
  product_forward(&program, d, m, x, w, NULL, y, scratch);

  bool right = true;
  for (size_t i = 0; i < n * m; i++) {
    real expected = 0;
    for (size_t k = 0; k < d; k++) expected += x[i / m * d + k] * w[k * m + i % m];
    right = right && y[i] == expected;
  }
  memory_release(x);
  memory_release(w);
  memory_release(y);
  memory_release(scratch);
  return right;
}

Status product_start(ProductEngine choice) {
  const Engine *chosen = choose(choice);
  if (!chosen->is_possible()) {
    return fail(ERR_CONFIG,
                "compute.engine: %s is not in this build, or cannot run on this "
                "processor; expected another, or auto",
                product_engine_names[choice]);
  }
  engine = chosen;
  if (engine->start) engine->start();
  denormals_flush();
  if (!product_is_right(16, 33, 17) || !product_is_right(65, 130, 80)) {
    return fail(ERR_INTERNAL,
                "%s computes wrong products with its %s kernels on this processor; set "
                "compute.engine to another engine",
                product_engine(), product_kernel_family());
  }
  return OK;
}

size_t product_scratch(size_t n, size_t d, size_t m) {
  return engine->scratch(n, d, m);
}

void product_forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                     const real *b, real *y, real *scratch) {
  engine->forward(program, d, m, x, w, b, y, scratch);
}

void product_input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                            const real *w, real *dx, real *scratch) {
  engine->input_gradient(program, d, m, dy, w, dx, scratch);
}

void product_weight_begin(const WeightProduct *product) {
  if (engine->weight_begin) engine->weight_begin(product);
}

void product_weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  engine->weight_rows(product, inputs, accumulate, dw);
}

bool product_cuts_freely(void) {
  return engine->cuts_freely;
}

const char *product_version_of(ProductEngine choice) {
  const Engine *chosen = choose(choice);
  return chosen->is_possible() ? chosen->version() : NULL;
}

const char *product_kernels_of(ProductEngine choice) {
  const Engine *chosen = choose(choice);
  return chosen->is_possible() ? chosen->kernels() : NULL;
}

size_t product_vector_bits_of(ProductEngine choice) {
  const Engine *chosen = choose(choice);
  return chosen->is_possible() && chosen->vector_bits ? chosen->vector_bits() : 0;
}

const char *product_engine(void) {
  return engine->version();
}

const char *product_kernel_family(void) {
  return engine->kernels();
}
