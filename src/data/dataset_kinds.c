/* The data formats that a configuration can name. */

#include "data/dataset.h"
#include "data/split.h"

extern const DatasetKind csv_dataset, idx_dataset, linear_dataset;

/* One list for both tables: validation samples can also be split off from the training samples. */
#define DATASET_ROWS &idx_dataset.kind, &csv_dataset.kind, &linear_dataset.kind

static const Kind *const kinds[] = {DATASET_ROWS, NULL};

const KindTable dataset_kinds = {.noun = "data format", .kinds = kinds};

static const Kind *const kinds_and_split[] = {DATASET_ROWS, &split_kind, NULL};

const KindTable validation_kinds = {.noun = "data format", .kinds = kinds_and_split};
