#pragma once
/* Text targets of two data sets: the same class must have the same index in both.
 */

#include "base/status.h"
#include "data/dataset.h"

/* Gives `other` the class indices of `reference` where both have text targets.
 *
 * Errors      ERR_DATA if just one of them has text targets, or naming a class that the reference
 *             does not have; nothing has changed then
 */
Status dataset_match_classes(const Dataset *reference, Dataset *other);
