#pragma once
/* One portable binary, fast loops: a function marked VECTORISED is compiled several times, for the
 * baseline and for processors with wider vectors, and the loader picks one.
 *
 * The bits are the same at every width: no contraction, no reassociation (see the Makefile's
 * flags), so an element goes through the same operations everywhere. Loops that add across
 * elements must not count on the width: they state their order.
 */

/* Sanitizers cannot run before the loader has picked. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(LOCKSTEP_REAL_DOUBLE)
#define VECTORISED __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))

/* A part of VECTORISED functions: compiled into each version of them, as an ordinary function would
 * be compiled for the baseline alone. */
#define VECTORISED_PART static inline __attribute__((always_inline))
#else
#define VECTORISED
#define VECTORISED_PART static inline
#endif
