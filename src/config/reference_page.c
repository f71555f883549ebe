#include "config/reference_page.h"

ReferencePage reference_page(bool markdown, Text *out) {
  return (ReferencePage){.markdown = markdown, .quote = markdown ? "`" : "", .out = out};
}

void reference_page_heading(const ReferencePage *page, int level, const char *title) {
  if (page->markdown) {
    text_append(page->out, "\n%.*s %s\n", level, "###", title);
  } else {
    text_append(page->out, "%s%s\n", page->out->length ? "\n" : "", title);
  }
}

void reference_page_sentence(const ReferencePage *page, const char *sentence) {
  text_append(page->out, page->markdown ? "\n%s\n" : "  %s\n", sentence);
}

/* In a cell a bar would begin the next one. */
static void append_cell(const char *cell, Text *out) {
  text_append(out, "| ");
  for (; *cell; cell++) text_append(out, *cell == '|' ? "\\%c" : "%c", *cell);
  text_append(out, " ");
}

void reference_page_head(const ReferencePage *page, size_t n, const char *const *cells) {
  if (!page->markdown) return;
  text_append(page->out, "\n");
  reference_page_row(page, n, cells);
  for (size_t i = 0; i < n; i++) text_append(page->out, "| --- ");
  text_append(page->out, "|\n");
}

static void append_plain_row(size_t n, const char *const *cells, Text *out) {
  text_append(out, "  %s: %s\n", cells[0], cells[n - 1]);
  bool begun = false;
  for (size_t i = 1; i + 1 < n; i++) {
    if (*cells[i]) text_append(out, "%s%s", begun ? "; " : "      ", cells[i]);
    begun = begun || *cells[i];
  }
  if (begun) text_append(out, "\n");
}

void reference_page_row(const ReferencePage *page, size_t n, const char *const *cells) {
  if (!page->markdown) {
    append_plain_row(n, cells, page->out);
    return;
  }
  for (size_t i = 0; i < n; i++) append_cell(cells[i], page->out);
  text_append(page->out, "|\n");
}
