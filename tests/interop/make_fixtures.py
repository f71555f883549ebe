#!/usr/bin/env python3
"""Writes tests/interop/fixtures/: one small network as its own tools save it.

Run by hand in the environment that tests/interop/setup makes; the files are in the repository, so
that `make test` needs neither Python nor these tools. Weights and samples are a function of the
seed; the outputs are Keras's.
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy  # noqa: E402
import safetensors.torch  # noqa: E402
import tf_keras  # noqa: E402
import torch  # noqa: E402

FOLDER = Path(__file__).parent / "fixtures"
WIDTHS = [3, 5, 4, 2]
random = numpy.random.default_rng(1)


def make_weights():
    """Kernel and bias of each layer, float32."""
    weights = []
    for inputs, outputs in zip(WIDTHS, WIDTHS[1:]):
        weights.append(random.normal(size=(inputs, outputs)).astype("float32"))
        weights.append(random.normal(size=outputs).astype("float32"))
    return weights


def keras_model(library, weights):
    """The network in Keras 3 or tf_keras, with names that sort in another order than they come."""
    layers = library.layers
    model = library.Sequential(
        [
            layers.Input((WIDTHS[0],)),
            layers.Dense(WIDTHS[1], activation="tanh", name="second"),
            layers.Dropout(0.5),
            layers.Dense(WIDTHS[2], activation="gelu", name="first"),
            layers.Dense(WIDTHS[3], activation="softmax", name="last"),
        ]
    )
    model.set_weights(weights)
    return model


def torch_model(weights):
    nn = torch.nn
    model = nn.Sequential(
        nn.Linear(WIDTHS[0], WIDTHS[1]),
        nn.Tanh(),
        nn.Dropout(0.5),
        nn.Linear(WIDTHS[1], WIDTHS[2]),
        nn.GELU(),
        nn.Linear(WIDTHS[2], WIDTHS[3]),
    )
    linears = [module for module in model if isinstance(module, nn.Linear)]
    for linear, kernel, bias in zip(linears, weights[::2], weights[1::2]):
        linear.weight.data = torch.tensor(kernel.T.copy())
        linear.bias.data = torch.tensor(bias)
    return model


def write_samples(model):
    samples = random.normal(size=(20, WIDTHS[0])).astype("float32")
    outputs = model.predict(samples, verbose=0)
    numpy.savetxt(FOLDER / "samples.csv", samples, "%.9g", ",", header="a,b,c", comments="")
    numpy.savetxt(FOLDER / "outputs.csv", outputs, "%.9g", ",", header="p,q", comments="")


def write_keras(weights):
    model = keras_model(keras, weights)
    model.save(FOLDER / "keras3.h5")
    model.save(FOLDER / "keras3.keras")
    model.save_weights(FOLDER / "keras3.weights.h5")
    write_samples(model)

    older = keras_model(tf_keras, weights)
    older.save(FOLDER / "tf_keras.h5")
    older.save_weights(FOLDER / "tf_keras_weights.h5")


def write_torch(weights):
    state = torch_model(weights).state_dict()
    safetensors.torch.save_file(state, FOLDER / "torch.safetensors")
    numpy.savez(FOLDER / "torch.npz", **{name: values.numpy() for name, values in state.items()})


def write_numpy(weights):
    """The same numbers as float64, big-endian and column by column; and deflated."""
    forms = [lambda a: a.astype("<f8"), lambda a: a.astype(">f4"), numpy.asfortranarray]
    arrays = [forms[i % len(forms)](array) for i, array in enumerate(weights)]
    numpy.savez(FOLDER / "numpy.npz", *arrays)
    names = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias", "dense_2/kernel",
             "dense_2/bias"]
    by_name = dict(zip(names, weights))
    numpy.savez_compressed(FOLDER / "numpy_names.npz", **dict(reversed(by_name.items())))


def write_types():
    """0 to 5 as every type, in both orders of bytes and of elements, in all versions."""
    numbers = numpy.arange(6).reshape(2, 3)
    arrays = {}
    for code in ["|u1", "|i1", "|b1"] + [o + c for o in "<>" for c in "i2 i4 i8 f4 f8".split()]:
        values = (numbers > 2) if code == "|b1" else numbers
        arrays[f"rows {code[1:]} {'big' if code[0] == '>' else 'little'}"] = values.astype(code)
        arrays[f"columns {code[1:]} {'big' if code[0] == '>' else 'little'}"] = (
            numpy.asfortranarray(values.astype(code)))
    numpy.savez_compressed(FOLDER / "types.npz", **arrays)
    for version in (1, 2, 3):
        with open(FOLDER / f"version_{version}.npy", "wb") as file:
            numpy.lib.format.write_array(file, numbers.astype("float32"), (version, 0))
    numpy.save(FOLDER / "objects.npy", numpy.array([{}, None], dtype=object))
    numpy.save(FOLDER / "half.npy", numbers.astype("float16"))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    made = make_weights()
    write_keras(made)
    write_torch(made)
    write_numpy(made)
    write_types()
