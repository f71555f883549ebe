#include "analysis/assessment.h"

#include "base/memory.h"
#include "training/evaluator.h"

Assessment assess(const TrainedModel *model, const Samples *samples, Communicator *communicator) {
  OutputForm form = output_form(model->model);
  size_t n = samples_count(samples);
  EvaluatorResult result = {.values = NEW_ARRAY(double, model_sum_count(model->model)),
                            .verdicts = form.classes ? NEW_ARRAY(Verdict, n) : NULL};
  evaluate_samples(model->model, model->parameters, samples, communicator, &result);
  return (Assessment){.n_samples = n,
                      .values = result.values,
                      .classification =
                          form.classes ? classification_create(&form, n, result.verdicts) : NULL};
}

void assessment_release(Assessment *assessment) {
  memory_release(assessment->values);
  classification_destroy(assessment->classification);
  *assessment = (Assessment){0};
}
