#pragma once
/* The lock of a folder that one process works in: a file, FOLDER/lock, that the process holds
 * locked for as long as it lives.
 *
 * The lock is the system's, not the file: it goes with the process, also with one that was killed,
 * and a file that such a process has left locks nothing. Programs that this process starts do not
 * inherit it. Where the file system knows no locks, nothing is ever found locked.
 *
 * Ranks       local: one rank takes it for all
 */

#include <stdbool.h>

#include "base/status.h"

typedef struct FolderLock {
  char *folder; /* NULL: nothing is held */
  char *path;
  int file;
  bool made_folder;
} FolderLock;

/* How long to wait for the lock of a process that has been asked to stop and may still save. */
enum { FOLDER_LOCK_PATIENCE_S = 10 };

/* Locks a folder, which is made where it is missing. It waits for a process that holds the lock,
 * and says so after a second.
 *
 * Units       wait_s in seconds; 0: not at all
 * Range       work: what begins here, such as "a run"; whoever finds the folder locked is told
 * Ownership   *out is released with folder_lock_release
 * Errors      ERR_OUTPUT if another process holds it, with what it does, its number, its host and
 *             since when, or if nothing can be created there; nothing is then held
 */
Status folder_lock_take(const char *folder, const char *work, double wait_s, FolderLock *out);

/* Unlocks, and removes the file; the folder too if it was made for the lock and nothing else is in
 * it. Where nothing is held it does nothing. */
void folder_lock_release(FolderLock *lock);
