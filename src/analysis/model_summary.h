#pragma once
/* A model in words, as `model.summary()` of Keras prints it.
 *
 * Ranks       local
 */

#include "model/model.h"

/* A box with a line for each layer, and the number of parameters with the memory that they take.
 *
 * Units       B, KB, MB and GB of 1,024 each, as in Keras
 * Ownership   memory_release
 */
char *model_summary_text(const Model *model);
