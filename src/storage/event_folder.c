#include "storage/event_folder.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file.h"

#define FOLDER "tensorboard"
#define PREFIX "events.out.tfevents."

static const char *const part_names[EVENT_PARTS] = {"train", "validation"};

static char *part_path(const char *run_folder, EventPart part) {
  Text path = {0};
  text_append(&path, "%s/" FOLDER "/%s", run_folder, part_names[part]);
  return text_take(&path);
}

static char *file_path(const EventFolder *folder, EventPart part) {
  Text path = {0};
  text_append(&path, "%s/" FOLDER "/%s/" PREFIX "%010lld.%s.%ld.%d", folder->run_folder,
              part_names[part], (long long)folder->begin_s, folder->host, (long)getpid(),
              (int)part);
  return text_take(&path);
}

/* Cuts ".<digits>" off the end of a name; false if that is not there. */
static bool cut_number(char *name) {
  char *dot = strrchr(name, '.');
  if (!dot || !dot[1] || dot[1 + strspn(dot + 1, "0123456789")]) return false;
  *dot = '\0';
  return true;
}

/* Only names as they are written here: TensorFlow's end in .v2. */
static bool is_event_file(const char *entry) {
  enum { SECONDS_DIGITS = 10 };
  char name[512];
  snprintf(name, sizeof name, "%s", entry);
  if (strncmp(name, PREFIX, strlen(PREFIX)) != 0) return false;
  if (!cut_number(name) || !cut_number(name)) return false;
  const char *seconds = name + strlen(PREFIX);
  return strspn(seconds, "0123456789") == SECONDS_DIGITS && seconds[SECONDS_DIGITS] == '.' &&
         seconds[SECONDS_DIGITS + 1];
}

/* Removes the event files of a part but for the one at `kept`; NULL: all. */
static void remove_files(const char *run_folder, EventPart part, const char *kept) {
  char *folder = part_path(run_folder, part);
  DIR *directory = opendir(folder);
  for (const struct dirent *entry; directory && (entry = readdir(directory));) {
    if (!is_event_file(entry->d_name)) continue;
    Text path = {0};
    text_append(&path, "%s/%s", folder, entry->d_name);
    if (!kept || strcmp(path.bytes, kept) != 0) unlink(path.bytes);
    text_release(&path);
  }
  if (directory) closedir(directory);
  memory_release(folder);
}

Status event_folder_replace(const EventFolder *folder, EventPart part, const Text *bytes) {
  char *folder_path = part_path(folder->run_folder, part), *path = file_path(folder, part);
  unlink(path);
  Status status = folder_create(folder_path);
  /* Not by way of a file beside it, which TensorBoard would read as well. */
  if (status == OK) status = file_append(path, bytes->bytes, bytes->length);
  if (status == OK) remove_files(folder->run_folder, part, path);
  memory_release(folder_path);
  memory_release(path);
  return status;
}

Status event_folder_append(const EventFolder *folder, EventPart part, const Text *bytes) {
  char *path = file_path(folder, part);
  Status status = file_append(path, bytes->bytes, bytes->length);
  memory_release(path);
  return status;
}

void event_folder_clear(const char *run_folder) {
  for (int part = 0; part < EVENT_PARTS; part++) {
    remove_files(run_folder, (EventPart)part, NULL);
    char *folder = part_path(run_folder, (EventPart)part);
    rmdir(folder);
    memory_release(folder);
  }
  Text all = {0};
  text_append(&all, "%s/" FOLDER, run_folder);
  rmdir(all.bytes);
  text_release(&all);
}
