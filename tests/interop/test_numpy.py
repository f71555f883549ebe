"""NumPy reads Lockstep's .npz, and Lockstep begins from NumPy's.

usage: test_numpy.py LOCKSTEP
"""

import numpy
from network import Network, check_near

LAYERS = ("[flatten, {dense: {units: 8, activation: tanh}}, {dropout: 0.2}, "
          "{dense: {units: 3, activation: softmax}}]")


def outputs_of(weights, network):
    """The network by hand, in float64."""
    x = network.inputs().reshape(len(network.samples), -1).astype("float64")
    hidden = numpy.tanh(x @ weights["dense/kernel"] + weights["dense/bias"])
    z = hidden @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    shares = numpy.exp(z - z.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def check_reading(network):
    expected = network.predict(network.train())
    with numpy.load(network.export("npz", ".npz")) as file:
        weights = {name: file[name] for name in file.files}
    check_near("NumPy loads .npz", outputs_of(weights, network), expected)
    return weights


def check_writing(network, weights):
    random = numpy.random.default_rng(4)
    weights = {name: random.normal(size=array.shape) for name, array in weights.items()}
    expected = outputs_of({k: v.astype("float32") for k, v in weights.items()}, network)
    forms = {
        "float64": lambda a: a,
        "big-endian": lambda a: a.astype(">f4"),
        "column-major": lambda a: numpy.asfortranarray(a.astype("float32")),
    }
    path = network.folder / "written.npz"
    for name, form in forms.items():
        for save in (numpy.savez, numpy.savez_compressed):
            arrays = {key: form(array) for key, array in weights.items()}
            save(path, **dict(reversed(arrays.items())))
            check_near(f"a run begins from {name} arrays by name ({save.__name__})",
                       network.predict(network.begin(path)), expected)
            save(path, *arrays.values())
            check_near(f"a run begins from {name} arrays by order ({save.__name__})",
                       network.predict(network.begin(path)), expected)


if __name__ == "__main__":
    made = Network(LAYERS)
    check_writing(made, check_reading(made))
