/* RUN/curves.svg: the loss and the metrics against epochs. */

#include "training/curves.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "report/plot.h"
#include "storage/run_folder.h"
#include "training/observer.h"

static Status end(void *state, Run *run) {
  (void)state;
  const MetricTable *epochs = &run->history.epochs;
  bool wanted = run->config.report.curves && epochs->n_rows > 0;
  if (!wanted || !run_is_first_rank(run) || !plot_is_possible()) return OK;

  char *path = run_folder_path(run->folder, "curves.svg");
  const char *slash = strrchr(run->folder, '/');
  /* A picture is not worth a run: say it, and go on. */
  if (curves_write(path, slash ? slash + 1 : run->folder, epochs) != OK) {
    log_warning("%s", status_message());
  }
  memory_release(path);
  return OK;
}

const Observer curves_observer = {.name = "curves", .end = end};
