#include "storage/plot_file.h"

#include <string.h>

#include "base/memory.h"
#include "io/file.h"

Status plot_file_write(const char *path, const char *title, size_t n_panels, const Panel *panels) {
  char *svg;
  Status status = plot_draw(title, n_panels, panels, &svg);
  if (status != OK) return fail(status, "%s: %s", path, status_message());
  status = file_write(path, svg, strlen(svg));
  memory_release(svg);
  return status;
}
