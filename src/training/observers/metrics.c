/* RUN/metrics.csv, written anew after every epoch. */

#include "base/memory.h"
#include "distributed/agreement.h"
#include "storage/metrics_file.h"
#include "storage/run_folder.h"
#include "training/observer.h"

static Status write_metrics(void *state, Run *run) {
  (void)state;
  Status status = OK;
  if (run_is_first_rank(run)) {
    char *path = run_folder_path(run->folder, "metrics.csv");
    status = metrics_file_write(path, &run->history.epochs);
    memory_release(path);
  }
  return agree(run->communicator, status);
}

const Observer metrics_observer = {
    .name = "metrics",
    .begin = write_metrics,
    .epoch = write_metrics,
};
