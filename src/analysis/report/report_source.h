#pragma once
/* Where a report takes a run from: a checkpoint, the data that its configuration names.
 *
 * Order of calls: report_source_open, report_source_assess where it is wanted, report_source_run,
 * report_source_close.
 *
 * Ranks       local
 */

#include "analysis/report/report_run.h"

typedef struct ReportSource {
  char *name;
  TrainedModel model;
  ChosenData data;
  Assessment assessment;
  bool is_assessed;
  char *missing; /* why there are no samples; NULL: there are, or nobody asked */
} ReportSource;

/* Opens a run by its folder or by a checkpoint.
 *
 * Range       changes: `key=value` words for the stored configuration, or NULL
 * Ownership   *out is released with report_source_close, and must not move
 * Errors      as trained_model_open; *out is then empty
 */
Status report_source_open(const char *path, const TextList *changes, ReportSource *out);

/* Looks at samples with the model. That they cannot be read is no failure: the report says so. */
void report_source_assess(ReportSource *source, DataChoice choice);

/* The run, as sections see it. Ownership: borrowed from the source. */
ReportRun report_source_run(const ReportSource *source);

/* Releases everything. */
void report_source_close(ReportSource *source);

/* What a run is called: the last part of its folder's path, for a checkpoint of a run's, too.
 * Ownership: memory_release. */
char *report_source_name(const char *path);
