#pragma once
/* Sections of a report: what a reader wants to know about a run, or about several side by side.
 *
 * A section is one file in analysis/report/sections/ and one row in
 * analysis/report/report_section_kinds.c, in the order of the page. It writes what there is to show
 * into the page; where it writes nothing, the page has neither its title nor a link to it.
 *
 * Ranks       local
 */

#include "report/html.h"
#include "analysis/report/report_run.h"

typedef struct ReportSection {
  const char *name;  /* of the link to it */
  const char *title; /* NULL: it is of the page's head, so stands before all that have one */

  /* Either may be NULL: the section has nothing to say of one run, or of several. */
  void (*write_run)(const ReportRun *run, Html *page);
  void (*write_comparison)(const ReportRun *runs, size_t count, Html *page);
} ReportSection;

/* NULL-terminated. */
extern const ReportSection *const report_section_kinds[];
