#pragma once
/* The kinds that can be reached from an option table, collected for the reference.
 *
 * Knows how tables lead to each other; knows nothing of how a reference looks.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/options.h"

enum { REFERENCE_MOST_SECTIONS = 32, REFERENCE_MOST_KINDS = 64, KEY_PATH_BYTES = 256 };

/* All kinds that share a noun, out of every table that has it. */
typedef struct ReferenceSection {
  const char *noun;
  const char *tag; /* of an option that takes them; or NULL */
  bool identity;   /* they stand below an identity option */
  Text uses;       /* the options that take them: "dense.activation, activation.function" */
  size_t n_kinds;
  const Kind *kinds[REFERENCE_MOST_KINDS];
} ReferenceSection;

typedef struct ReferenceSections {
  size_t count;
  ReferenceSection items[REFERENCE_MOST_SECTIONS]; /* in the order in which options lead to them */
} ReferenceSections;

/* Walks a table, the kinds that its options take, their options, and so on.
 *
 * Range       quote: put around every use
 * Ownership   reference_sections_release
 */
void reference_sections_collect(const Option *table, const char *quote, ReferenceSections *out);

/* Releases what the sections hold. */
void reference_sections_release(ReferenceSections *sections);

/* The section of a noun, or NULL. */
const ReferenceSection *reference_sections_find(const ReferenceSections *sections,
                                                const char *noun);

/* True if every kind of the section, and there are several, has this option: with the same default
 * and the same help.
 */
bool reference_section_shares(const ReferenceSection *section, const Option *row);

/* Writes "prefix.key", or "key" where the prefix is empty. */
void reference_join_path(char out[KEY_PATH_BYTES], const char *prefix, const char *key);
