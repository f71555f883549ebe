#include "analysis/report/report_picture.h"

#include "base/memory.h"
#include "io/png.h"
#include "analysis/sample_picture.h"

enum { LEAST_SIDE = 8 };

bool report_picture_shape(const ReportRun *run, Shape *out) {
  const DatasetDescription *data = run->data ? &run->data->samples.dataset->description : NULL;
  const Model *model = run->model->model;
  if (!sample_picture_shape(data, model, out)) return false;
  bool is_plain = model->input.n_dims == 1 && (!data || data->input_shape.n_dims == 1);
  return !is_plain || out->dims[0] >= LEAST_SIDE;
}

void report_picture(Html *page, const Shape *shape, const uint8_t *pixels, const char *text) {
  size_t count, height = shape->dims[0], width = shape->dims[1];
  bool is_grey = shape->dims[2] == 1;
  Array picture = {.dtype = DTYPE_U8,
                   .shape = {is_grey ? 2 : 3, {height, width, 3}},
                   .values = (void *)(uintptr_t)pixels};
  char *file = png_encode(&picture, &count);
  html_begin(page, "img");
  html_attribute(page, "width", "%zu", width);
  html_attribute(page, "height", "%zu", height);
  html_attribute(page, "alt", "%s", text);
  html_attribute_data(page, "src", "image/png", file, count);
  html_end(page, "img");
  memory_release(file);
}
