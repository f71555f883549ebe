#pragma once
/* Scaling: the same training on several numbers of ranks, measured in turn.
 *
 * Every measurement is `lockstep bench step` on so many ranks, started through a launcher; repeats
 * are interleaved, so that the noise of the machine hits all points. Strong scaling keeps the batch
 * and its shards; weak scaling gives every rank the batch and the shards that one rank has in the
 * first point. Order of calls: scaling_create, scaling_measure, scaling_destroy.
 *
 * Ranks       local, before MPI: the measurements are processes of their own
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/spread.h"
#include "base/status.h"
#include "base/step_clock.h"
#include "base/text_list.h"
#include "storage/folder_lock.h"

typedef struct ScalingSettings {
  const char *config;
  TextList changes; /* KEY=VALUE, of all points */
  size_t n_counts;
  size_t *counts; /* numbers of ranks */
  bool strong, weak;
  size_t n_repeats;
  size_t n_rounds; /* of bench step, within a repeat */
  const char *folder;
  const char *launcher; /* as launcher_find */
  bool force;
} ScalingSettings;

enum { SCALING_HOST_BYTES = 64 };

/* What one repeat of one point gave. */
typedef struct ScalingMeasurement {
  int64_t batch_size; /* as the run has it */
  double step_s;
  double phases_s[STEP_PHASES]; /* of rank 0 */
  double waiting_s;             /* for ranks of the same host, a part of two phases */
  double bytes_sent;            /* a step, by the rank that sends most */
  double slowest_s, mean_s;     /* computing gradients: the slowest rank, and all */
  int slowest_rank;
  char slowest_host[SCALING_HOST_BYTES];
  char hash[HASH_TEXT_BYTES]; /* of the parameters after the same number of steps */
} ScalingMeasurement;

typedef struct ScalingPoint {
  bool is_weak;
  size_t ranks, batch_size, shards;
  bool shares_cores; /* more ranks than cores: no measure of speed */
  size_t n;          /* measured repeats */
  ScalingMeasurement *measurements;
} ScalingPoint;

typedef struct Scaling {
  const ScalingSettings *settings;
  size_t cores; /* of this host; 0 with a launcher that the user chose, which knows others */
  size_t n_points;
  ScalingPoint *points; /* strong, then weak, each in the order of the counts */
  FolderLock lock;
} Scaling;

/* Reads the configuration, plans the points, and holds the folder until the end; with `force` it
 * removes what an earlier measurement has left there.
 *
 * Ownership   *out is released with scaling_destroy; the settings must outlive it
 * Errors      as run_config_read; ERR_CONFIG for fewer shards than ranks, for a batch that is not a
 *             number, and of weak scaling for one that the first ranks cannot share evenly; as
 *             work_folder_enter; *out is then NULL
 */
Status scaling_create(const ScalingSettings *settings, Scaling **out);

/* Releases it; NULL is fine. */
void scaling_destroy(Scaling *scaling);

/* Measures all points. What a measurement said stays in the folder, POINT.json and POINT.log.
 *
 * Errors      ERR_STOPPED; the failure of a measurement; ERR_CONFIG for a batch larger than the
 *             data; ERR_INTERNAL if strong points gave
 *             different parameters
 */
Status scaling_measure(Scaling *scaling);

/* The point that a point is compared with: the first of its kind. */
const ScalingPoint *scaling_reference(const Scaling *scaling, const ScalingPoint *point);

/* Samples per second of a point relative to those of its reference: of the medians of the steps,
 * and the lowest and highest of any repeat, between which it lies.
 *
 * Formula     (batch / step) / (batch_0 / step_0)
 * Range       the point and its reference are measured
 */
Spread scaling_speedup(const Scaling *scaling, const ScalingPoint *point);

/* What of the added ranks comes out as speed.
 *
 * Formula     speedup ranks_0 / ranks
 */
Spread scaling_efficiency(const Scaling *scaling, const ScalingPoint *point);

/* Seconds of a step. Range: the point is measured. */
Spread scaling_step(const ScalingPoint *point);
