#pragma once
/* What values an option takes, in words for people. */

#include "base/text.h"
#include "config/options.h"

/* Appends "whole number from 1 to 64, or auto".
 *
 * Range       an option of any type but a kind or a list of kinds
 */
void reference_append_values(const Option *row, Text *out);
