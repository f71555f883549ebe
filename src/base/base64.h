#pragma once
/* Bytes as text that may stand in a web page: base64.
 */

#include <stddef.h>

#include "base/text.h"

/* Appends `count` bytes in base64, with padding and without line breaks.
 *
 * Source      RFC 4648, section 4
 */
void base64_append(Text *out, const void *bytes, size_t count);
