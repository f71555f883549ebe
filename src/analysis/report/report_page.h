#pragma once
/* The page report.html: the sections of one run, or a comparison of several, and each of them below
 * it where they are few. It needs no network and no script.
 *
 * Ranks       local
 */

#include <stdbool.h>

#include "analysis/report/report_run.h"

/* True if a page about so many runs shows each of them, with what came of its samples. */
bool report_page_shows_each(size_t count);

/* The page as text. Range: count >= 1. Ownership: memory_release. */
char *report_page(const ReportRun *runs, size_t count);

/* Writes the page into a file.
 *
 * Errors      ERR_OUTPUT, ERR_IO; what was there before is then still there
 */
Status report_page_write(const char *path, const ReportRun *runs, size_t count);
