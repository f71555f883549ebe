/* The first layer's weights as pictures: what each of its units looks for in an image. */

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/colour.h"
#include "analysis/report/report_picture.h"
#include "analysis/report/report_section.h"

enum { MOST_UNITS = 64 };

/* The share of the weights that the colours tell apart: a few large ones must not pale the rest. */
static const double SHOWN_SHARE = 0.995;

/* The first tensor, if its rows are the pixels of the input. NULL: it is something else. */
static const ParameterTensor *kernel_of(const Model *model) {
  const ParameterTensor *tensor = model->map.tensors;
  bool fits = model->map.n_tensors > 0 && tensor->shape.n_dims == 2 &&
              tensor->shape.dims[0] == model_input_width(model);
  return fits ? tensor : NULL;
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* The weight from which on the colour is full. Shapes: kernel (inputs, units) */
static double full_weight(const real *kernel, size_t inputs, size_t units, size_t n_shown) {
  double *sizes = NEW_ARRAY(double, inputs *n_shown);
  size_t n = 0;
  for (size_t i = 0; i < inputs; i++) {
    for (size_t u = 0; u < n_shown; u++) sizes[n++] = fabs((double)kernel[i * units + u]);
  }
  qsort(sizes, n, sizeof *sizes, ascending);
  double full = sizes[(size_t)(SHOWN_SHARE * (double)(n - 1))];
  memory_release(sizes);
  return full > 0 ? full : 1;
}

/* Shapes: kernel (inputs, units); the inputs are the pixels of `shape` */
static void write_unit(Html *page, const real *kernel, size_t units, size_t unit, double full,
                       const Shape *shape) {
  size_t inputs = shape->dims[0] * shape->dims[1];
  uint8_t *pixels = NEW_ARRAY(uint8_t, 3 * inputs);
  for (size_t i = 0; i < inputs; i++) {
    colour_diverging((double)kernel[i * units + unit] / full, pixels + 3 * i);
  }
  Text text = {0};
  text_append(&text, "weights of unit %zu", unit);
  report_picture(page, &(Shape){3, {shape->dims[0], shape->dims[1], 3}}, pixels, text.bytes);
  text_release(&text);
  memory_release(pixels);
}

static void write_run(const ReportRun *run, Html *page) {
  const Model *model = run->model->model;
  const ParameterTensor *tensor = kernel_of(model);
  Shape shape;
  bool is_grey = tensor && report_picture_shape(run, &shape) && shape.dims[2] == 1;
  if (!is_grey) return;

  const real *kernel = run->model->parameters + tensor->offset;
  size_t inputs = tensor->shape.dims[0], units = tensor->shape.dims[1];
  size_t n_shown = units < MOST_UNITS ? units : MOST_UNITS;
  double full = full_weight(kernel, inputs, units, n_shown);
  html_element(page, "p.soft",
               "The %s of layer %s, %zu of %zu units. Light on red raises what the unit gives, "
               "light on blue lowers it; the colour is full from a weight of %.2g on, and none "
               "at 0.",
               tensor->name, tensor->layer, n_shown, units, full);
  html_begin(page, "div.pictures.small.weights");
  for (size_t u = 0; u < n_shown; u++) write_unit(page, kernel, units, u, full, &shape);
  html_end(page, "div");
}

const ReportSection weights_section = {
    .name = "weights",
    .title = "What the first layer looks for",
    .write_run = write_run,
};
