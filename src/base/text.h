#pragma once
/* Text: a string that grows, numbers in the form in which people read them, nearest names.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Text {
  char *bytes;     /* zero-terminated; never NULL after the first append */
  size_t length;   /* bytes without the terminating zero */
  size_t capacity; /* bytes allocated */
} Text;

/* Appends formatted text. A Text that is all zeros is empty and ready to use. */
__attribute__((format(printf, 2, 3))) void text_append(Text *text, const char *format, ...);

/* Appends `count` raw bytes. */
void text_append_bytes(Text *text, const char *bytes, size_t count);

/* Hands the string to the caller, who releases it with memory_release; the Text is empty again. */
char *text_take(Text *text);

/* Releases what the Text holds; it is empty again. */
void text_release(Text *text);

enum { NUMBER_TEXT_BYTES = 32 };

/* Writes a count with a comma between groups of three digits: 407,050. Returns `out`. */
char *text_count(char out[NUMBER_TEXT_BYTES], unsigned long long count);

/* What makes a noun of so many things: "" for one, else "s". */
const char *text_plural(unsigned long long count);

/* Writes a number of bytes with a binary unit and three digits: 1.55 MiB. Returns `out`. */
char *text_bytes(char out[NUMBER_TEXT_BYTES], double bytes);

/* Writes a time span: 850 ms, 12.3 s, 4:05, 1:02:03. Returns `out`. */
char *text_seconds(char out[NUMBER_TEXT_BYTES], double seconds);

/* Writes the shortest decimal text that reads back as the same double; whole numbers in full.
 * Returns `out`. */
char *text_real(char out[NUMBER_TEXT_BYTES], double value);

/* Bytes of the first character of UTF-8 text; 0: what stands there is none. Surrogates and overlong
 * forms are none. */
size_t text_character_bytes(const char *text);

/* True if all of a text is UTF-8. */
bool text_is_utf8(const char *text);

enum { SHORT_TEXT_BYTES = 168 };

/* Writes a text for a message: its first 40 characters, "..." where there are more, and '?' for
 * what is not UTF-8 or would break the line. Returns `out`. */
char *text_shorten(char out[SHORT_TEXT_BYTES], const char *text);

/* A text as one word of a shell's command line: in single quotes where it needs them. Ownership:
 * memory_release. */
char *text_shell_word(const char *text);

/* Compares as people sort: numbers within the texts by their value, so that dense_2 comes before
 * dense_10. Negative, zero or positive, as strcmp. */
int text_compare_naturally(const char *a, const char *b);

/* Copies a text so that it stays on its line and does nothing to a terminal: control characters as
 * C writes them, \n or \x1b. What does not fit is cut. Returns `out`. */
char *text_printable(char *out, size_t out_bytes, const char *text);

/* True if `text` ends in `end`. */
bool text_ends_in(const char *text, const char *end);

/* The entry of a NULL-terminated list that is nearest to `name`, or NULL if none is near.
 *
 * Formula     least number of insertions, deletions, substitutions and swaps of neighbours
 * Source      Damerau 1964; optimal string alignment
 * Range       near means a distance of at most a third of the longer name, at least 1
 */
const char *text_nearest(const char *name, const char *const *candidates);
