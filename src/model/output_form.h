#pragma once
/* What the outputs of a model mean: numbers, or a class and how sure the model is of it.
 *
 * A model of classes has one output for each, of which the largest wins, or a single output that
 * says no (class 0) or yes (class 1). Targets have the same form as outputs (model/target.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "math/real.h"

typedef struct Model Model;

typedef struct OutputForm {
  size_t m;           /* outputs per sample */
  bool classes;       /* they tell a class; else they are numbers */
  bool probabilities; /* they are probabilities of classes; else scores, or numbers */
  real threshold;     /* with one output: above it the class is 1 */
} OutputForm;

/* The form of a model's outputs: its last activation and its loss tell. */
OutputForm output_form(const Model *model);

/* Number of classes: m, or 2 with one output. */
size_t output_class_count(const OutputForm *form);

/* The class that outputs, or targets, tell.
 *
 * Formula     argmax_k outputs[k], the first of equals;   with one output: 1 above the threshold
 * Shapes      outputs (m)
 */
size_t output_class(const OutputForm *form, const real *outputs);

/* What the outputs give a class: its probability, or its score where they are none.
 *
 * Formula     outputs[k];   with one output o: o for class 1, 2 threshold - o for class 0, which is
 *             1 - o for probabilities
 */
real output_of_class(const OutputForm *form, const real *outputs, size_t k);
