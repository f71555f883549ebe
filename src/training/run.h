#pragma once
/* A run: everything that training needs, put together from a configuration.
 *
 * Order of calls: run_create, then run_resume or run_take_tensors where wanted, trainer_run,
 * run_destroy.
 *
 * Ranks       collective, all of it; every failure is the same on all ranks
 */

#include <stdbool.h>

#include "distributed/communicator.h"
#include "distributed/core_usage.h"
#include "distributed/gradient_reduction.h"
#include "distributed/shard_plan.h"
#include "distributed/step_report.h"
#include "model/gradient.h"
#include "model/pooled_gradient.h"
#include "optim/optimizer.h"
#include "io/tensor_list.h"
#include "storage/checkpoint.h"
#include "training/data_memory.h"
#include "training/noise_probe.h"
#include "training/run_config.h"
#include "training/run_data.h"
#include "training/tensor_histograms.h"

typedef struct Run {
  RunConfig config;
  char *config_text;
  char *folder;
  Communicator *communicator; /* borrowed */
  Model *model;
  DataMemory *data_memory;
  RunData data;
  Sampler sampler; /* of the training samples */
  ShardPlan plan;
  size_t batch_size; /* samples per update */
  size_t steps_per_epoch;
  GradientReduction *reduction;
  StepReport *report;
  Gradient *gradient;     /* one of the two */
  PooledGradient *pooled; /* on the pooled path */
  Optimizer *optimizer;
  NoiseProbe *noise; /* NULL: not measured */
  TensorHistograms *tensor_histograms;
  Progress progress;
  History history;
  RunFacts facts;
  CoreUsage cores;
  StepClock clock;     /* of the latest step */
  double *sums;        /* (model_sum_count) of the latest step */
  double *block_norms; /* one per block that this rank updates */
} Run;

/* Puts a run together: reads the data, builds the model, initializes the parameters.
 *
 * Range       folder: where the run's files go; command_line: for the record
 * Ownership   takes `config`, also on failure; *out is released with run_destroy
 * Errors      as run_data_read and model_create; ERR_CONFIG for more ranks than shards, or for
 *             libraries or data that differ between ranks; *out is then NULL
 */
Status run_create(RunConfig *config, const char *folder, const char *command_line,
                  Communicator *communicator, Run **out);

/* Releases everything; NULL is fine. */
void run_destroy(Run *run);

/* Continues from a checkpoint: parameters, optimizer, progress and history become what they were.
 *
 * Errors      ERR_CONFIG if an identity option differs, ERR_DATA if the data or the model do
 */
Status run_resume(Run *run, const Checkpoint *checkpoint);

/* Takes the tensors of a file as parameters (storage/tensor_fit.h); `source` names it in messages.
 *
 * Errors      ERR_DATA for another model, or if the ranks have read different numbers
 */
Status run_take_tensors(Run *run, const TensorList *tensors, const char *source);

/* Saves a checkpoint of this moment.
 *
 * Errors      as checkpoint_write; run_fail_diverged if a parameter is not finite
 */
Status run_save(Run *run);

/* Says that the training left the finite numbers, and what helps.
 *
 * Range       what: "the loss became inf"; step: counted from 1
 * Ranks       local
 * Errors      ERR_DIVERGED, always
 */
Status run_fail_diverged(const Run *run, uint64_t step, const char *what);

/* The parameters that this rank computes with, and their hash. */
const real *run_parameters(const Run *run);
void run_parameter_hash(const Run *run, char out[HASH_TEXT_BYTES]);

/* Samples of the batch at a step of an epoch. */
size_t run_batch_rows(const Run *run, uint64_t epoch_step);

/* The learning rate of the update after `step` finished ones. */
double run_learning_rate(const Run *run, uint64_t step);

/* True on the rank whose parameters its whole group sees: the one that sets them. */
bool run_writes_parameters(const Run *run);

/* The rank that speaks and writes. */
bool run_is_first_rank(const Run *run);
