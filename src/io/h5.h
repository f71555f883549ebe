#pragma once
/* HDF5 files as images in memory: the only door to the HDF5 library.
 *
 * A file is built in memory and handed out as bytes, so that writing it safely (io/file.h) and
 * checking it before the library sees it are the caller's. Building cannot fail but for bugs and
 * memory, which are fatal; reading can, as files hold what they hold. Earliest format version, no
 * time stamps: the same content gives the same bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/status.h"

typedef struct H5File H5File;

/* Begins an empty file with room for a user block before the HDF5 data.
 *
 * Range       user_block_bytes: 512 times a power of two
 * Ownership   ended by h5_finish
 */
H5File *h5_begin(size_t user_block_bytes);

/* Ends the file: its bytes, with the user block filled with zeros.
 *
 * Ownership   *bytes belongs to the caller: memory_release; `file` is released
 */
void h5_finish(H5File *file, char **bytes, size_t *count);

/* Adds a group; those above it must exist. */
void h5_add_group(H5File *file, const char *path);

/* Adds a dataset of numbers. */
void h5_add_array(H5File *file, const char *path, Dtype dtype, const Shape *shape,
                  const void *values);

/* Adds a dataset that is one text. */
void h5_add_text(H5File *file, const char *path, const char *text);

/* A column of a table: text of a fixed size, or a 64-bit whole number. */
typedef struct H5Column {
  const char *name;
  size_t offset;     /* in the record */
  size_t text_bytes; /* of a text column with its final zero; 0: int64_t */
} H5Column;

/* Adds a dataset of records. Shapes: records (n_records, record_bytes) */
void h5_add_table(H5File *file, const char *path, const H5Column *columns, size_t n_columns,
                  const void *records, size_t n_records, size_t record_bytes);

/* Sets an attribute of a group or dataset: a text, a whole number, a number. */
void h5_set_text(H5File *file, const char *path, const char *name, const char *text);
void h5_set_whole(H5File *file, const char *path, const char *name, int64_t value);
void h5_set_real(H5File *file, const char *path, const char *name, double value);

/* Sets an attribute that is an array of texts, cut into name0, name1, ... where it is too large for
 * one attribute, as Keras does. */
void h5_set_texts(H5File *file, const char *path, const char *name, size_t count,
                  const char *const *texts);

/* Opens a file from its bytes, which must stay until h5_close.
 *
 * Range       `source` names it in messages
 * Errors      ERR_DATA; *out is then NULL
 */
Status h5_open(const void *bytes, size_t count, const char *source, H5File **out);

/* Closes an opened file; NULL is fine. */
void h5_close(H5File *file);

/* True if there is an object at `path`. */
bool h5_has(const H5File *file, const char *path);

/* True if that object has an attribute of that name. */
bool h5_has_attribute(const H5File *file, const char *path, const char *name);

/* The names of a group's members, in the order of their bytes.
 *
 * Ownership   *names is released with h5_release_texts
 * Errors      ERR_DATA; *names is then NULL
 */
enum { H5_NAME_BYTES = 256 };
Status h5_list(const H5File *file, const char *path, char ***names, size_t *count);

/* Reads a dataset of numbers, converted to `dtype`.
 *
 * Ownership   *out is released with array_release
 * Errors      ERR_DATA; *out is then empty
 */
Status h5_read_array(const H5File *file, const char *path, Dtype dtype, Array *out);

/* Reads a dataset that is one text. Ownership: memory_release. Errors: ERR_DATA. */
Status h5_read_text(const H5File *file, const char *path, char **out);

/* Reads an attribute. Errors: ERR_DATA if there is none of that type. Text: memory_release. */
Status h5_get_text(const H5File *file, const char *path, const char *name, char **out);
Status h5_get_whole(const H5File *file, const char *path, const char *name, int64_t *out);
Status h5_get_real(const H5File *file, const char *path, const char *name, double *out);

/* Reads an attribute that is an array of texts, whether whole or in parts (h5_set_texts).
 *
 * Range       texts of fixed or variable length
 * Ownership   *out is released with h5_release_texts
 * Errors      ERR_DATA; *out is then NULL
 */
Status h5_get_texts(const H5File *file, const char *path, const char *name, char ***out,
                    size_t *count);

/* True if there is such an attribute. */
bool h5_has_texts(const H5File *file, const char *path, const char *name);

/* Releases an array of texts; NULL is fine. */
void h5_release_texts(char **texts, size_t count);

typedef enum H5Sort { H5_ITEM_GROUP, H5_ITEM_DATASET, H5_ITEM_ATTRIBUTE } H5Sort;

/* What h5_walk comes by. Borrowed for the call. */
typedef struct H5Item {
  H5Sort sort;
  size_t depth;      /* groups above it; an attribute is one deeper than what it belongs to */
  const char *path;  /* from the root on; of an attribute: of what it belongs to */
  const char *name;  /* the last part of the path, "/" of the root; an attribute's own */
  const char *type;  /* "float32", "text"; NULL of a group */
  const char *shape; /* "784x512"; NULL of a group and of a single element */
  const char *value; /* of an attribute, as text; else NULL */
} H5Item;

typedef void (*H5Visitor)(void *context, const H5Item *item);

/* Visits every group, dataset and attribute: each group before what is in it, the attributes of
 * each object right after it, names in alphabetical order.
 *
 * Errors      ERR_DATA for what the library cannot read, and for groups without end
 */
Status h5_walk(const H5File *file, H5Visitor visit, void *context);

/* "1.10.8"; borrowed. */
const char *h5_version(void);
