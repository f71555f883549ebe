#include "config/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Appends the value of the variable whose body, "VAR" or "VAR:-default", is `body`. */
static Status append_variable(char *body, Text *out) {
  char *fallback = strstr(body, ":-");
  if (fallback) {
    *fallback = '\0';
    fallback += 2;
  }
  const char *value = getenv(body);
  if (value && (*value || !fallback)) {
    text_append(out, "%s", value);
    return OK;
  }
  if (!fallback) {
    return fail(ERR_CONFIG, "the variable %s is not set; set it, or write ${%s:-default}", body,
                body);
  }
  text_append(out, "%s", fallback);
  return OK;
}

Status expand_variables(const char *text, char **out) {
  *out = NULL;
  Text expanded = {0};
  const char *begin;
  while ((begin = strstr(text, "${"))) {
    const char *end = strchr(begin, '}');
    if (!end) {
      text_release(&expanded);
      return fail(ERR_CONFIG, "'%s' has a '${' without its '}'", text);
    }
    text_append_bytes(&expanded, text, (size_t)(begin - text));

    char *body = memory_allocate((size_t)(end - begin));
    memcpy(body, begin + 2, (size_t)(end - begin - 2));
    Status status = append_variable(body, &expanded);
    memory_release(body);
    if (status != OK) {
      text_release(&expanded);
      return status;
    }
    text = end + 1;
  }
  text_append(&expanded, "%s", text);
  *out = text_take(&expanded);
  return OK;
}

Status path_resolve(const char *written, const char *folder, char **out) {
  *out = NULL;
  char *expanded;
  TRY(expand_variables(written, &expanded));
  if (*expanded == '/' || !*folder || strcmp(folder, ".") == 0) {
    *out = expanded;
    return OK;
  }
  Text path = {0};
  text_append(&path, "%s/%s", folder, expanded);
  memory_release(expanded);
  *out = text_take(&path);
  return OK;
}
