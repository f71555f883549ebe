#pragma once
/* What the parts of io/h5.h share: writing, reading and walking. */

#include <hdf5.h>

#include "base/array.h"
#include "base/fatal.h"
#include "io/h5.h"

struct H5File {
  hid_t id;
  size_t user_block_bytes;
  size_t image_bytes; /* of a file that is read */
  char source[256];
};

/* The library's type of a Dtype in memory. */
hid_t h5_memory_type(Dtype dtype);

/* A new type: variable-length UTF-8 text. The caller closes it. */
hid_t h5_text_type(void);

/* Records a failure to read what is at `path`, in one line out of the library's error stack. */
Status h5_fail_read(const H5File *file, const char *path, const char *what);

enum { H5_IMAGE_NAME_BYTES = 40 };

/* The name of a file in memory. The library takes two open ones of one name for the same file.
 * Returns `out`. */
char *h5_image_name(const H5File *file, char out[H5_IMAGE_NAME_BYTES]);

/* True for a scalar of variable-length text, the form in which texts are written. */
bool h5_is_text(hid_t type, hid_t space);

/* Every call of the library that cannot fail but for a bug. */
#define H5_CHECK(call) h5_checked((int64_t)(call), #call)

/* Ends the program if a call of the library returned an error. */
int64_t h5_checked(int64_t result, const char *call);
