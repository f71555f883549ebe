#include "storage/model_file.h"

extern const ModelFileKind checkpoint_file, keras_legacy_file, keras_weights_file;
extern const ModelFileKind keras_archive_file, safetensors_file, npz_file, onnx_file;

/* In the order in which a file is tried: any HDF5 file that is no other is taken for Keras's
 * weights, and any zip archive that is no other for NumPy's, so that a damaged one is read and
 * refused with its reason.
 */
/* clang-format off */
static const Kind *const kinds[] = {
    &checkpoint_file.kind,
    &keras_legacy_file.kind,
    &keras_weights_file.kind,
    &keras_archive_file.kind,
    &safetensors_file.kind,
    &npz_file.kind,
    &onnx_file.kind,
    NULL,
};
/* clang-format on */

const KindTable model_file_kinds = {"format", kinds};
