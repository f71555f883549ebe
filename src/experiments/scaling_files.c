#include "experiments/scaling_files.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "storage/run_folder.h"

#define OUTPUT_NAME "%s_ranks=%zu_repeat=%zu.%s"

char *scaling_output_path(const Scaling *scaling, const ScalingPoint *point, size_t repeat,
                          const char *ending) {
  Text text = {0};
  text_append(&text, "%s/" OUTPUT_NAME, scaling->settings->folder,
              point->is_weak ? "weak" : "strong", point->ranks, repeat + 1, ending);
  return text_take(&text);
}

/* Only names as they are written here. */
static bool is_own(const char *name) {
  if (strcmp(name, "scaling.csv") == 0 || strcmp(name, "scaling.svg") == 0) return true;
  char mode[8], ending[8], written[128];
  size_t ranks, repeat;
  int n_read = sscanf(name, "%7[a-z]_ranks=%zu_repeat=%zu.%7[a-z]", mode, &ranks, &repeat, ending);
  if (n_read != 4) return false;
  snprintf(written, sizeof written, OUTPUT_NAME, mode, ranks, repeat, ending);
  bool is_mode = strcmp(mode, "strong") == 0 || strcmp(mode, "weak") == 0;
  bool is_output = strcmp(ending, "json") == 0 || strcmp(ending, "log") == 0;
  return is_mode && is_output && strcmp(name, written) == 0;
}

void scaling_remove_files(const char *folder) {
  DIR *directory = opendir(folder);
  if (!directory) return;
  for (const struct dirent *entry; (entry = readdir(directory));) {
    if (!is_own(entry->d_name)) continue;
    char *path = run_folder_path(folder, entry->d_name);
    unlink(path);
    memory_release(path);
  }
  closedir(directory);
}
