#pragma once
/* Changes to a data set before it is used: the target rule, which makes a question with two answers
 * out of a number.
 */

#include "base/status.h"
#include "config/kind.h"
#include "data/dataset.h"

/* `odd`, `{equals: 3}`. */
extern const KindTable target_rule_kinds;

/* Replaces every target by 1 where the rule holds and by 0 elsewhere: uint8, one per sample.
 *
 * Names of classes are dropped, since the targets no longer are their indices. A rule that was not
 * chosen (kind NULL) changes nothing.
 * Range       one whole number per sample; text targets count as the index of their class
 * Errors      ERR_DATA naming the data set and the sample; nothing has changed then
 */
Status dataset_apply_target_rule(const KindSetting *rule, Dataset *dataset);
