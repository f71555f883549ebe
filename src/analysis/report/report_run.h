#pragma once
/* A run as a report sees it: its checkpoint, and how its model does on samples. Everything is
 * borrowed; analysis/report/report_source.h opens the parts.
 */

#include "analysis/assessment.h"
#include "analysis/chosen_data.h"
#include "analysis/trained_model.h"

typedef struct ReportRun {
  const char *name; /* as readers call it */
  const TrainedModel *model;

  /* Which samples, and what came of them; both NULL where they could not be read. */
  const ChosenData *data;
  const Assessment *assessment;
  const char *missing; /* then: why */
} ReportRun;
