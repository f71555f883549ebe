#include "analysis/report/report_source.h"

#include <string.h>

#include "base/memory.h"
#include "io/file.h"
#include "io/path.h"

/* RUN of RUN/checkpoints and of a file in it; the own name of a file that lies elsewhere. */
char *report_source_name(const char *path) {
  char *absolute = path_absolute(path);
  char *folder = folder_exists(path) ? memory_copy_text(absolute) : path_folder(absolute);
  char *folder_name = path_stem(folder);
  if (strcmp(folder_name, "checkpoints") == 0) {
    memory_release(absolute);
    absolute = path_folder(folder);
  }
  memory_release(folder_name);
  memory_release(folder);
  const char *slash = strrchr(absolute, '/');
  char *name = memory_copy_text(slash && slash[1] ? slash + 1 : absolute);
  memory_release(absolute);
  return name;
}

Status report_source_open(const char *path, const TextList *changes, ReportSource *out) {
  *out = (ReportSource){0};
  TRY(trained_model_open(path, changes, &out->model));
  out->name = report_source_name(path);
  return OK;
}

void report_source_assess(ReportSource *source, DataChoice choice) {
  if (chosen_data_read(&source->model, choice, &source->data) != OK) {
    source->missing = memory_copy_text(status_message());
    return;
  }
  source->assessment = assess(&source->model, &source->data.samples, NULL);
  source->is_assessed = true;
}

ReportRun report_source_run(const ReportSource *source) {
  return (ReportRun){.name = source->name,
                     .model = &source->model,
                     .data = source->is_assessed ? &source->data : NULL,
                     .assessment = source->is_assessed ? &source->assessment : NULL,
                     .missing = source->missing};
}

void report_source_close(ReportSource *source) {
  assessment_release(&source->assessment);
  chosen_data_release(&source->data);
  trained_model_close(&source->model);
  memory_release(source->missing);
  memory_release(source->name);
  *source = (ReportSource){0};
}
