#pragma once
/* Model files of other programs: what a model is exported to, and what parameters are taken from.
 *
 * A format is one file in storage/model_files/ and one row in storage/model_file_kinds.c. A file
 * that is read is known by its content, whatever its name. Reading gives the tensors as the file
 * has them; storage/tensor_fit.h makes a model's parameters of them.
 *
 * Ranks       local
 */

#include <stdbool.h>
#include <stddef.h>

#include "config/kind.h"
#include "io/json.h"
#include "io/tensor_list.h"
#include "model/model.h"

/* What is exported. Everything is borrowed. */
typedef struct ModelExport {
  const Model *model;
  const real *parameters; /* the flat vector */
  double data_scale;      /* inputs are divided by it before the model sees them */
} ModelExport;

typedef struct ModelFileKind {
  Kind kind;

  /* What names of written files end in, with the dot; NULL: a format that is only read. */
  const char *ending;

  /* The file's bytes: the same for the same model. Ownership: *bytes: memory_release. */
  void (*write)(const ModelExport *content, char **bytes, size_t *count);

  /* True for a file of this format, or of none that stands behind it in the table. NULL: a format
   * that is only written. */
  bool (*recognises)(const char *bytes, size_t count);

  /* The tensors of a file; `source` names it in messages. Errors: ERR_DATA; *out is then empty. */
  Status (*read)(const char *bytes, size_t count, const char *source, TensorList *out);
} ModelFileKind;

extern const KindTable model_file_kinds;

/* What a file says beside the parameters, where its format has room for it: texts by name.
 *
 * lockstep_version, parameter_hash, and data_scale, which belongs to the data and is no part of the
 * model. Ownership: json_release
 */
Json *model_export_properties(const ModelExport *content);

/* Reads a file in a child process, since the HDF5 library may crash over a damaged one that carries
 * no checksum. Call it before MPI starts (base/trial.h), and model_file_read later.
 *
 * Errors      ERR_DATA if the child crashed; whatever else is wrong model_file_read finds
 */
Status model_file_try(const char *path);

/* The tensors in a file, or in the newest whole checkpoint of a run's folder.
 *
 * Ownership   *out is released with tensor_list_release
 * Errors      ERR_NO_INPUT, ERR_IO; ERR_DATA for a file of no known format, or a damaged one; *out
 *             is then empty
 */
Status model_file_read(const char *path, TensorList *out);
