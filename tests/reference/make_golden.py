#!/usr/bin/env python3
"""Write golden_*.h: expected values from implementations independent of Lockstep.

PyTorch gives activations, the dense layer, losses and whole training steps, in float64; Keras, on
TensorFlow and so with another automatic differentiation, must agree on activations and losses.
Keras gives optimizers, in float32 as it trains, and schedules, which a closed form must match.

header.py says how the inputs are rounded: each is exactly a float32.
"""
import math
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from header import Header, as_float32, draw, draw_distributions

MAKER = (f"tests/reference/make_golden.py with torch {torch.__version__.split('+')[0]}, "
         f"keras {keras.__version__}")
TOLERANCE = 1e-6


# ---- Two ways to differentiate ---------------------------------------------------------------


def with_torch(function, x, *others):
    """Value of the scalar or tensor function(x, *others), and its sum's gradient w.r.t. x."""
    x = torch.tensor(x, requires_grad=True)
    y = function(x, *(torch.tensor(o) for o in others))
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def with_keras(function, x, *others):
    """The same by TensorFlow's tape."""
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x, *(tf.constant(o) for o in others))
        total = tf.reduce_sum(y)
    return y.numpy(), tape.gradient(total, x).numpy()


def agreed(name, torch_function, keras_function, *inputs):
    """PyTorch's value and gradient, after checking that Keras has the same."""
    ours, theirs = with_torch(torch_function, *inputs), with_keras(keras_function, *inputs)
    for a, b in zip(ours, theirs):
        assert np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE), (name, np.abs(a - b).max())
    return ours


# ---- Activations -----------------------------------------------------------------------------

# Name: PyTorch's function, Keras's function.
ACTIVATIONS = {
    "linear": (lambda z: z * 1.0, keras.activations.linear),
    "relu": (F.relu, keras.activations.relu),
    "leaky_relu": (lambda z: F.leaky_relu(z, 0.2),
                   lambda z: keras.activations.leaky_relu(z, negative_slope=0.2)),
    "elu": (lambda z: F.elu(z, alpha=1.0), lambda z: keras.activations.elu(z, alpha=1.0)),
    "selu": (F.selu, keras.activations.selu),
    "gelu": (lambda z: F.gelu(z, approximate="none"),
             lambda z: keras.activations.gelu(z, approximate=False)),
    "silu": (F.silu, keras.activations.silu),
    "sigmoid": (torch.sigmoid, keras.activations.sigmoid),
    "tanh": (torch.tanh, keras.activations.tanh),
    "softplus": (F.softplus, keras.activations.softplus),
    "softmax": (lambda z: F.softmax(z, dim=-1), keras.activations.softmax),
}
ACTIVATION_NOTES = {
    "leaky_relu": "negative_slope 0.2", "elu": "alpha 1",
    "gelu": "the exact form z/2 (1 + erf(z/sqrt(2))), not the tanh approximation",
    "softmax": "over each row",
}


def write_activations():
    """Values y and gradients dz = d sum(dy * y) / dz, from -6 to 6 and close to 0."""
    rng = np.random.default_rng(1)
    z = draw(rng, -6, 6, 64)
    z[::8] = as_float32(np.array([0.001, -0.001, 0.012, -0.015, 0.1, -0.1, 6, -6]))
    z, dy = rng.permutation(z).reshape(8, 8), draw(rng, -1, 1, 8, 8)
    assert np.abs(z).min() > 0

    header = Header(MAKER, "activations", "y = f(z), dz = the gradient of sum(dy * y) w.r.t. z.")
    header.array("activation_z", z)
    header.array("activation_dy", dy)
    for name, (in_torch, in_keras) in ACTIVATIONS.items():
        y, _ = agreed(name, in_torch, in_keras, z)
        _, dz = agreed(name, lambda a, b: in_torch(a) * b, lambda a, b: in_keras(a) * b, z, dy)
        header.comment(": ".join(filter(None, [name, ACTIVATION_NOTES.get(name)])))
        header.array(f"activation_{name}_y", y)
        header.array(f"activation_{name}_dz", dz)
    header.write()


# ---- Dense -----------------------------------------------------------------------------------


def write_dense():
    """Forward and backward pass of one dense layer by torch.nn.functional.linear."""
    rng = np.random.default_rng(2)
    x, w, b = draw(rng, -2, 2, 5, 7), draw(rng, -1, 1, 7, 4), draw(rng, -1, 1, 4)
    dy = draw(rng, -1, 1, 5, 4)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    y = F.linear(tensors[0], tensors[1].T, tensors[2])
    y.backward(torch.tensor(dy))

    header = Header(MAKER, "dense", "y = x w + b, w stored (inputs, outputs) row-major;",
                    "dx, dw, db = the gradients of sum(dy * y).")
    for name, value in zip(("x", "w", "b", "dy", "y"), (x, w, b, dy, y.detach().numpy())):
        header.array(f"dense_{name}", value)
    for name, tensor in zip(("dx", "dw", "db"), tensors):
        header.array(f"dense_{name}", tensor.grad.numpy())
    header.write()


# ---- Losses ----------------------------------------------------------------------------------


def mean_of(keras_loss, **options):
    """The batch mean of a Keras loss, its arguments in our order (prediction, target)."""
    return lambda p, t: keras.ops.mean(keras_loss(t, p, **options))


def indices(target):
    """Class indices held as real numbers, as PyTorch's integers."""
    return target.to(torch.int64)


def renormalised(p):
    return p / p.sum(1, keepdim=True)


def soft_nll(p, t):
    """-sum_k t_k log p_k, batch mean, of rows renormalised to sum to 1."""
    return -(t * renormalised(p).log()).sum(1).mean()


def smooth(t, smoothing=0.1):
    return t * (1 - smoothing) + smoothing / t.shape[1]


def hinge(p, t):
    return torch.clamp(1 - (2 * t - 1) * p, min=0).mean()


def categorical_hinge(p, t):
    wrong, right = ((1 - t) * p).amax(1), (t * p).sum(1)
    return torch.clamp(1 + wrong - right, min=0).mean()


K = keras.losses
# Name: PyTorch's function and Keras's, both of (prediction, target), the inputs' kind, a formula.
LOSSES = {
    "mean_squared_error": (F.mse_loss, mean_of(K.mean_squared_error), "values", "mean e^2"),
    "half_mean_squared_error": (lambda p, t: F.mse_loss(p, t) / 2,
                                lambda p, t: mean_of(K.mean_squared_error)(p, t) / 2,
                                "values", "mean e^2 / 2"),
    "root_mean_squared_error": (lambda p, t: F.mse_loss(p, t).sqrt(),
                                lambda p, t: keras.ops.sqrt(mean_of(K.mean_squared_error)(p, t)),
                                "values", "sqrt(mean e^2), one root for the whole batch"),
    "mean_absolute_error": (F.l1_loss, mean_of(K.mean_absolute_error), "values", "mean |e|"),
    "huber_1": (lambda p, t: F.huber_loss(p, t, delta=1.0), mean_of(K.huber, delta=1.0),
                "values", "delta 1: e^2/2 where |e| <= delta, else delta |e| - delta^2/2"),
    "huber_0_5": (lambda p, t: F.huber_loss(p, t, delta=0.5), mean_of(K.huber, delta=0.5),
                  "values", "delta 0.5"),
    "binary_cross_entropy_probabilities": (
        F.binary_cross_entropy, mean_of(K.binary_crossentropy), "binary_probabilities",
        "prediction = probability, target 0/1"),
    "binary_cross_entropy_logits": (
        F.binary_cross_entropy_with_logits, mean_of(K.binary_crossentropy, from_logits=True),
        "binary_logits", "prediction = logit, target 0/1"),
    "categorical_cross_entropy_probabilities_index": (
        lambda p, t: F.nll_loss(renormalised(p).log(), indices(t)),
        mean_of(K.sparse_categorical_crossentropy), "index_probabilities",
        "target = class index; the gradient includes the renormalisation by the row sum"),
    "categorical_cross_entropy_probabilities_one_hot": (
        soft_nll, mean_of(K.categorical_crossentropy), "one_hot_probabilities",
        "target = one-hot; the gradient includes the renormalisation by the row sum"),
    "categorical_cross_entropy_probabilities_smoothing": (
        lambda p, t: soft_nll(p, smooth(t)),
        mean_of(K.categorical_crossentropy, label_smoothing=0.1), "one_hot_probabilities",
        "target = one-hot, label_smoothing 0.1: t (1 - s) + s/K; renormalised as above"),
    "categorical_cross_entropy_logits_index": (
        lambda p, t: F.cross_entropy(p, indices(t)),
        mean_of(K.sparse_categorical_crossentropy, from_logits=True), "index_logits",
        "prediction = logits, target = class index"),
    "categorical_cross_entropy_logits_one_hot": (
        F.cross_entropy, mean_of(K.categorical_crossentropy, from_logits=True), "one_hot_logits",
        "prediction = logits, target = one-hot"),
    "categorical_cross_entropy_logits_smoothing": (
        lambda p, t: F.cross_entropy(p, t, label_smoothing=0.1),
        mean_of(K.categorical_crossentropy, from_logits=True, label_smoothing=0.1),
        "one_hot_logits", "prediction = logits, target = one-hot, label_smoothing 0.1"),
    "hinge": (hinge, mean_of(K.hinge), "margin",
              "mean max(0, 1 - y p), y = 2 target - 1, target 0/1; sample 2 has no loss"),
    "categorical_hinge": (
        categorical_hinge, mean_of(K.categorical_hinge), "one_hot_margins",
        "max(0, 1 + max_k (1 - t_k) p_k - sum_k t_k p_k), mean over samples; sample 0 has no",
        "loss; in sample 1 the maximum is the 0 of the true class, so no other class has gradient"),
    "kl_divergence": (lambda p, t: F.kl_div(p.log(), t, reduction="batchmean"),
                      mean_of(K.kl_divergence), "distributions",
                      "sum_k t_k log(t_k / p_k), mean over samples; no renormalisation"),
}


def loss_inputs():
    """Prediction and target of every kind that LOSSES names."""
    rng = np.random.default_rng(3)
    index = np.array([2.0, 0.0, 3.0, 1.0, 0.0, 2.0])
    one_hot = np.eye(4)[index.astype(int)]
    binary = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]).reshape(6, 1)
    values, logits = draw(rng, -2, 2, 6, 4), draw(rng, -3, 3, 6, 4)
    probabilities = draw_distributions(rng, 6, 4)
    margins, margin = draw(rng, -2, 2, 6, 4), draw(rng, -0.9, 0.9, 6, 1)
    margins[:2] = as_float32(np.array([[0.4, -0.3, 1.9, 0.7], [-0.3, -0.6, -1.1, -0.2]]))
    margin[2] = as_float32(1.3)
    return {
        "values": (values, as_float32(values + draw(rng, -1.5, 1.5, 6, 4))),
        "binary_probabilities": (draw(rng, 0.05, 0.95, 6, 1), binary),
        "binary_logits": (draw(rng, -3, 3, 6, 1), binary),
        "index_probabilities": (probabilities, index),
        "one_hot_probabilities": (probabilities, one_hot),
        "index_logits": (logits, index),
        "one_hot_logits": (logits, one_hot),
        "margin": (margin, binary),
        "one_hot_margins": (margins, one_hot),
        "distributions": (probabilities, draw_distributions(rng, 6, 4)),
    }


def write_losses():
    """Batch mean of every loss, and its gradient w.r.t. the prediction."""
    inputs = loss_inputs()
    header = Header(
        MAKER, "losses",
        "value = the batch's loss, the mean over samples of Keras's per-sample loss;",
        "gradient = d value / d prediction, of the prediction's shape; e = prediction - target.")
    for name, (in_torch, in_keras, kind, *formula) in LOSSES.items():
        value, gradient = agreed(name, in_torch, in_keras, *inputs[kind])
        header.comment(f"{name}: {formula[0]}", *formula[1:])
        header.array(f"loss_{name}_prediction", inputs[kind][0])
        header.array(f"loss_{name}_target", inputs[kind][1])
        header.array(f"loss_{name}_value", value)
        header.array(f"loss_{name}_gradient", gradient)
    header.write()


# ---- One training step -----------------------------------------------------------------------

STEP_RATE = 0.1
# Name: loss in LOSSES, output activation, target in step_inputs().
STEP_LOSSES = {
    "mean_squared_error": ("mean_squared_error", "linear", "values"),
    "half_mean_squared_error": ("half_mean_squared_error", "linear", "values"),
    "root_mean_squared_error": ("root_mean_squared_error", "linear", "values"),
    "mean_absolute_error": ("mean_absolute_error", "linear", "values"),
    "huber_1": ("huber_1", "linear", "values"),
    "huber_0_5": ("huber_0_5", "linear", "values"),
    "binary_cross_entropy": ("binary_cross_entropy_probabilities", "sigmoid", "binary"),
    "categorical_cross_entropy_index": (
        "categorical_cross_entropy_probabilities_index", "softmax", "index"),
    "categorical_cross_entropy_one_hot": (
        "categorical_cross_entropy_probabilities_one_hot", "softmax", "one_hot"),
    "categorical_cross_entropy_smoothing": (
        "categorical_cross_entropy_probabilities_smoothing", "softmax", "one_hot"),
    "hinge": ("hinge", "tanh", "binary"),
    "categorical_hinge": ("categorical_hinge", "linear", "one_hot"),
    "kl_divergence": ("kl_divergence", "softmax", "distribution"),
}


def step_inputs():
    """Samples, initial parameters and the targets of every kind."""
    rng = np.random.default_rng(4)
    index = np.array([2.0, 0.0, 1.0, 1.0, 0.0, 2.0])
    return {
        "x": draw(rng, -1.5, 1.5, 6, 7),
        "w1": draw(rng, -0.8, 0.8, 7, 5), "b1": draw(rng, -0.5, 0.5, 5),
        "w2": draw(rng, -0.8, 0.8, 5, 3), "b2": draw(rng, -0.5, 0.5, 3),
        "target_values": draw(rng, -1.5, 1.5, 6, 3),
        "target_binary": np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0]).reshape(6, 1),
        "target_index": index,
        "target_one_hot": np.eye(3)[index.astype(int)],
        "target_distribution": draw_distributions(rng, 6, 3),
    }


def train_one_step(inputs, hidden, output, loss, target):
    """Loss before the update, and w1, b1, w2, b2 after it, as one flat array."""
    target = inputs[f"target_{target}"]
    outputs = target.shape[1] if target.ndim == 2 else 3
    initial = (inputs["w1"], inputs["b1"], inputs["w2"][:, :outputs], inputs["b2"][:outputs])
    w1, b1, w2, b2 = parameters = [torch.tensor(p, requires_grad=True) for p in initial]

    z = torch.tensor(inputs["x"]) @ w1 + b1
    assert z.abs().min() > 1e-3, "a hidden unit sits on relu's kink"
    prediction = ACTIVATIONS[output][0](ACTIVATIONS[hidden][0](z) @ w2 + b2)
    value = LOSSES[loss][0](prediction, torch.tensor(target))
    value.backward()
    after = [(p - STEP_RATE * p.grad).detach().numpy().ravel() for p in parameters]
    return value.item(), np.concatenate(after)


def write_step():
    """One step for every hidden activation, then for every loss."""
    inputs = step_inputs()
    header = Header(
        MAKER, "step", "One step of plain SGD, learning rate 0.1, full batch of 6:",
        "x (6,7) -> dense 5, activation A -> dense 3 (or 1), activation B -> loss.",
        "after = w1, b1, w2, b2 one after the other, 58 values; with one output 46, where the",
        "initial w2 is the first column of step_w2 and b2 is step_b2[0]. loss = before the step.")
    for name, value in inputs.items():
        header.array(f"step_{name}", value)
    cases = {name: (name, "linear", "mean_squared_error", "values") for name in ACTIVATIONS}
    for name, (loss, output, target) in STEP_LOSSES.items():
        cases[name] = ("tanh", output, loss, target)
    for name, (hidden, output, loss, target) in cases.items():
        value, after = train_one_step(inputs, hidden, output, loss, target)
        header.comment(f"{name}: A {hidden}, B {output}, {loss},", f"step_target_{target}")
        header.array(f"step_{name}_loss", value)
        header.array(f"step_{name}_after", after)
    header.write()


# ---- Optimizers ------------------------------------------------------------------------------

OPTIMIZERS = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.01}),
    "sgd_momentum": (keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.9}),
    "sgd_nesterov": (keras.optimizers.SGD,
                     {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
    "sgd_weight_decay": (keras.optimizers.SGD, {"learning_rate": 0.1, "weight_decay": 0.1}),
    "sgd_clip_value": (keras.optimizers.SGD, {"learning_rate": 0.1, "clipvalue": 0.5}),
    "sgd_clip_norm": (keras.optimizers.SGD, {"learning_rate": 0.1, "global_clipnorm": 1.0}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
    "rmsprop_learning_rate": (keras.optimizers.RMSprop, {"learning_rate": 0.1}),
    "rmsprop_momentum": (keras.optimizers.RMSprop, {"learning_rate": 0.01, "momentum": 0.9}),
    "rmsprop_centered": (keras.optimizers.RMSprop,
                         {"learning_rate": 0.01, "momentum": 0.9, "centered": True}),
    "adagrad": (keras.optimizers.Adagrad, {}),
    "adagrad_learning_rate": (keras.optimizers.Adagrad, {"learning_rate": 0.1}),
    "adam": (keras.optimizers.Adam, {}),
    "adam_learning_rate": (keras.optimizers.Adam, {"learning_rate": 0.1}),
    "adam_beta_2": (keras.optimizers.Adam, {"learning_rate": 0.1, "beta_2": 0.9}),
    "adam_amsgrad": (keras.optimizers.Adam,
                     {"learning_rate": 0.1, "beta_2": 0.9, "amsgrad": True}),
    "adam_weight_decay": (keras.optimizers.Adam, {"learning_rate": 0.1, "weight_decay": 0.1}),
    "adamw": (keras.optimizers.AdamW, {}),
    "adamw_learning_rate": (keras.optimizers.AdamW, {"learning_rate": 0.1}),
}
SHOWN = ("learning_rate", "momentum", "nesterov", "rho", "centered", "initial_accumulator_value",
         "beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay", "clipvalue", "global_clipnorm")


def optimizer_inputs():
    """Initial weights and five gradients, with the cases that tell update rules apart.

    Step 2 is small (global norm below 1), element 0 never has a gradient, and elements 1 and 2 have
    gradients whose squares are near epsilon.
    """
    rng = np.random.default_rng(5)
    w0, g = draw(rng, -1, 1, 24), draw(rng, -1.5, 1.5, 5, 24)
    g[2] = as_float32(0.1 * g[2])
    g[:, 0] = 0
    g[:, 1:3] = as_float32(np.array([[0.001, -0.002]] * 5))
    norms = np.linalg.norm(g, axis=1)
    assert norms[2] < 0.9 and (np.delete(norms, 2) > 2).all()
    return w0.astype(np.float32), g.astype(np.float32)


def run_optimizer(optimizer, w0, gradients):
    """Weights after every step, held in two variables so that a global norm is a global one."""
    split = 10
    variables = [keras.Variable(w0[:split]), keras.Variable(w0[split:])]
    after = []
    for g in gradients:
        optimizer.apply([tf.constant(g[:split]), tf.constant(g[split:])], variables)
        after.append(np.concatenate([v.numpy() for v in variables]))
    return np.array(after)


def write_optimizers():
    """The weights after each of five steps of every optimizer case, by Keras in float32."""
    w0, g = optimizer_inputs()
    header = Header(
        MAKER, "optimizers",
        "w = 24 weights after each of 5 steps from w0 with the gradients g.",
        "Keras in float32; options that are off are left out, clipping comes before weight decay.",
        "Step 2 has a global norm below 1, w[0] no gradient, w[1] and w[2] tiny ones.")
    header.array("optimizer_w0", w0)
    header.array("optimizer_g", g)
    results = {}
    for name, (kind, options) in OPTIMIZERS.items():
        optimizer = kind(**options)
        config = optimizer.get_config()
        results[name] = run_optimizer(optimizer, w0, g)
        settings = ", ".join(f"{k} {config[k]:.6g}" if isinstance(config[k], float)
                             else f"{k} {config[k]}"
                             for k in SHOWN if config.get(k) not in (None, False))
        header.comment(f"{name}: {kind.__name__},", settings)
        header.array(f"optimizer_{name}_w", results[name])
    assert np.abs(results["adam_amsgrad"] - results["adam_beta_2"]).max() > 1e-2
    header.write()


# ---- Schedules -------------------------------------------------------------------------------

S = keras.optimizers.schedules
ONE = np.float64(1)  # makes Keras compute the schedule in float64
# Name: Keras's schedule, the factor restated with math, the hyper-parameters.
SCHEDULES = {
    "cosine": (S.CosineDecay(ONE, decay_steps=20, alpha=0.1),
               lambda s: cosine(s), "CosineDecay, decay_steps 20, alpha 0.1"),
    "cosine_warmup": (S.CosineDecay(0 * ONE, decay_steps=20, alpha=0.1, warmup_target=ONE,
                                    warmup_steps=10),
                      lambda s: s / 10 if s < 10 else cosine(s - 10),
                      "CosineDecay, decay_steps 20, alpha 0.1, warmup_steps 10 from 0 to 1"),
    "exponential": (S.ExponentialDecay(ONE, decay_steps=10, decay_rate=0.5),
                    lambda s: 0.5 ** (s / 10),
                    "ExponentialDecay, decay_steps 10, decay_rate 0.5"),
    "exponential_staircase": (
        S.ExponentialDecay(ONE, decay_steps=10, decay_rate=0.5, staircase=True),
        lambda s: 0.5 ** (s // 10), "ExponentialDecay, decay_steps 10, decay_rate 0.5, staircase"),
    "polynomial": (
        S.PolynomialDecay(ONE, decay_steps=20, end_learning_rate=0.1, power=2.0),
        lambda s: 0.9 * (1 - min(s, 20) / 20) ** 2 + 0.1,
        "PolynomialDecay, decay_steps 20, end_learning_rate 0.1, power 2"),
}
SCHEDULE_STEPS = [0, 1, 5, 9, 10, 11, 15, 20, 25, 29, 30, 31, 50, 100]


def cosine(step):
    """Cosine from 1 to 0.1 over 20 steps, then flat."""
    return 0.9 * 0.5 * (1 + math.cos(math.pi * min(step, 20) / 20)) + 0.1


def write_schedules():
    """Learning rates by Keras with the initial (or warmed-up) rate 1, checked by formula."""
    header = Header(
        MAKER, "schedules", "The learning rate at schedule_steps (steps count from 0), where",
        "the initial rate, or the one after the warm-up, is 1.")
    header.array("schedule_steps", SCHEDULE_STEPS)
    for name, (schedule, formula, settings) in SCHEDULES.items():
        rates = np.array([float(schedule(step)) for step in SCHEDULE_STEPS])
        expected = [formula(step) for step in SCHEDULE_STEPS]
        assert np.allclose(rates, expected, rtol=0, atol=TOLERANCE), (name, rates, expected)
        header.comment(f"{name}: {settings}")
        header.array(f"schedule_{name}", rates)
    header.write()


if __name__ == "__main__":
    write_activations()
    write_dense()
    write_losses()
    write_step()
    write_optimizers()
    write_schedules()
