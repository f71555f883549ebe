#include "support/networks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "base/fatal.h"
#include "base/memory.h"
#include "config/yaml_tree.h"
#include "math/random.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

KindSetting setting_create(const KindTable *table, const char *yaml) {
  KindSetting setting = {0};
  CHECK(kind_setting_read(table, yaml, &setting) == OK, "%s", status_message());
  return setting;
}

static void read_settings(const char *yaml, ModelSettings *settings) {
  YamlNode *root;
  CHECK(yaml_read_text(yaml, "test", &root) == OK, "%s", status_message());
  CHECK(options_read(model_options, root, settings) == OK, "%s", status_message());
  yaml_destroy(root);
}

Status network_try(const char *model_yaml, const char *loss_yaml, Network **out) {
  Network *network = NEW(Network);
  network->loss = setting_create(&loss_kinds, loss_yaml);
  read_settings(model_yaml, &network->settings);
  Status status =
      model_create(&network->settings, &network->loss, &network->metrics, &network->model);
  if (status != OK) {
    network_destroy(network);
    *out = NULL;
    return status;
  }
  network->parameters = NEW_ARRAY(real, network->model->map.length);
  model_initialize(network->model, 1, network->parameters);
  *out = network;
  return OK;
}

Network *network_create(const char *model_yaml, const char *loss_yaml) {
  Network *network;
  CHECK(network_try(model_yaml, loss_yaml, &network) == OK, "%s", status_message());
  return network;
}

void network_destroy(Network *network) {
  if (!network) return;
  model_destroy(network->model);
  memory_release(network->parameters);
  kind_setting_release(&network->loss);
  options_release(model_options, &network->settings);
  memory_release(network);
}

real *network_tensor(const Network *network, const char *layer, const char *name) {
  const ParameterMap *map = &network->model->map;
  for (size_t i = 0; i < map->n_tensors; i++) {
    const ParameterTensor *tensor = &map->tensors[i];
    if (strcmp(tensor->layer, layer) == 0 && strcmp(tensor->name, name) == 0) {
      return network->parameters + tensor->offset;
    }
  }
  fatal(__FILE__, __LINE__, "no tensor %s/%s", layer, name);
}

static void read_rows(const void *context, uint64_t first, size_t n, real *x, real *targets) {
  const ArrayRows *rows = context;
  size_t d = rows->input_width, t = rows->target_width;
  if (x) memcpy(x, rows->x + first * d, n * d * sizeof(real));
  if (targets) memcpy(targets, rows->targets + first * t, n * t * sizeof(real));
}

RowSource array_source(const ArrayRows *rows) {
  return (RowSource){.read = read_rows, .context = rows, .target_width = rows->target_width};
}

void fill_numbers(uint64_t seed, real low, real high, size_t count, real *out) {
  RandomStream stream = {.seed = seed, .purpose = RANDOM_DATA};
  random_fill_uniform(&stream, 0, 0, count, out);
  for (size_t i = 0; i < count; i++) out[i] = low + (high - low) * out[i];
}

ArrayRows class_samples_create(size_t count, size_t input_width, size_t n_classes) {
  real *x = NEW_ARRAY(real, count * input_width), *targets = NEW_ARRAY(real, count);
  fill_numbers(1, -1, 1, count * input_width, x);
  for (size_t i = 0; i < count; i++) targets[i] = (real)(i * 7 % 10 % n_classes);
  return (ArrayRows){.input_width = input_width, .target_width = 1, .x = x, .targets = targets};
}

void class_samples_release(ArrayRows *samples) {
  memory_release((void *)(uintptr_t)samples->x);
  memory_release((void *)(uintptr_t)samples->targets);
}

Batch network_batch(const Network *network, const ArrayRows *samples, uint64_t first, size_t n_rows,
                    size_t n_shards) {
  return (Batch){.parameters = network->parameters,
                 .n_rows = n_rows,
                 .n_shards = n_shards,
                 .seed = 3,
                 .epoch = 2,
                 .first_position = first,
                 .rows = array_source(samples)};
}

/* Relative above 0.1, ten times the absolute deviation below. */
static double deviation(real found, real expected) {
  double size = fmax(fabs((double)expected), 0.1);
  return found == expected ? 0 : fabs((double)found - (double)expected) / size;
}

void assert_near(const char *what, size_t count, const real *found, const real *expected,
                 double tolerance) {
  for (size_t i = 0; i < count; i++) {
    if (deviation(found[i], expected[i]) <= tolerance) continue;
    fail_msg("%s[%zu]: found %.9g, expected %.9g", what, i, (double)found[i], (double)expected[i]);
  }
}

void assert_same_bits(const char *what, size_t count, const real *found, const real *expected) {
  for (size_t i = 0; i < count; i++) {
    if (memcmp(&found[i], &expected[i], sizeof(real)) == 0) continue;
    fail_msg("%s[%zu]: found %a, expected %a", what, i, (double)found[i], (double)expected[i]);
  }
}

void assert_refused(Status found, Status expected, const char *words) {
  assert_int_equal(found, expected);
  if (!strstr(status_message(), words)) fail_msg("'%s' lacks '%s'", status_message(), words);
}
