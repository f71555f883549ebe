#include "report/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/fatal.h"

static const char *entity_of(char character) {
  switch (character) {
  case '&': return "&amp;";
  case '<': return "&lt;";
  case '>': return "&gt;";
  case '"': return "&quot;";
  case '\'': return "&#39;";
  default: return NULL;
  }
}

static bool is_control(uint8_t byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
}

static void append_escaped(Text *out, const char *text) {
  static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
  while (*text) {
    size_t length = text_character_bytes(text);
    const char *entity = entity_of(*text);
    if (entity) {
      text_append(out, "%s", entity);
    } else if (length == 0 || is_control((uint8_t)*text)) {
      text_append(out, "%s", replacement);
    } else {
      text_append_bytes(out, text, length);
    }
    text += length ? length : 1;
  }
}

static void append_formatted(Text *out, const char *format, va_list arguments) {
  char *text = NULL;
  CHECK(vasprintf(&text, format, arguments) >= 0, "cannot format '%s'", format);
  append_escaped(out, text);
  free(text);
}

/* Ends the tag that still took attributes. */
static void enter_content(Html *html) {
  if (html->in_tag) text_append(&html->text, ">");
  html->in_tag = false;
}

void html_begin(Html *html, const char *element) {
  CHECK(html->depth < HTML_MOST_DEPTH, "elements nested deeper than %d: %s", HTML_MOST_DEPTH,
        element);
  enter_content(html);
  size_t name_length = strcspn(element, ".");
  text_append(&html->text, "<%.*s", (int)name_length, element);
  html->open[html->depth++] = element;
  html->in_tag = true;
  if (!element[name_length]) return;

  text_append(&html->text, " class=\"");
  for (const char *cursor = element + name_length + 1; *cursor; cursor++) {
    text_append_bytes(&html->text, *cursor == '.' ? " " : cursor, 1);
  }
  text_append(&html->text, "\"");
}

void html_attribute(Html *html, const char *name, const char *format, ...) {
  CHECK(html->in_tag, "the attribute %s comes after the content", name);
  text_append(&html->text, " %s=\"", name);
  va_list arguments;
  va_start(arguments, format);
  append_formatted(&html->text, format, arguments);
  va_end(arguments);
  text_append(&html->text, "\"");
}

void html_attribute_data(Html *html, const char *name, const char *type, const void *bytes,
                         size_t count) {
  CHECK(html->in_tag, "the attribute %s comes after the content", name);
  text_append(&html->text, " %s=\"data:%s;base64,", name, type);
  base64_append(&html->text, bytes, count);
  text_append(&html->text, "\"");
}

void html_text(Html *html, const char *format, ...) {
  enter_content(html);
  va_list arguments;
  va_start(arguments, format);
  append_formatted(&html->text, format, arguments);
  va_end(arguments);
}

/* Elements that HTML knows without an end tag. */
static bool is_void(const char *element) {
  static const char *const names[] = {"meta", "img", "br", "link", NULL};
  for (const char *const *name = names; *name; name++) {
    if (strcmp(*name, element) == 0) return true;
  }
  return false;
}

void html_end(Html *html, const char *element) {
  const char *open = html->depth ? html->open[html->depth - 1] : "nothing";
  size_t length = strcspn(open, ".");
  CHECK(strlen(element) == length && memcmp(open, element, length) == 0,
        "cannot close %s: %s is open", element, open);
  html->depth--;
  if (html->in_tag && is_void(element)) {
    text_append(&html->text, "/>");
    html->in_tag = false;
    return;
  }
  enter_content(html);
  text_append(&html->text, "</%s>", element);
}

void html_element(Html *html, const char *element, const char *format, ...) {
  html_begin(html, element);
  enter_content(html);
  va_list arguments;
  va_start(arguments, format);
  append_formatted(&html->text, format, arguments);
  va_end(arguments);
  char name[32];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(element, "."), element);
  html_end(html, name);
}

void html_append_markup(Html *html, const char *markup) {
  enter_content(html);
  text_append(&html->text, "%s", markup);
}

char *html_take(Html *html) {
  CHECK(html->depth == 0, "%s is still open", html->open[html->depth - 1]);
  return text_take(&html->text);
}
