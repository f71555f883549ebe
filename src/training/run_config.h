#pragma once
/* The configuration of a run, as one struct filled through one option table.
 *
 * Every key, its default and its bounds stand in the tables: training/run_options.c, model/model.c,
 * and with the kinds. docs/configuration.md is printed from them.
 *
 * Ranks       local
 */

#include "base/status.h"
#include "config/options.h"
#include "model/model.h"

typedef struct DataSettings {
  KindSetting train, validation, test;
  double scale;
  KindSetting target_rule;
} DataSettings;

typedef struct TrainingSettings {
  int64_t epochs;
  int64_t steps;      /* 0: as many as the epochs have */
  int64_t batch_size; /* 0: all samples */
  int64_t shards;     /* 0: shard_count_auto */
  bool shuffle;
  bool drop_last;
  int reduction; /* ReductionPath */
} TrainingSettings;

typedef struct ComputeSettings {
  int engine;             /* ProductEngine */
  int64_t ranks_per_node; /* 0: as many as there are */
} ComputeSettings;

typedef struct CheckpointSettings {
  int64_t every_epochs; /* 0: never */
  int64_t every_steps;  /* 0: never */
  int64_t keep;
} CheckpointSettings;

typedef struct ReportSettings {
  int64_t every_steps;
  int64_t noise_every;     /* steps; 0: never */
  int64_t histogram_every; /* epochs; 0: never */
  bool curves;
  bool tensorboard;
} ReportSettings;

typedef struct RunConfig {
  int64_t seed;
  ModelSettings model;
  KindSetting loss;
  KindList metrics;
  KindSetting optimizer;
  DataSettings data;
  TrainingSettings training;
  ComputeSettings compute;
  CheckpointSettings checkpoint;
  ReportSettings report;
  char *folder; /* relative paths lie below it; owned */
} RunConfig;

/* The root table. */
extern const Option run_options[];

/* Reads a configuration file and applies `key=value` changes in their order.
 *
 * Ownership   *out is released with run_config_release
 * Errors      ERR_NO_INPUT, ERR_CONFIG, ERR_USAGE for a change without '='; *out is then empty
 */
Status run_config_read(const char *path, const TextList *changes, RunConfig *out);

/* Reads the configuration text that a checkpoint holds. As run_config_read.
 *
 * Range       `source` names it in messages; `folder`: relative paths lie below it
 */
Status run_config_parse(const char *text, const char *source, const char *folder,
                        const TextList *changes, RunConfig *out);

/* The resolved configuration as YAML. Ownership: memory_release. */
char *run_config_text(const RunConfig *config);

/* The same with absolute paths: a configuration that can be read from any folder. Ownership:
 * memory_release. */
char *run_config_text_anywhere(const RunConfig *config);

/* Checks that a run may go on under `config` that began under `stored`.
 *
 * Errors      ERR_CONFIG naming the first identity option that differs, and both values
 */
Status run_config_same_identity(const RunConfig *stored, const RunConfig *config);

/* Releases everything. */
void run_config_release(RunConfig *config);
