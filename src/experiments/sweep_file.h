#pragma once
/* A sweep that is written down:
 *
 *     config: ../mnist_32.yaml                          # relative to this file
 *     over: {training.batch_size: [8, 32, 128]}         # keys and their values
 *     set: {training.epochs: 10}                        # of all runs; may be left out
 *     seeds: 2                                          # runs of each point; 1
 *     target: 0.95                                      # of the first metric; none
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text_list.h"
#include "experiments/sweep_grid.h"

typedef struct SweepFile {
  char *config;
  SweepGrid grid;
  TextList changes; /* "KEY=VALUE" */
  int64_t seeds;
  double target; /* NaN: none */
} SweepFile;

/* Reads a file that says `over`; any other is a configuration, and leaves *out empty.
 *
 * Range       *is_sweep tells which it was
 * Ownership   *out is released with sweep_file_release
 * Errors      ERR_NO_INPUT, ERR_CONFIG; *out is then empty
 */
Status sweep_file_read(const char *path, SweepFile *out, bool *is_sweep);

/* Releases what it holds. */
void sweep_file_release(SweepFile *file);
