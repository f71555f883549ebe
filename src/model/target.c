#include "model/target.h"

#include <math.h>

static bool fits_form(TargetForm form, double value) {
  switch (form) {
  case TARGET_NUMBERS: return isfinite(value);
  case TARGET_CLASSES: return value >= 0 && value <= 1;
  case TARGET_UNIT: return value >= 0 && value <= 1;
  case TARGET_SIGNS: return value == -1 || value == 0 || value == 1;
  }
  return false;
}

static const char *form_words(TargetForm form) {
  switch (form) {
  case TARGET_NUMBERS: return "a finite number";
  case TARGET_CLASSES: return "a probability from 0 to 1";
  case TARGET_UNIT: return "a number from 0 to 1";
  case TARGET_SIGNS: return "0 or 1, or -1 or 1";
  }
  return "";
}

static Status check_class_index(const char *source, size_t sample, double value, size_t m) {
  if (value >= 0 && value < (double)m && floor(value) == value) return OK;
  return fail(ERR_DATA, "%s: sample %zu: found the target %g, expected a class from 0 to %zu",
              source, sample, value, m - 1);
}

Status target_check(const LossKind *loss, const char *source, const Array *targets, size_t m) {
  size_t n = targets->shape.dims[0], t = targets->shape.n_dims > 1 ? targets->shape.dims[1] : 1;
  bool is_index = t == 1 && m > 1;
  if (t != m && !is_index) {
    return fail(ERR_DATA, "%s: found %zu targets per sample, expected %zu, the model's outputs",
                source, t, m);
  }
  if (is_index && (loss->form == TARGET_UNIT || loss->form == TARGET_SIGNS)) {
    return fail(ERR_DATA,
                "%s: found 1 target per sample, expected %zu, the model's outputs, for %s", source,
                m, loss->kind.name);
  }
  for (size_t i = 0; i < n * t; i++) {
    double value = array_at(targets, i);
    if (is_index) {
      TRY(check_class_index(source, i, value, m));
    } else if (!fits_form(loss->form, value)) {
      return fail(ERR_DATA, "%s: sample %zu: found the target %g, expected %s for %s", source,
                  i / t, value, form_words(loss->form), loss->kind.name);
    }
  }
  return OK;
}

void target_encode(size_t n, size_t t, size_t m, const real *stored, real *encoded) {
  for (size_t row = 0; row < n; row++) {
    for (size_t i = 0; i < m; i++) {
      encoded[row * m + i] = t == m ? stored[row * m + i] : (real)((size_t)stored[row] == i);
    }
  }
}
