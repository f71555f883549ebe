/* OpenBLAS: the engine that is always there. */

#include <cblas.h>
#include <string.h>

#include "base/fatal.h"
#include "math/engines/by_gemm.h"

static blasint as_blasint(size_t n) {
  CHECK(n <= 0x7fffffff, "a matrix dimension of %zu is too large for the BLAS", n);
  return (blasint)n;
}

void openblas_multiply(const Gemm *gemm) {
  /* beta = 0 makes OpenBLAS clear c in a slow pass of its own; clearing it here is faster. */
  memset(gemm->c, 0, gemm->rows * gemm->columns * sizeof(real));
#ifdef LOCKSTEP_REAL_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, gemm->transpose_a ? CblasTrans : CblasNoTrans,
       gemm->transpose_b ? CblasTrans : CblasNoTrans, as_blasint(gemm->rows),
       as_blasint(gemm->columns), as_blasint(gemm->inner), 1, gemm->a, as_blasint(gemm->a_stride),
       gemm->b, as_blasint(gemm->b_stride), 1, gemm->c, as_blasint(gemm->columns));
}

const char *openblas_version(void) {
  static char name[32];
  /* "OpenBLAS 0.3.21 DYNAMIC_ARCH ...": the first two words. */
  const char *config = openblas_get_config(), *space = strchr(config, ' ');
  size_t length = space ? strcspn(space + 1, " ") + (size_t)(space + 1 - config) : strlen(config);
  if (length >= sizeof name) length = sizeof name - 1;
  memcpy(name, config, length);
  name[length] = '\0';
  return name;
}

const char *openblas_kernels(void) {
  return openblas_get_corename();
}

static bool is_possible(void) {
  return true;
}

static void start(void) {
  openblas_set_num_threads(1);
}

static void forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                    const real *b, real *y, real *scratch) {
  (void)scratch;
  by_gemm_forward(openblas_multiply, program, d, m, x, w, b, y);
}

static void input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                           const real *w, real *dx, real *scratch) {
  (void)scratch;
  by_gemm_input_gradient(openblas_multiply, program, d, m, dy, w, dx);
}

static void weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  by_gemm_weight_rows(openblas_multiply, product, inputs, accumulate, dw);
}

const Engine openblas_engine = {
    .is_possible = is_possible,
    .start = start,
    .version = openblas_version,
    .kernels = openblas_kernels,
    .scratch = by_gemm_scratch,
    .forward = forward,
    .input_gradient = input_gradient,
    .weight_rows = weight_rows,
};
