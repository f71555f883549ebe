#include "math/product.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"

static blasint as_blasint(size_t n) {
  CHECK(n <= 0x7fffffff, "a matrix dimension of %zu is too large for the BLAS", n);
  return (blasint)n;
}

/* c = op(a) op(b) + beta c, row-major, in the precision of this build. */
static void gemm(CBLAS_TRANSPOSE transpose_a, CBLAS_TRANSPOSE transpose_b, size_t rows,
                 size_t columns, size_t inner, const real *a, size_t a_stride, const real *b,
                 size_t b_stride, real beta, real *c) {
  if (rows == 0 || columns == 0) return;
#ifdef LOCKSTEP_REAL_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, transpose_a, transpose_b, as_blasint(rows), as_blasint(columns),
       as_blasint(inner), 1, a, as_blasint(a_stride), b, as_blasint(b_stride), beta, c,
       as_blasint(columns));
}

void product_forward(size_t n, size_t d, size_t m, const real *x, const real *w, real *y) {
  gemm(CblasNoTrans, CblasNoTrans, n, m, d, x, d, w, m, 0, y);
}

void product_input_gradient(size_t n, size_t d, size_t m, const real *dy, const real *w, real *dx) {
  gemm(CblasNoTrans, CblasTrans, n, d, m, dy, m, w, m, 0, dx);
}

void product_weight_gradient(size_t n, size_t d, size_t m, const real *x, size_t x_stride,
                             const real *dy, bool accumulate, real *dw) {
  /* beta = 0 makes OpenBLAS clear dw in a slow pass of its own; clearing it here is twice as fast. */
  if (!accumulate) memset(dw, 0, d * m * sizeof(real));
  gemm(CblasTrans, CblasNoTrans, d, m, n, x, x_stride, dy, m, 1, dw);
}

/* Numbers without pattern, of mixed sign and with long mantissas. */
static void fill_scattered(real *values, size_t count, unsigned seed) {
  unsigned state = seed;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = (real)((double)(state >> 8) / 8388608.0 - 1.0);
  }
}

bool product_accumulates_exactly(size_t n, size_t d, size_t m) {
  real *x = NEW_ARRAY(real, n * d), *dy = NEW_ARRAY(real, n * m);
  real *onto = NEW_ARRAY(real, d * m), *apart = NEW_ARRAY(real, d * m);
  real *sum = NEW_ARRAY(real, d * m);
  fill_scattered(x, n * d, 1);
  fill_scattered(dy, n * m, 2);
  fill_scattered(onto, d * m, 3);

  product_weight_gradient(n, d, m, x, d, dy, false, apart);
  for (size_t i = 0; i < d * m; i++) sum[i] = onto[i] + apart[i];
  product_weight_gradient(n, d, m, x, d, dy, true, onto);
  bool same = memcmp(sum, onto, d * m * sizeof(real)) == 0;

  memory_release(x);
  memory_release(dy);
  memory_release(onto);
  memory_release(apart);
  memory_release(sum);
  return same;
}

/* Small whole numbers, so that every order of additions gives the exact result. */
static bool product_is_right(size_t n, size_t d, size_t m) {
  real *x = NEW_ARRAY(real, n * d), *w = NEW_ARRAY(real, d * m), *y = NEW_ARRAY(real, n * m);
  for (size_t i = 0; i < n * d; i++) x[i] = (real)((int)(i * 7 % 11) - 5);
  for (size_t i = 0; i < d * m; i++) w[i] = (real)((int)(i * 5 % 13) - 6);
  product_forward(n, d, m, x, w, y);

  bool right = true;
  for (size_t i = 0; i < n * m; i++) {
    real expected = 0;
    for (size_t k = 0; k < d; k++) expected += x[i / m * d + k] * w[k * m + i % m];
    right = right && y[i] == expected;
  }
  memory_release(x);
  memory_release(w);
  memory_release(y);
  return right;
}

Status product_start(void) {
  openblas_set_num_threads(1);
  if (!product_is_right(16, 33, 17) || !product_is_right(65, 130, 48)) {
    return fail(ERR_INTERNAL,
                "%s computes wrong products with its %s kernels on this processor; "
                "set OPENBLAS_CORETYPE to another family, or install another version",
                product_engine(), product_kernel_family());
  }
  return OK;
}

const char *product_engine(void) {
  static char name[32];
  const char *config = openblas_get_config();
  /* "OpenBLAS 0.3.21 DYNAMIC_ARCH ...": the first two words. */
  const char *space = strchr(config, ' ');
  size_t length = space ? strcspn(space + 1, " ") + (size_t)(space + 1 - config) : strlen(config);
  if (length >= sizeof name) length = sizeof name - 1;
  memcpy(name, config, length);
  name[length] = '\0';
  return name;
}

const char *product_kernel_family(void) {
  return openblas_get_corename();
}
