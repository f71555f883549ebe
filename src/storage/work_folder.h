#pragma once
/* A folder that a command works in: one process at a time, and one kind of work for good. Runs,
 * sweeps and scaling measurements would otherwise mix their files.
 *
 * Ranks       local: one rank does it for all
 */

#include <stdbool.h>

#include "base/status.h"
#include "storage/folder_lock.h"

typedef enum WorkKind { WORK_RUN, WORK_SWEEP, WORK_SCALING } WorkKind;

/* Locks the folder, and checks that what is there may be gone on with, or replaced, or that there
 * is nothing. With `resume` it waits for a process that may still save before it stops.
 *
 * Ownership   *out is released with folder_lock_release, when the work is done
 * Errors      ERR_OUTPUT as folder_lock_take, for a folder with work of another kind, and for one
 *             with work of this kind without `resume` or `force`; nothing is then held
 */
Status work_folder_enter(const char *folder, WorkKind kind, bool resume, bool force,
                         FolderLock *out);
