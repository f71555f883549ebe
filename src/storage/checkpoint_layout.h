#pragma once
/* Names of everything in a checkpoint: the one place where the file's layout is written down.
 *
 * Described for readers in docs/checkpoint_format.md.
 */

enum { CHECKPOINT_FORMAT = 1, USER_BLOCK_BYTES = 512 };

#define USER_BLOCK_TITLE "Lockstep checkpoint, format "

#define GROUP_WEIGHTS       "/model_weights"
#define GROUP_LOCKSTEP      "/lockstep"
#define DATASET_CONFIG      "/lockstep/config"
#define GROUP_CLASSES       "/lockstep/classes"
#define GROUP_STATE         "/lockstep/state"
#define DATASET_EPOCH_SUMS  "/lockstep/state/epoch_sums"
#define GROUP_OPTIMIZER     "/lockstep/optimizer"
#define DATASET_PARAMETERS  "/lockstep/parameters"
#define GROUP_METRICS       "/lockstep/metrics"
#define GROUP_EPOCH_METRICS "/lockstep/metrics/epoch"
#define GROUP_STEP_METRICS  "/lockstep/metrics/step"
#define GROUP_HISTOGRAMS    "/lockstep/metrics/histograms"
#define GROUP_RUN           "/lockstep/run"

#define KERAS_VERSION "2.15.0"
