#include "storage/folder_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/file.h"
#include "storage/run_folder.h"

enum { HOLDER_BYTES = 256 };

/* ---- what the file says ---- */

/* For people alone: a full disk is no reason to fail. */
static void write_holder(int file, const char *work) {
  char host[128] = "", since[32];
  gethostname(host, sizeof host - 1);
  time_t now = time(NULL);
  struct tm utc;
  strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  if (ftruncate(file, 0) != 0) return;
  dprintf(file, "%s goes on here (process %ld on %s since %s)\n", work, (long)getpid(), host,
          since);
}

/* The first line; the holder may have yet to write it. */
static void read_holder(int file, char holder[HOLDER_BYTES]) {
  ssize_t length = pread(file, holder, HOLDER_BYTES - 1, 0);
  holder[length > 0 ? length : 0] = '\0';
  holder[strcspn(holder, "\n")] = '\0';
  if (!holder[0]) snprintf(holder, HOLDER_BYTES, "another process begins here");
}

/* ---- the lock ---- */

static bool is_still_at(const char *path, int file) {
  struct stat there, here;
  return stat(path, &there) == 0 && fstat(file, &here) == 0 && there.st_dev == here.st_dev &&
         there.st_ino == here.st_ino;
}

/* The file, locked; -1 where another process holds it. */
static Status try_to_lock(const char *path, int *file, char holder[HOLDER_BYTES]) {
  for (;;) {
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*file < 0) return fail(ERR_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
    /* Any other failure is that of a file system without locks. */
    bool is_held = flock(*file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!is_held && is_still_at(path, *file)) return OK;
    if (is_held) read_holder(*file, holder);
    close(*file);
    *file = -1;
    if (is_held) return OK;
    /* Its last holder has removed it between the two calls. */
  }
}

static Status wait_for_lock(FolderLock *lock, double wait_s) {
  double begin_s = clock_monotonic_s();
  for (bool said = false;;) {
    char holder[HOLDER_BYTES];
    TRY(try_to_lock(lock->path, &lock->file, holder));
    if (lock->file >= 0) return OK;
    double waited_s = clock_monotonic_s() - begin_s;
    if (waited_s >= wait_s) return fail(ERR_OUTPUT, "%s: %s", lock->folder, holder);
    if (!said && waited_s >= 1) log_note("%s: %s; waiting for its end", lock->folder, holder);
    said = waited_s >= 1;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  }
}

static void drop(FolderLock *lock) {
  memory_release(lock->folder);
  memory_release(lock->path);
  *lock = (FolderLock){0};
}

Status folder_lock_take(const char *folder, const char *work, double wait_s, FolderLock *out) {
  *out = (FolderLock){.folder = memory_copy_text(folder),
                      .path = run_folder_path(folder, "lock"),
                      .file = -1,
                      .made_folder = !folder_exists(folder)};
  Status status = folder_create(folder);
  if (status == OK) status = wait_for_lock(out, wait_s);
  if (status == OK) write_holder(out->file, work);
  if (status != OK) drop(out);
  return status;
}

void folder_lock_release(FolderLock *lock) {
  if (!lock->folder) return;
  unlink(lock->path); /* while it is held: nobody else's file can be there */
  close(lock->file);
  if (lock->made_folder) rmdir(lock->folder);
  drop(lock);
}
