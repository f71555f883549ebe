"""MNIST in Keras 3: `fit` on arrays in memory, on Keras's default backend."""
import os
import time

import peer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402  (TensorFlow reads the variable when it is imported)


class Reporter(keras.callbacks.Callback):
    """Times and reports every epoch; compiling falls into the first one."""

    def on_epoch_begin(self, epoch, logs=None):
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        peer.report(epoch + 1, time.perf_counter() - self.begin, logs["loss"])


def build_model(widths, optimizer):
    """A compiled Sequential model that ends in logits. Glorot and zeros are Keras's defaults."""
    hidden = [keras.layers.Dense(width, activation="relu") for width in widths[1:-1]]
    model = keras.Sequential([keras.Input((widths[0],)), *hidden, keras.layers.Dense(widths[-1])])
    kinds = {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop,
             "adam": keras.optimizers.Adam}
    model.compile(
        optimizer=kinds[optimizer](peer.LEARNING_RATES[optimizer]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def main():
    """Fit so many epochs."""
    arguments = peer.parse_arguments(__doc__)
    peer.require_one_rank(arguments)
    peer.limit_cores(arguments.threads)
    inputs, labels = peer.load_mnist("int32")
    # No seed: with Keras's set, `fit` on TensorFlow takes the same order of samples in every epoch.
    model = build_model(arguments.layers, arguments.optimizer)
    model.fit(inputs, labels, batch_size=arguments.batch, epochs=arguments.epochs, verbose=0,
              callbacks=[Reporter()])


if __name__ == "__main__":
    main()
