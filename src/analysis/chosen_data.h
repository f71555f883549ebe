#pragma once
/* The samples that a trained model is looked at with: data that its configuration names, or a file
 * of its own.
 *
 * Ranks       local: every rank reads everything
 */

#include "config/kind.h"
#include "training/run_data.h"
#include "analysis/trained_model.h"

/* Which data of the configuration. */
typedef enum DataChoice {
  DATA_TRAIN,
  DATA_VALIDATION,
  DATA_TEST,
  DATA_DEFAULT, /* the last of them that the configuration has */
} DataChoice;

/* The words for them in the order of DataChoice, without the default; NULL-terminated. */
extern const char *const data_choice_names[];

typedef struct ChosenData {
  const char *name; /* the word for the choice, or the path of the file; borrowed */
  RunData run;      /* where a part of the training samples is asked for */
  Dataset set;      /* else: what is asked for, read by itself */
  Samples samples;  /* of one of the two */
} ChosenData;

/* Appends the path of every file of data that the model's configuration names. */
void chosen_data_add_files(const TrainedModel *model, TextList *out);

/* Reads data of the configuration, with targets.
 *
 * Ownership   *out is released with chosen_data_release, and must not move: samples point into it
 * Errors      ERR_CONFIG where the configuration has no such data; else as run_data_read; *out is
 *             then empty
 */
Status chosen_data_read(const TrainedModel *model, DataChoice choice, ChosenData *out);

/* Reads samples as `setting` says, from files below the folder in which the program runs.
 *
 * Range       needs_targets: then the configuration's target rule holds for them, too
 * Ownership   as chosen_data_read
 * Errors      ERR_DATA if the model cannot take them; else as run_data_read; *out is then empty
 */
Status chosen_data_read_files(const TrainedModel *model, const KindSetting *setting,
                              bool needs_targets, ChosenData *out);

/* Releases everything. */
void chosen_data_release(ChosenData *data);
