#include "io/png.h"

#include <png.h>
#include <stdbool.h>

#include "base/fatal.h"
#include "base/memory.h"

char *png_encode(const Array *pixels, size_t *count) {
  const Shape *shape = &pixels->shape;
  bool is_grey = shape->n_dims == 2, is_colour = shape->n_dims == 3 && shape->dims[2] == 3;
  CHECK(pixels->dtype == DTYPE_U8 && (is_grey || is_colour), "these are no pixels of a picture");
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .height = (png_uint_32)shape->dims[0],
                     .width = (png_uint_32)shape->dims[1],
                     .format = is_grey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};

  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  char *file = memory_allocate(bytes);
  int done = png_image_write_to_memory(&image, file, &bytes, 0, pixels->values, 0, NULL);
  CHECK(done, "%zu x %zu pixels: %s", shape->dims[0], shape->dims[1], image.message);
  *count = bytes;
  return file;
}
