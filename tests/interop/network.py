"""What the tests of this folder share: a small run of Lockstep, its exports, its predictions."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

# Keras 3 computes with PyTorch, which is there anyway; to be said before Keras is imported.
os.environ["KERAS_BACKEND"] = "torch"

WIDTH, CLASSES = 6, 3
TOLERANCE = 1e-6  # on outputs between 0 and 1

# A layer of every kind; `data.scale` belongs to the data, so inputs are divided by it here.
SCALE = 2
LAYERS = (
    "[flatten, {dense: {units: 8, activation: tanh}}, {dropout: 0.2}, "
    "{dense: {units: 7, use_bias: false}}, {activation: gelu}, "
    "{dense: {units: 3, activation: softmax}}]"
)


class Network:
    """A folder with a configuration, samples, and what Lockstep makes of them."""

    def __init__(self, layers=LAYERS, loss="categorical_cross_entropy", rule="null"):
        self.lockstep = sys.argv[1]
        self._made = tempfile.TemporaryDirectory()  # lives as long as the object
        self.folder = Path(self._made.name)
        random = numpy.random.default_rng(3)
        classes = random.integers(CLASSES, size=200)
        self.samples = random.normal(size=(200, WIDTH)) + classes[:, None]
        self.samples = self.samples.astype("float32")
        self._write_csv("inputs.csv", self.samples, None)
        self._write_csv("train.csv", self.samples, classes)
        self.config = self.folder / "net.yaml"
        self.config.write_text(
            f"model: {{input: [2, {WIDTH // 2}], layers: {layers}}}\n"
            f"loss: {loss}\n"
            "optimizer: {name: adam, learning_rate: 0.02}\n"
            f"data: {{scale: {SCALE}, target_rule: {rule}, "
            "train: {format: csv, inputs: train.csv, target: class}}\n"
            "training: {epochs: 2, batch_size: 32}\n"
            "report: {curves: false}\n"
        )

    def _write_csv(self, name, samples, classes):
        names = [f"x{i}" for i in range(WIDTH)] + ([] if classes is None else ["class"])
        columns = samples if classes is None else numpy.column_stack([samples, classes])
        numpy.savetxt(self.folder / name, columns, "%.9g", ",", header=",".join(names), comments="")

    def run(self, *words):
        done = subprocess.run([self.lockstep, *map(str, words)], capture_output=True, text=True,
                              timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"lockstep {words}: {done.stderr}")
        return done.stdout

    def train(self):
        """Trains, and returns the newest checkpoint."""
        self.run("train", self.config, "--out", self.folder / "run", "--force", "--quiet")
        return self.folder / "run/checkpoints/last.h5"

    def begin(self, path):
        """A checkpoint of the parameters in a file of another program, not trained."""
        self.run("train", self.config, "--out", self.folder / "run", "--force", "--quiet",
                 "--init", path, "--set", "training.epochs=0")
        return self.folder / "run/checkpoints/last.h5"

    def export(self, format_name, ending):
        path = self.folder / f"model{ending}"
        self.run("export", self.folder / "run", "--to", format_name, "--output", path)
        return path

    def predict(self, checkpoint):
        """The outputs of a checkpoint's model for the samples, (N, M)."""
        text = self.run("predict", checkpoint, "--input", self.folder / "inputs.csv")
        header, *rows = text.splitlines()
        first = 2 if header.split(",")[1] == "class" else 1
        return numpy.array([[float(cell) for cell in row.split(",")[first:]] for row in rows])

    def inputs(self):
        """The samples as the model sees them, (N, 2, 3)."""
        return (self.samples / numpy.float32(SCALE)).reshape(-1, 2, WIDTH // 2)


def check_near(name, found, expected):
    """Ends the test unless two arrays of outputs agree."""
    distance = numpy.abs(numpy.asarray(found, "float64").reshape(expected.shape) - expected).max()
    if not distance <= TOLERANCE:
        sys.exit(f"not ok - {name}: {distance:.3g} apart")
    print(f"ok - {name}: {distance:.1e} apart")


def check_moves(name, found, expected):
    """Ends the test if two arrays of outputs agree: then what is tried could not fail."""
    if numpy.abs(numpy.asarray(found).reshape(expected.shape) - expected).max() < 1e-3:
        sys.exit(f"not ok - {name}: the outputs agree from the start")
