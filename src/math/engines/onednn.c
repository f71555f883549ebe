/* oneDNN: faster than OpenBLAS at large products with few rows where vectors have 512 bits. */

#include "math/engines/by_gemm.h"

#if defined(LOCKSTEP_HAS_ONEDNN) && !defined(LOCKSTEP_REAL_DOUBLE)

#include <dnnl.h>
#include <omp.h>
#include <stdio.h>

#include "base/fatal.h"

/* Below this many multiplications OpenBLAS, which then packs nothing, is faster. */
enum { SMALL_PRODUCT = 1 << 19, WIDE = 256 };

static void onednn_multiply(const Gemm *gemm) {
  if (gemm->rows * gemm->columns * gemm->inner < SMALL_PRODUCT) {
    openblas_multiply(gemm);
    return;
  }
  dnnl_status_t status = dnnl_sgemm(
      gemm->transpose_a ? 'T' : 'N', gemm->transpose_b ? 'T' : 'N', (dnnl_dim_t)gemm->rows,
      (dnnl_dim_t)gemm->columns, (dnnl_dim_t)gemm->inner, 1, gemm->a, (dnnl_dim_t)gemm->a_stride,
      gemm->b, (dnnl_dim_t)gemm->b_stride, 0, gemm->c, (dnnl_dim_t)gemm->columns);
  CHECK(status == dnnl_success, "dnnl_sgemm failed");
}

static bool is_possible(void) {
  return true;
}

static void start(void) {
  openblas_engine.start();
  omp_set_num_threads(1);
}

static const char *version(void) {
  static char text[64];
  const dnnl_version_t *found = dnnl_version();
  snprintf(text, sizeof text, "oneDNN %d.%d.%d + %s", found->major, found->minor, found->patch,
           openblas_version());
  return text;
}

static const char *kernels(void) {
  static char text[64];
  snprintf(text, sizeof text, "isa %d + %s", (int)dnnl_get_effective_cpu_isa(), openblas_kernels());
  return text;
}

static void forward(const ShardProgram *program, size_t d, size_t m, const real *x, const real *w,
                    const real *b, real *y, real *scratch) {
  (void)scratch;
  by_gemm_forward(onednn_multiply, program, d, m, x, w, b, y);
}

static void input_gradient(const ShardProgram *program, size_t d, size_t m, const real *dy,
                           const real *w, real *dx, real *scratch) {
  if (m >= WIDE) {
    by_gemm_input_gradient_transposed(onednn_multiply, program, d, m, dy, w, dx, scratch);
  } else {
    (void)scratch;
    by_gemm_input_gradient(onednn_multiply, program, d, m, dy, w, dx);
  }
}

static void weight_rows(const WeightProduct *product, Range inputs, bool accumulate, real *dw) {
  by_gemm_weight_rows(onednn_multiply, product, inputs, accumulate, dw);
}

const Engine onednn_engine = {
    .is_possible = is_possible,
    .start = start,
    .version = version,
    .kernels = kernels,
    .scratch = by_gemm_scratch,
    .forward = forward,
    .input_gradient = input_gradient,
    .weight_rows = weight_rows,
};

#else

static bool is_impossible(void) {
  return false;
}

/* Built without oneDNN, or in double precision, which its product does not have. */
const Engine onednn_engine = {.is_possible = is_impossible};

#endif
