#pragma once
/* The style sheet of the pages: report/report.css, which the build puts into the program.
 */

extern const char report_style[];
