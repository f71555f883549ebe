#include "config/reference_sections.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"

/* Where the walk stands. */
typedef struct Walk {
  ReferenceSections *sections;
  const char *quote;
} Walk;

static ReferenceSection *find_or_add(ReferenceSections *sections, const char *noun) {
  for (size_t i = 0; i < sections->count; i++) {
    if (strcmp(sections->items[i].noun, noun) == 0) return &sections->items[i];
  }
  CHECK(sections->count < REFERENCE_MOST_SECTIONS, "too many tables of kinds");
  ReferenceSection *section = &sections->items[sections->count++];
  section->noun = noun;
  return section;
}

static bool has_kind(const ReferenceSection *section, const Kind *kind) {
  for (size_t i = 0; i < section->n_kinds; i++) {
    if (section->kinds[i] == kind) return true;
  }
  return false;
}

static void walk_table(const Walk *walk, const Option *table, const char *prefix, bool identity);

/* An option that takes a kind: its table's new kinds are added, with what they lead to. */
static void walk_kinds(const Walk *walk, const Option *row, const char *path, bool identity) {
  ReferenceSection *section = find_or_add(walk->sections, row->kinds->noun);
  if (!section->tag) section->tag = row->tag;
  section->identity = section->identity || identity;
  text_append(&section->uses, "%s%s%s%s", section->uses.length ? ", " : "", walk->quote, path,
              walk->quote);
  for (const Kind *const *kind = row->kinds->kinds; *kind; kind++) {
    if (has_kind(section, *kind)) continue;
    CHECK(section->n_kinds < REFERENCE_MOST_KINDS, "too many kinds of %s", section->noun);
    section->kinds[section->n_kinds++] = *kind;
    if ((*kind)->options) walk_table(walk, (*kind)->options, (*kind)->name, identity);
  }
}

static void walk_table(const Walk *walk, const Option *table, const char *prefix, bool identity) {
  for (const Option *row = table; row->key; row++) {
    char path[KEY_PATH_BYTES];
    reference_join_path(path, prefix, row->key);
    bool below = identity || row->identity;
    if (row->type == OPTION_GROUP) walk_table(walk, row->group, path, below);
    if (row->kinds) walk_kinds(walk, row, path, below);
  }
}

void reference_sections_collect(const Option *table, const char *quote, ReferenceSections *out) {
  *out = (ReferenceSections){0};
  Walk walk = {.sections = out, .quote = quote};
  walk_table(&walk, table, "", false);
}

void reference_sections_release(ReferenceSections *sections) {
  for (size_t i = 0; i < sections->count; i++) text_release(&sections->items[i].uses);
  *sections = (ReferenceSections){0};
}

const ReferenceSection *reference_sections_find(const ReferenceSections *sections,
                                                const char *noun) {
  for (size_t i = 0; i < sections->count; i++) {
    if (strcmp(sections->items[i].noun, noun) == 0) return &sections->items[i];
  }
  return NULL;
}

static bool same_text(const char *a, const char *b) {
  return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool has_option(const Kind *kind, const Option *wanted) {
  for (const Option *row = kind->options; row && row->key; row++) {
    if (strcmp(row->key, wanted->key) != 0) continue;
    return same_text(row->fallback, wanted->fallback) && same_text(row->help, wanted->help);
  }
  return false;
}

bool reference_section_shares(const ReferenceSection *section, const Option *row) {
  for (size_t i = 0; i < section->n_kinds; i++) {
    if (!has_option(section->kinds[i], row)) return false;
  }
  return section->n_kinds > 1;
}

void reference_join_path(char out[KEY_PATH_BYTES], const char *prefix, const char *key) {
  snprintf(out, KEY_PATH_BYTES, "%s%s%s", prefix, *prefix ? "." : "", key);
}
