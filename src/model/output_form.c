#include "model/output_form.h"

#include <string.h>

#include "model/model.h"

/* The activation that gives the predictions, whether the last layer or the loss computes it; NULL
 * if they come out of the last layer as they are. */
static const Kind *last_activation(const Model *model) {
  const KindSetting *activation = model->output_activation;
  if (!activation) activation = model->layers[model->n_layers - 1].activation;
  return activation ? activation->kind : NULL;
}

OutputForm output_form(const Model *model) {
  const Kind *activation = last_activation(model);
  const LossKind *loss = model_loss(model);
  size_t m = model_output_width(model);
  const char *distribution = m == 1 ? "sigmoid" : "softmax";
  bool probabilities = activation && strcmp(activation->name, distribution) == 0;
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
