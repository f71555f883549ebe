#include "config/reference.h"

#include <ctype.h>
#include <string.h>

#include "config/reference_page.h"
#include "config/reference_sections.h"
#include "config/reference_words.h"

enum { KEY_COLUMNS = 5, NAME_COLUMNS = 2 };

typedef struct Reference {
  ReferencePage page;
  ReferenceSections sections;
} Reference;

/* ---- an option ---- */

/* "Data formats": the title of a section, or "data-formats": what a link to it says. */
static void append_plural(const char *noun, bool link, Text *out) {
  for (const char *c = noun; *c; c++) {
    bool first = c == noun && !link;
    text_append(out, "%c", first ? toupper(*c) : link && *c == ' ' ? '-' : *c);
  }
  text_append(out, "%s", noun[strlen(noun) - 1] == 's' ? "es" : "s");
}

/* The noun of the kinds that an option takes; and their names, where its table has fewer of them
 * than the noun's section. */
static void append_kind_words(const Reference *reference, const Option *row, Text *out) {
  const KindTable *table = row->kinds;
  size_t count = 0;
  while (table->kinds[count]) count++;
  text_append(out, "%s", row->type == OPTION_KIND_LIST ? "list; each a " : "");
  if (reference->page.markdown) {
    text_append(out, "[%s](#", table->noun);
    append_plural(table->noun, true, out);
    text_append(out, ")");
  } else {
    text_append(out, "%s", table->noun);
  }
  if (count < reference_sections_find(&reference->sections, table->noun)->n_kinds) {
    for (size_t i = 0; i < count; i++) {
      const char *separator = i == 0 ? ": " : i + 1 < count ? ", " : " or ";
      text_append(out, "%s%s", separator, table->kinds[i]->name);
    }
  }
  if (row->fallback && strcmp(row->fallback, "null") == 0) text_append(out, ", or null");
}

static void append_option(const Reference *reference, const Option *row, const char *path,
                          bool fixed) {
  const ReferencePage *page = &reference->page;
  const char *q = page->quote;
  Text key = {0}, values = {0}, fallback = {0};
  text_append(&key, "%s%s%s", q, path, q);
  if (row->kinds) {
    append_kind_words(reference, row, &values);
  } else {
    reference_append_values(row, &values);
  }
  if (row->fallback) {
    text_append(&fallback, "%s%s%s%s", page->markdown ? "" : "default ", q, row->fallback, q);
  } else {
    text_append(&fallback, "required");
  }
  const char *cells[KEY_COLUMNS] = {key.bytes, values.bytes, fallback.bytes, fixed ? "fixed" : "",
                                    row->help};
  reference_page_row(page, KEY_COLUMNS, cells);
  text_release(&key);
  text_release(&values);
  text_release(&fallback);
}

static void append_option_head(const ReferencePage *page) {
  static const char *const head[KEY_COLUMNS] = {"Key", "Value", "Default", "Resume", "Meaning"};
  reference_page_head(page, KEY_COLUMNS, head);
}

/* ---- keys ---- */

/* The rows of a table that are no groups. */
static void append_keys(const Reference *reference, const Option *table, const char *prefix,
                        bool identity) {
  append_option_head(&reference->page);
  for (const Option *row = table; row->key; row++) {
    if (row->type == OPTION_GROUP) continue;
    char path[KEY_PATH_BYTES];
    reference_join_path(path, prefix, row->key);
    append_option(reference, row, path, identity || row->identity);
  }
}

/* Every group below `table`, under a heading of its own. */
static void append_groups(const Reference *reference, const Option *table, const char *prefix,
                          bool identity) {
  const char *q = reference->page.quote;
  for (const Option *row = table; row->key; row++) {
    if (row->type != OPTION_GROUP) continue;
    char path[KEY_PATH_BYTES];
    Text title = {0};
    reference_join_path(path, prefix, row->key);
    text_append(&title, "%s%s%s: %s", q, path, q, row->help);
    reference_page_heading(&reference->page, 3, title.bytes);
    text_release(&title);
    append_keys(reference, row->group, path, identity || row->identity);
    append_groups(reference, row->group, path, identity || row->identity);
  }
}

/* ---- kinds ---- */

/* Where the kinds of a section are chosen, and how that is written. */
static void append_usage(const ReferencePage *page, const ReferenceSection *section) {
  const char *q = page->quote, *example = section->kinds[0]->name;
  Text text = {0};
  text_append(&text, "For %s. Written %s", section->uses.bytes, q);
  if (section->tag) {
    text_append(&text, "{%s: %s, OPTION: VALUE}", section->tag, example);
  } else {
    text_append(&text, "{%s: {OPTION: VALUE}}", example);
  }
  text_append(&text, "%s, or %s%s%s where no option is needed.", q, q, example, q);
  reference_page_sentence(page, text.bytes);
  text_release(&text);
}

/* Every kind's name, the other names it goes by, and what it is. */
static void append_names(const ReferencePage *page, const ReferenceSection *section) {
  static const char *const head[NAME_COLUMNS] = {"Name", "Meaning"};
  const char *q = page->quote;
  reference_page_head(page, NAME_COLUMNS, head);
  for (size_t i = 0; i < section->n_kinds; i++) {
    const Kind *kind = section->kinds[i];
    Text names = {0};
    text_append(&names, "%s%s%s", q, kind->name, q);
    for (const char *const *alias = kind->aliases; alias && *alias; alias++) {
      text_append(&names, ", %s%s%s", q, *alias, q);
    }
    const char *cells[NAME_COLUMNS] = {names.bytes, kind->summary};
    reference_page_row(page, NAME_COLUMNS, cells);
    text_release(&names);
  }
}

/* "Every optimizer" where kind is NULL, else "Optimizer adam". */
static void append_options_heading(const ReferencePage *page, const ReferenceSection *section,
                                   const Kind *kind) {
  const char *q = page->quote;
  Text title = {0};
  if (kind) {
    text_append(&title, "%s %s%s%s", section->noun, q, kind->name, q);
    title.bytes[0] = (char)toupper(title.bytes[0]);
  } else {
    text_append(&title, "Every %s", section->noun);
  }
  reference_page_heading(page, 3, title.bytes);
  text_release(&title);
  append_option_head(page);
}

/* The options that the section's kinds share, or those that are the kind's own; a heading comes
 * before the first. Returns whether there was any. */
static bool append_kind_options(const Reference *reference, const ReferenceSection *section,
                                const Kind *kind, bool shared) {
  const ReferencePage *page = &reference->page;
  bool begun = false;
  for (const Option *row = kind->options; row && row->key; row++) {
    if (reference_section_shares(section, row) != shared) continue;
    if (!begun) append_options_heading(page, section, shared ? NULL : kind);
    begun = true;
    append_option(reference, row, row->key, section->identity || row->identity);
  }
  return begun;
}

static void append_short_form(const ReferencePage *page, const Kind *kind) {
  const char *q = page->quote;
  Text text = {0};
  text_append(&text, "%s%s: VALUE%s is short for %s%s: {%s: VALUE}%s.", q, kind->name, q, q,
              kind->name, kind->short_option, q);
  reference_page_sentence(page, text.bytes);
  text_release(&text);
}

static void append_section(const Reference *reference, const ReferenceSection *section) {
  const ReferencePage *page = &reference->page;
  Text title = {0};
  append_plural(section->noun, false, &title);
  reference_page_heading(page, 2, title.bytes);
  text_release(&title);

  append_usage(page, section);
  append_names(page, section);
  append_kind_options(reference, section, section->kinds[0], true);
  for (size_t i = 0; i < section->n_kinds; i++) {
    const Kind *kind = section->kinds[i];
    bool any = append_kind_options(reference, section, kind, false);
    if (any && kind->short_option) append_short_form(page, kind);
  }
}

/* ---- the two references ---- */

static void begin(const Option *table, bool markdown, Text *out, Reference *reference) {
  reference->page = reference_page(markdown, out);
  reference_sections_collect(table, reference->page.quote, &reference->sections);
}

void reference_append(const Option *table, bool markdown, Text *out) {
  Reference reference;
  begin(table, markdown, out, &reference);
  reference_page_heading(&reference.page, 2, "Keys");
  append_keys(&reference, table, "", false);
  append_groups(&reference, table, "", false);
  for (size_t i = 0; i < reference.sections.count; i++) {
    append_section(&reference, &reference.sections.items[i]);
  }
  reference_sections_release(&reference.sections);
}

static Status fail_unknown(const ReferenceSections *sections, const char *name) {
  const char *names[REFERENCE_MOST_SECTIONS * REFERENCE_MOST_KINDS + 1] = {0};
  size_t count = 0;
  for (size_t i = 0; i < sections->count; i++) {
    const ReferenceSection *section = &sections->items[i];
    for (size_t k = 0; k < section->n_kinds; k++) names[count++] = section->kinds[k]->name;
  }
  const char *nearest = text_nearest(name, names);
  if (nearest) return fail(ERR_USAGE, "unknown kind '%s'; did you mean %s?", name, nearest);
  return fail(ERR_USAGE, "unknown kind '%s' (lockstep options lists them all)", name);
}

/* Leaves only the kind that goes by the name; false if there is none. */
static bool keep_only(ReferenceSection *section, const char *name) {
  for (size_t i = 0; i < section->n_kinds; i++) {
    const Kind *const alone[] = {section->kinds[i], NULL};
    if (!kind_find(&(KindTable){section->noun, alone}, name)) continue;
    section->kinds[0] = section->kinds[i];
    section->n_kinds = 1;
    return true;
  }
  return false;
}

Status reference_append_kind(const Option *table, const char *name, bool markdown, Text *out) {
  Reference reference;
  begin(table, markdown, out, &reference);
  bool found = false;
  for (size_t i = 0; i < reference.sections.count; i++) {
    ReferenceSection only = reference.sections.items[i];
    if (!keep_only(&only, name)) continue;
    found = true;
    append_section(&reference, &only);
  }
  Status status = found ? OK : fail_unknown(&reference.sections, name);
  reference_sections_release(&reference.sections);
  return status;
}
