#pragma once
/* Exponential, logarithm, cosine and powers in double precision, one number at a time.
 *
 * For the learning-rate schedules and the optimizers' bias corrections: the C library's versions
 * differ between processors in the last bit, these are made of IEEE operations alone (compiled with
 * -ffp-contract=off). For arrays of `real` see math/transcendental.h.
 *
 * Error       at most 1 unit in the last place for exp, log and whole powers, 2 for the others
 *             (tests/unit/math/test_portable.c measures it)
 */

#include <stdint.h>

/* e^x.
 *
 * Formula     exp(k ln 2 + r) = 2^k exp(r)
 * Range       0 below -745.2, infinite above 709.8; NaN gives NaN
 */
double portable_exp(double x);

/* Natural logarithm.
 *
 * Formula     log(2^k m) = k ln 2 + 2 artanh((m - 1) / (m + 1))
 * Range       log(0) = -inf, log(x) = NaN below 0; NaN gives NaN
 */
double portable_log(double x);

/* cos(2 pi u), exact at whole quarters of a turn.
 *
 * Range       |u| <= 2^49
 */
double portable_cosine_turns(double u);

/* base^exponent.
 *
 * Formula     exp(exponent log(base)), the logarithm and the product to twice the digits
 * Range       base > 0 and finite, |exponent| < 2^990
 */
double portable_power(double base, double exponent);

/* base^n, with 0^0 = 1.
 *
 * Formula     product of base^(2^i) over the bits i of n that are set, to twice the digits
 * Source      Knuth, "The Art of Computer Programming" 2, 4.6.3
 */
double portable_integer_power(double base, uint64_t n);
