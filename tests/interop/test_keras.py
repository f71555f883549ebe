"""Keras 3 and tf_keras read Lockstep's checkpoints and exports, and Lockstep begins from theirs.

usage: test_keras.py LOCKSTEP
"""

from network import Network, check_moves, check_near  # first: it chooses Keras's backend

import keras
import tf_keras

LIBRARIES = {"Keras 3": keras, "tf_keras": tf_keras}


def build(library):
    """The network of network.py, with weights of its own."""
    layers = library.layers
    return library.Sequential(
        [
            layers.Input((2, 3)),
            layers.Flatten(),
            layers.Dense(8, activation="tanh", name="one"),
            layers.Dropout(0.2),
            layers.Dense(7, use_bias=False, name="another"),
            layers.Activation("gelu"),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )


def outputs_of(model, network):
    return model.predict(network.inputs(), verbose=0)


def check_reading(network):
    checkpoint = network.train()
    expected = network.predict(checkpoint)
    weights = network.export("keras-weights", ".weights.h5")
    for name, library in LIBRARIES.items():
        model = library.models.load_model(checkpoint, compile=False)
        check_near(f"{name} loads a checkpoint", outputs_of(model, network), expected)
        fresh = build(library)
        check_moves(name, outputs_of(fresh, network), expected)
        fresh.load_weights(weights)
        check_near(f"{name} loads .weights.h5", outputs_of(fresh, network), expected)


def check_writing(network, name, model):
    """A run begins from a model as its library saves it."""
    expected = outputs_of(model, network)
    for ending in (".h5", ".keras", ".weights.h5"):
        path = network.folder / f"written{ending}"
        (model.save_weights if ending == ".weights.h5" else model.save)(path)
        check_near(f"a run begins from {name}'s {ending}", network.predict(network.begin(path)),
                   expected)


def check_legacy_weights(network):
    model = build(tf_keras)
    path = network.folder / "weights.h5"
    model.save_weights(path)
    check_near("a run begins from weights alone of tf_keras", network.predict(network.begin(path)),
               outputs_of(model, network))


if __name__ == "__main__":
    made = Network()
    check_reading(made)
    check_legacy_weights(made)
    for title, keras_of_some_age in LIBRARIES.items():
        fresh = build(keras_of_some_age)
        check_writing(made, title, fresh)
        # Training leaves the state of an optimizer in the files.
        fresh.compile("adam", "mse")
        fresh.fit(made.inputs(), 0 * outputs_of(fresh, made), verbose=0)
        check_writing(made, f"{title}, trained,", fresh)
