#include "math/denormals.h"

#ifdef __x86_64__
#include <immintrin.h>

enum { FLUSH_RESULTS = 0x8000, FLUSH_OPERANDS = 0x0040 };

void denormals_flush(void) {
  _mm_setcsr(_mm_getcsr() | FLUSH_RESULTS | FLUSH_OPERANDS);
}

#else

void denormals_flush(void) {}

#endif
