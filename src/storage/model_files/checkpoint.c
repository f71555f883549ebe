/* Lockstep's own checkpoint as a file to take parameters from. Its names are this program's:
 * tensors of other names are another model's, whatever their shapes.
 */

#include <string.h>

#include "storage/model_file.h"
#include "storage/model_files/keras_layouts.h"
#include "storage/user_block.h"

/* By its title, or where that is damaged by the HDF5 file behind the user block. */
static bool recognises(const char *bytes, size_t count) {
  size_t title = strlen(USER_BLOCK_TITLE);
  if (count >= title && memcmp(bytes, USER_BLOCK_TITLE, title) == 0) return true;
  return count > USER_BLOCK_BYTES &&
         keras_is_hdf5(bytes + USER_BLOCK_BYTES, count - USER_BLOCK_BYTES);
}

static Status read_file(const char *bytes, size_t count, const char *source, TensorList *out) {
  *out = (TensorList){0};
  UserBlock block;
  H5File *file;
  TRY(user_block_verify(bytes, count, source, &block));
  TRY(h5_open(bytes, count, source, &file));
  Status status = keras_legacy_read(file, source, out);
  out->order = ORDER_UNUSED;
  h5_close(file);
  return status;
}

const ModelFileKind checkpoint_file = {
    .kind = {.name = "checkpoint", .summary = "a checkpoint of Lockstep"},
    .recognises = recognises,
    .read = read_file,
};
