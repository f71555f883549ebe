#include "data/data_files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/csv_form.h"
#include "io/file.h"
#include "io/idx.h"

/* ---- names ---- */

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The path with one word of its file name for another; as it is where the name lacks the word. */
static char *replace_word(const char *path, const char *word, const char *other) {
  const char *at = strstr(file_name(path), word);
  if (!at) return memory_copy_text(path);
  Text text = {0};
  text_append(&text, "%.*s%s%s", (int)(at - path), path, other, at + strlen(word));
  return text_take(&text);
}

/* The path itself, or with or without .gz at its end: what is there; NULL if nothing is. Takes it.
 */
static char *existing(char *path) {
  if (file_exists(path)) return path;
  Text text = {0};
  size_t length = strlen(path);
  if (text_ends_in(path, ".gz")) {
    text_append(&text, "%.*s", (int)(length - 3), path);
  } else {
    text_append(&text, "%s.gz", path);
  }
  memory_release(path);
  if (file_exists(text.bytes)) return text_take(&text);
  text_release(&text);
  return NULL;
}

/* NULL if there are none. */
static char *labels_of(const char *inputs) {
  if (!strstr(file_name(inputs), "images")) return NULL;
  char *named = replace_word(inputs, "images", "labels");
  char *labels = existing(replace_word(named, "idx3", "idx1"));
  memory_release(named);
  return labels;
}

static char *test_of(const char *inputs) {
  if (!strstr(file_name(inputs), "train")) return NULL;
  char *test = existing(replace_word(inputs, "train", "test"));
  return test ? test : existing(replace_word(inputs, "train", "t10k"));
}

/* ---- folders ---- */

static bool is_csv_name(const char *name) {
  return text_ends_in(name, ".csv") || text_ends_in(name, ".csv.gz") ||
         text_ends_in(name, ".tsv") || text_ends_in(name, ".tsv.gz");
}

static bool is_data(const char *path) {
  if (is_csv_name(path)) return true;
  char *labels = labels_of(path);
  bool is_pair = labels && idx_recognise(path);
  memory_release(labels);
  return is_pair;
}

/* How many files of data a folder has with a word in their names, and the last of them. */
typedef struct Candidates {
  size_t count;
  char *path; /* NULL without any; owned */
} Candidates;

static Status find_candidates(const char *folder, const char *word, Candidates *out) {
  *out = (Candidates){0};
  DIR *directory = opendir(folder);
  if (!directory) return fail(ERR_NO_INPUT, "%s: %s", folder, strerror(errno));
  for (const struct dirent *entry; (entry = readdir(directory));) {
    Text path = {0};
    text_append(&path, "%s/%s", folder, entry->d_name);
    if (strstr(entry->d_name, word) && is_data(path.bytes)) {
      memory_release(out->path);
      out->path = text_take(&path);
      out->count++;
    }
    text_release(&path);
  }
  closedir(directory);
  return OK;
}

/* The only file of data, or the only one for training. */
static Status choose_in_folder(const char *folder, char **out) {
  Candidates all, training;
  TRY(find_candidates(folder, "", &all));
  Status status = find_candidates(folder, "train", &training);
  Candidates *chosen = all.count == 1 ? &all : &training;
  *out = NULL;
  if (status == OK && chosen->count == 1) {
    *out = chosen->path;
    chosen->path = NULL;
  } else if (status == OK) {
    status = fail(ERR_DATA,
                  "%s: found %zu data sets, %zu of them with 'train' in the name, expected one: a "
                  "CSV file or IDX images with their labels; name the file itself",
                  folder, all.count, training.count);
  }
  memory_release(all.path);
  memory_release(training.path);
  return status;
}

/* ---- everything ---- */

static Status find_targets(const char *given, DataFiles *files) {
  files->targets = given ? memory_copy_text(given) : labels_of(files->inputs);
  if (files->targets && file_exists(files->targets)) return OK;
  if (given) return fail(ERR_NO_INPUT, "%s: no such file", given);
  return fail(ERR_NO_INPUT,
              "%s: found no file of labels that goes with it, expected --targets FILE",
              files->inputs);
}

/* Test samples that are like the training samples; what is not is left alone. */
static void find_test(DataFiles *files) {
  char *test = test_of(files->inputs);
  if (!test) return;
  bool good;
  if (files->is_idx) {
    files->test_targets = labels_of(test);
    good = files->test_targets && idx_recognise(test);
  } else {
    CsvForm training, testing;
    good = csv_form_guess(files->inputs, &training) == OK && csv_form_guess(test, &testing) == OK &&
           training.n_columns == testing.n_columns;
  }
  if (good) files->test_inputs = test;
  if (!good) memory_release(test);
}

static Status find_files(const char *path, const char *targets, DataFiles *out) {
  if (!file_exists(path)) return fail(ERR_NO_INPUT, "%s: no such file or folder", path);
  if (folder_exists(path)) {
    TRY(choose_in_folder(path, &out->inputs));
  } else {
    out->inputs = memory_copy_text(path);
  }
  out->is_idx = idx_recognise(out->inputs);
  if (out->is_idx) TRY(find_targets(targets, out));
  find_test(out);
  return OK;
}

Status data_files_find(const char *path, const char *targets, DataFiles *out) {
  *out = (DataFiles){0};
  Status status = find_files(path, targets, out);
  if (status != OK) data_files_release(out);
  return status;
}

void data_files_release(DataFiles *files) {
  memory_release(files->inputs);
  memory_release(files->targets);
  memory_release(files->test_inputs);
  memory_release(files->test_targets);
  *files = (DataFiles){0};
}
