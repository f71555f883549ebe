#pragma once
/* The names of classes, where targets are text: the same class must have the same index in two data
 * sets.
 */

#include "base/status.h"
#include "base/text.h"
#include "data/dataset.h"

/* The name of class k: its text, or where it has none its index, written to `out`.
 *
 * Ownership   borrowed from the description, or `out`
 */
const char *class_name(const DatasetDescription *description, size_t k,
                       char out[NUMBER_TEXT_BYTES]);

/* Gives `other` the class indices of `reference` where both have text targets.
 *
 * Errors      ERR_DATA if just one of them has text targets, or naming a class that the reference
 *             does not have; nothing has changed then
 */
Status dataset_match_classes(const DatasetDescription *reference, Dataset *other);

/* Replaces the names of the classes by copies of those of the reference. */
void dataset_take_class_names(const DatasetDescription *reference, DatasetDescription *other);
