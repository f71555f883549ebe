#pragma once
/* A run as a report sees it: its checkpoint, and how its model does on samples. Everything is
 * borrowed; training/report/report_source.h opens the parts.
 */

#include "training/assessment.h"
#include "training/chosen_data.h"
#include "training/trained_model.h"

typedef struct ReportRun {
  const char *name; /* as readers call it */
  const TrainedModel *model;

  /* Which samples, and what came of them; both NULL where they could not be read. */
  const ChosenData *data;
  const Assessment *assessment;
  const char *missing; /* then: why */
} ReportRun;
