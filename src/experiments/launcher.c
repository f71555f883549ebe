#include "experiments/launcher.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/file.h"
#include "io/path.h"
#include "io/process.h"

static const char PLACEHOLDER[] = "{ranks}";

static void split_words(const char *text, TextList *words) {
  while (*text) {
    text += strspn(text, " ");
    size_t length = strcspn(text, " ");
    Text word = {0};
    text_append_bytes(&word, text, length);
    if (length > 0) text_list_take(words, text_take(&word));
    text += length;
  }
}

/* A file that is found from the program's own folder; NULL if it is not there. */
static char *beside(const char *program, const char *path) {
  char *folder = path_folder(program);
  Text text = {0};
  text_append(&text, "%s/%s", folder, path);
  memory_release(folder);
  char *found = file_exists(text.bytes) ? path_absolute(text.bytes) : NULL;
  text_release(&text);
  return found;
}

Status launcher_find(const char *given, Launcher *out) {
  *out = (Launcher){.program = process_own_path(), .is_chosen = given != NULL};
  if (given) {
    split_words(given, &out->words);
    if (out->words.count > 0) return OK;
    launcher_release(out);
    return fail(ERR_USAGE,
                "--launcher: found no word, expected a command such as 'srun -n {ranks}'");
  }
  char *found = beside(out->program, "../launch/local");
  if (!found) found = beside(out->program, "lockstep-local");
  text_list_take(&out->words, found ? found : memory_copy_text("mpirun"));
  return OK;
}

/* Appends a word with the placeholder filled in; returns whether it had one. */
static bool add_word(const char *word, int ranks, TextList *out) {
  const char *place = strstr(word, PLACEHOLDER);
  if (!place) {
    text_list_add(out, word);
    return false;
  }
  Text text = {0};
  text_append_bytes(&text, word, (size_t)(place - word));
  text_append(&text, "%d%s", ranks, place + strlen(PLACEHOLDER));
  text_list_take(out, text_take(&text));
  return true;
}

void launcher_add_words(const Launcher *launcher, int ranks, const TextList *arguments,
                        TextList *out) {
  if (ranks > 1 || launcher->is_chosen) {
    bool is_told = false;
    for (size_t i = 0; i < launcher->words.count; i++) {
      is_told |= add_word(launcher->words.values[i], ranks, out);
    }
    if (!is_told) {
      text_list_add(out, "-n");
      add_word(PLACEHOLDER, ranks, out);
    }
  }
  text_list_add(out, launcher->program);
  for (size_t i = 0; i < arguments->count; i++) text_list_add(out, arguments->values[i]);
}

void launcher_release(Launcher *launcher) {
  memory_release(launcher->program);
  text_list_release(&launcher->words);
  *launcher = (Launcher){0};
}
