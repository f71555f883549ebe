#pragma once
/* Initial values of parameters, as pure functions of (seed, tensor, element).
 *
 * A kind is one file in model/initializers/ and one row or more in model/initializer_kinds.c.
 */

#include <stddef.h>

#include "config/kind.h"
#include "math/random.h"
#include "math/real.h"

/* The tensor to fill. */
typedef struct InitializerTarget {
  RandomStream stream; /* of this tensor */
  size_t fan_in;       /* inputs of one unit */
  size_t fan_out;      /* units that one input feeds */
  size_t count;        /* elements */
  real *values;
} InitializerTarget;

typedef struct InitializerKind {
  Kind kind;
  void (*fill)(const void *options, const InitializerTarget *target);
} InitializerKind;

extern const KindTable initializer_kinds;
