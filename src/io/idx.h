#pragma once
/* IDX files, the format of MNIST: one array with its element type and shape, plain or gzipped.
 *
 * Knows the format and the compression; knows nothing of samples and labels. Order of calls:
 * idx_open, any number of idx_read (cheapest in ascending order), idx_close.
 *
 * Source      Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "The IDX file format"
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"
#include "base/status.h"

typedef struct IdxFile IdxFile;

/* True if a file begins as IDX files do: two zero bytes and the code of a type. */
bool idx_recognise(const char *path);

/* Opens a file and checks its header against the size of the file, as far as that is known.
 *
 * Ownership   *out belongs to the caller: idx_close
 * Range       1 to 8 dimensions of at least 1
 * Errors      ERR_NO_INPUT for a file that is missing or cannot be read; ERR_DATA for a header that
 *             is not IDX, or that promises another number of bytes than the file has (for gzip:
 *             more than it can have); *out is then NULL
 */
Status idx_open(const char *path, IdxFile **out);

/* The stored type of the elements. */
Dtype idx_dtype(const IdxFile *file);

/* The shape of the whole array. Borrowed. */
const Shape *idx_shape(const IdxFile *file);

/* The path the file was opened with. Borrowed. */
const char *idx_path(const IdxFile *file);

/* Reads elements [first, first + count) of the flattened array into `out`, in host byte order.
 *
 * Reading the last element also verifies that the file ends there, and gzip's checksum. Going back
 * in a gzipped file decompresses it again from its beginning.
 * Range       first + count is at most the number of elements
 * Errors      ERR_DATA for a file that is cut short, goes on behind its last element or is corrupt,
 *             ERR_NO_INPUT if it cannot be read; the contents of `out` are then undefined
 */
Status idx_read(IdxFile *file, size_t first, size_t count, void *out);

/* Closes a file; NULL is fine. */
void idx_close(IdxFile *file);
