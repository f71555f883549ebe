#include "analysis/report/report_page.h"

#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "base/range.h"
#include "io/file.h"
#include "report/style.h"
#include "analysis/report/report_section.h"

/* More runs than these are compared only. */
enum { MOST_WHOLE_RUNS = 6 };

#define RUNS       "runs"
#define RUNS_TITLE "Each run"

bool report_page_shows_each(size_t count) {
  return count <= MOST_WHOLE_RUNS;
}

/* The sections that have something to show, as they were written. */
typedef struct Written {
  const ReportSection *section;
  char *markup;
} Written;

enum { MOST_SECTIONS = 32 };

static size_t write_sections(const ReportRun *runs, size_t count, Written *written) {
  size_t n = 0;
  for (const ReportSection *const *row = report_section_kinds; *row; row++) {
    CHECK(n < MOST_SECTIONS, "more than %d sections", MOST_SECTIONS);
    Html body = {0};
    if (count == 1 && (*row)->write_run) (*row)->write_run(runs, &body);
    if (count > 1 && (*row)->write_comparison) (*row)->write_comparison(runs, count, &body);
    if (body.text.length > 0) {
      written[n++] = (Written){*row, html_take(&body)};
    }
    text_release(&body.text);
  }
  return n;
}

/* Takes the markup of some sections. */
static void append_sections(Html *page, const char *prefix, Range which, Written *written) {
  for (size_t i = which.begin; i < which.end; i++) {
    const ReportSection *section = written[i].section;
    if (section->title) {
      html_begin(page, "section");
      html_attribute(page, "id", "%s%s", prefix, section->name);
      html_element(page, "h2", "%s", section->title);
    }
    html_append_markup(page, written[i].markup);
    if (section->title) html_end(page, "section");
    memory_release(written[i].markup);
  }
}

/* How many sections stand before the first with a title: they belong to the head of the page. */
static size_t count_head(const Written *written, size_t n) {
  size_t count = 0;
  while (count < n && !written[count].section->title) count++;
  return count;
}

static void append_link(Html *page, const char *target, const char *title) {
  html_begin(page, "a");
  html_attribute(page, "href", "#%s", target);
  html_text(page, "%s", title);
  html_end(page, "a");
}

static void append_navigation(Html *page, Range which, const Written *written, bool with_runs) {
  html_begin(page, "nav");
  for (size_t i = which.begin; i < which.end; i++) {
    append_link(page, written[i].section->name, written[i].section->title);
  }
  if (with_runs) append_link(page, RUNS, RUNS_TITLE);
  html_end(page, "nav");
}

static void append_head(Html *page, const char *title) {
  html_begin(page, "head");
  html_begin(page, "meta");
  html_attribute(page, "charset", "utf-8");
  html_end(page, "meta");
  html_begin(page, "meta");
  html_attribute(page, "name", "viewport");
  html_attribute(page, "content", "width=device-width, initial-scale=1");
  html_end(page, "meta");
  html_element(page, "title", "%s: a report of Lockstep", title);
  html_begin(page, "style");
  html_append_markup(page, report_style);
  html_end(page, "style");
  html_end(page, "head");
}

/* Each run of a comparison, folded up. */
static void append_runs(Html *page, const ReportRun *runs, size_t count) {
  html_begin(page, "section");
  html_attribute(page, "id", RUNS);
  html_element(page, "h2", RUNS_TITLE);
  for (size_t i = 0; i < count; i++) {
    Written written[MOST_SECTIONS];
    size_t n = write_sections(&runs[i], 1, written);
    Text prefix = {0};
    text_append(&prefix, "run-%zu-", i + 1);
    html_begin(page, "details.run");
    html_element(page, "summary", "%s", runs[i].name);
    append_sections(page, prefix.bytes, (Range){0, n}, written);
    html_end(page, "details");
    text_release(&prefix);
  }
  html_end(page, "section");
}

static void append_body(Html *page, const ReportRun *runs, size_t count, const char *title) {
  Written written[MOST_SECTIONS];
  size_t n = write_sections(runs, count, written), n_head = count_head(written, n);
  Range head = {0, n_head}, rest = {n_head, n};
  bool with_runs = count > 1 && report_page_shows_each(count);
  html_begin(page, "body");
  html_begin(page, "header");
  html_element(page, "h1", "%s", title);
  append_sections(page, "", head, written);
  append_navigation(page, rest, written, with_runs);
  html_end(page, "header");
  html_begin(page, "main");
  append_sections(page, "", rest, written);
  if (with_runs) append_runs(page, runs, count);
  html_end(page, "main");
  html_element(page, "footer", "Written by lockstep " LOCKSTEP_VERSION);
  html_end(page, "body");
}

char *report_page(const ReportRun *runs, size_t count) {
  Text title = {0};
  if (count == 1) text_append(&title, "%s", runs[0].name);
  if (count > 1) text_append(&title, "%zu runs", count);
  Html page = {0};
  html_append_markup(&page, "<!DOCTYPE html>\n");
  html_begin(&page, "html");
  html_attribute(&page, "lang", "en");
  append_head(&page, title.bytes);
  append_body(&page, runs, count, title.bytes);
  html_end(&page, "html");
  html_append_markup(&page, "\n");
  text_release(&title);
  return html_take(&page);
}

Status report_page_write(const char *path, const ReportRun *runs, size_t count) {
  char *page = report_page(runs, count);
  Status status = file_write(path, page, strlen(page));
  memory_release(page);
  return status;
}
