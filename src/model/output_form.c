#include "model/output_form.h"

#include <string.h>

#include "model/model.h"

OutputForm output_form(const Model *model) {
  const KindSetting *activation = model_activation(model, model->n_layers - 1);
  const LossKind *loss = model_loss(model);
  size_t m = model_output_width(model);
  const char *distribution = m == 1 ? "sigmoid" : "softmax";
  bool probabilities = activation && strcmp(activation->kind->name, distribution) == 0;
  TargetForm classes = m == 1 ? TARGET_SIGNS : TARGET_CLASSES;
  return (OutputForm){.m = m,
                      .classes = probabilities || loss->form == classes,
                      .probabilities = probabilities,
                      .threshold = loss->threshold};
}

size_t output_class_count(const OutputForm *form) {
  return form->m == 1 ? 2 : form->m;
}

size_t output_class(const OutputForm *form, const real *outputs) {
  if (form->m == 1) return outputs[0] > form->threshold;
  size_t largest = 0;
  for (size_t i = 1; i < form->m; i++) {
    if (outputs[i] > outputs[largest]) largest = i;
  }
  return largest;
}

real output_of_class(const OutputForm *form, const real *outputs, size_t k) {
  if (form->m > 1) return outputs[k];
  return k == 1 ? outputs[0] : 2 * form->threshold - outputs[0];
}
