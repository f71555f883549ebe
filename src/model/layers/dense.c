/* Dense layer: every output is a weighted sum of all inputs.
 *
 * Formula     z[n,m] = sum_d x[n,d] w[d,m] + b[m],   y = activation(z)
 *             dx[n,d] = sum_m dz[n,m] w[d,m],   dw[d,m] = sum_n x[n,d] dz[n,m],
 *             db[m] = sum_n dz[n,m]
 * Source      Goodfellow, Bengio, Courville 2016, eq. 6.3 and algorithm 6.4
 * Shapes      x (N,D)   w (D,M) row-major, as Keras's kernels   b (M)   y, z (N,M)
 */

#include "math/elementwise.h"
#include "math/product.h"
#include "model/layer.h"

typedef struct DenseOptions {
  LayerOptions common;
  int64_t units;
  KindSetting activation;
  bool use_bias;
  KindSetting kernel_initializer;
  KindSetting bias_initializer;
} DenseOptions;

enum { KERNEL, BIAS };

static const DenseOptions *options_of(const Layer *layer) {
  return layer->setting->options;
}

static Status shape(Layer *layer, ParameterMap *map) {
  const DenseOptions *options = options_of(layer);
  size_t d = layer->input_width, m = (size_t)options->units;
  if (layer->input.n_dims != 1) {
    char found[SHAPE_TEXT_BYTES];
    return fail(ERR_CONFIG,
                "%s: %s takes a plain number of inputs, found the shape %s; put a "
                "flatten layer before it",
                layer->setting->place, layer->name, shape_text(&layer->input, found));
  }

  layer->output = (Shape){1, {m}};
  layer->activation = &options->activation;
  LayerTensor kernel = {.initializer = &options->kernel_initializer, .fan_in = d, .fan_out = m};
  layer_add_tensor(layer, map, "kernel", (Shape){2, {d, m}}, &kernel);
  if (options->use_bias) {
    LayerTensor bias = {.initializer = &options->bias_initializer, .fan_in = d, .fan_out = m};
    layer_add_tensor(layer, map, "bias", (Shape){1, {m}}, &bias);
  }
  if (activation_needs_input(layer->activation)) layer->cache_width = m;
  return OK;
}

static const real *bias_of(const Layer *layer, const LayerPass *pass) {
  return layer->n_tensors > BIAS ? pass->parameters + layer->tensors[BIAS].offset : NULL;
}

static void forward(const Layer *layer, const LayerPass *pass) {
  size_t d = layer->input_width, m = layer->output_width;
  real *z = layer->cache_width ? pass->cache : pass->y;
  product_forward(pass->program, d, m, pass->x, pass->parameters + layer->tensors[KERNEL].offset,
                  bias_of(layer, pass), z, pass->scratch);
  activation_forward(layer->activation, pass->n_rows, m, z, pass->y);
}

static void input_gradient(const Layer *layer, const LayerPass *pass) {
  size_t d = layer->input_width, m = layer->output_width;
  activation_backward(layer->activation, pass->n_rows, m, pass->cache, pass->y, pass->dy);
  if (pass->dx) {
    const real *w = pass->parameters + layer->tensors[KERNEL].offset;
    product_input_gradient(pass->program, d, m, pass->dy, w, pass->dx, pass->scratch);
  }
}

static WeightProduct product_of(const Layer *layer, const LayerPass *pass) {
  return (WeightProduct){.program = pass->program,
                         .d = layer->input_width,
                         .m = layer->output_width,
                         .x = pass->x,
                         .dy = pass->dy,
                         .scratch = pass->scratch};
}

static void begin_gradient(const Layer *layer, const LayerPass *pass) {
  WeightProduct product = product_of(layer, pass);
  product_weight_begin(&product);
}

static void tensor_gradient(const Layer *layer, const LayerPass *pass, const TensorRows *rows,
                            bool accumulate, real *gradient) {
  if (rows->tensor == KERNEL) {
    WeightProduct product = product_of(layer, pass);
    product_weight_rows(&product, rows->rows, accumulate, gradient);
  } else {
    rows_sum(pass->program, layer->output_width, rows->rows, pass->dy, accumulate, gradient);
  }
}

static size_t scratch(const Layer *layer, size_t n_rows) {
  return product_scratch(n_rows, layer->input_width, layer->output_width);
}

static void keras_config(const Layer *layer, Json *config) {
  json_put_whole(config, "units", options_of(layer)->units);
  json_put_bool(config, "use_bias", options_of(layer)->use_bias);
}

/* y = x w + b, both as they are stored. */
static OnnxValue onnx(const Layer *layer, OnnxGraph *graph, OnnxValue x, const OnnxValue *tensors) {
  OnnxValue bias = layer->n_tensors > BIAS ? tensors[BIAS] : NULL;
  return onnx_add_ternary(graph, "Gemm", x, tensors[KERNEL], bias);
}

static void torch(const Layer *layer, Text *module) {
  text_append(module, "Linear(%zu, %zu%s)", layer->input_width, layer->output_width,
              layer->n_tensors > BIAS ? "" : ", bias=False");
}

static const Option options[] = {
    LAYER_OPTIONS,
    {.key = "units",
     .type = OPTION_INT,
     .offset = offsetof(DenseOptions, units),
     .min = 1,
     .max = 16777216,
     .help = "number of outputs M"},
    {.key = "activation",
     .type = OPTION_KIND,
     .offset = offsetof(DenseOptions, activation),
     .fallback = "linear",
     .kinds = &activation_kinds,
     .help = "applied to the weighted sums"},
    {.key = "use_bias",
     .type = OPTION_BOOL,
     .offset = offsetof(DenseOptions, use_bias),
     .fallback = "true",
     .help = "add a bias to every output"},
    {.key = "kernel_initializer",
     .type = OPTION_KIND,
     .offset = offsetof(DenseOptions, kernel_initializer),
     .fallback = "glorot_uniform",
     .kinds = &initializer_kinds,
     .help = "initial weights"},
    {.key = "bias_initializer",
     .type = OPTION_KIND,
     .offset = offsetof(DenseOptions, bias_initializer),
     .fallback = "zeros",
     .kinds = &initializer_kinds,
     .help = "initial biases"},
    {.key = NULL},
};

const LayerKind dense_layer = {
    .kind = {.name = "dense",
             .summary = "weighted sums of all inputs, plus a bias, through an activation",
             .options = options,
             .options_size = sizeof(DenseOptions),
             .short_option = "units"},
    .shape = shape,
    .forward = forward,
    .input_gradient = input_gradient,
    .begin_gradient = begin_gradient,
    .tensor_gradient = tensor_gradient,
    .scratch = scratch,
    .keras_class = "Dense",
    .keras_config = keras_config,
    .onnx = onnx,
    .torch = torch,
};
