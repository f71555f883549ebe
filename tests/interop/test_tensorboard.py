"""What TensorBoard reads in the event files of a run: Keras's tags and steps, the numbers of
metrics.csv and of the checkpoint, and nothing twice after a kill.

usage: python3 tests/interop/test_tensorboard.py LOCKSTEP_BINARY        (needs tensorboard)
"""

import csv
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_accumulator import (
    EventAccumulator as PluginEventAccumulator,
)
from tensorboard.util.tensor_util import make_ndarray

CONFIG = """
model:
  input: 2
  layers: [{dense: {units: 8, activation: tanh}}, {dense: {units: 3, activation: softmax}}]
loss: categorical_cross_entropy
optimizer: {name: adam, learning_rate: 0.02, schedule: {cosine: {decay_steps: 400}}}
data:
  train: {format: csv, inputs: blobs.csv, target: class}
  validation: {split: 0.25}
training: {epochs: 6, batch_size: 32, shards: 4}
report: {curves: false, tensorboard: true, histogram_every: 2, noise_every: 15}
"""

# Elements of each tensor of the network.
TENSORS = {"dense/kernel_0": 16, "dense/bias_0": 8, "dense_1/kernel_0": 24, "dense_1/bias_0": 3}
ALL = {"size_guidance": {"scalars": 0, "histograms": 0, "tensors": 0}}


def write_inputs(folder):
    rows = ["x,y,class"]
    for i in range(400):
        noise = math.sin(i * 12.9898) * 43758.5453 % 1
        rows.append(f"{noise + i % 3},{2 * noise - i % 3},{i % 3}")
    (folder / "blobs.csv").write_text("\n".join(rows) + "\n")
    (folder / "run.yaml").write_text(CONFIG)


def command(lockstep, folder, name, *words):
    return [lockstep, "train", str(folder / "run.yaml"), "--out", str(folder / name), "-q", *words]


def train(*arguments):
    subprocess.run(command(*arguments), check=True, timeout=120)


def load(run, part, accumulator=EventAccumulator):
    events = accumulator(str(run / "tensorboard" / part), **ALL)
    events.Reload()
    return events


def metrics_of(run):
    """The rows of metrics.csv; a value that is absent is missing."""
    with open(run / "metrics.csv", newline="") as file:
        return [
            {name: float(value) for name, value in row.items() if value}
            for row in csv.DictReader(file)
        ]


def as_float(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def check_scalars(run, n_epochs):
    """Every number of metrics.csv once, at the steps 0, 1, ..."""
    rows = metrics_of(run)
    assert [row["epoch"] for row in rows] == list(range(1, n_epochs + 1)), rows
    expected = {"train": {}, "validation": {}}
    for column in set().union(*rows) - {"epoch", "step", "seconds"}:
        part = "validation" if column.startswith("val_") else "train"
        tag = "epoch_" + column.removeprefix("val_")
        expected[part][tag] = [(i, row[column]) for i, row in enumerate(rows) if column in row]
    assert {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"} <= set(expected["train"])
    assert len(expected["train"]["epoch_loss"]) == n_epochs
    assert set(expected["validation"]) == {"epoch_loss", "epoch_accuracy"}
    for part, tags in expected.items():
        events = load(run, part)
        assert set(events.Tags()["scalars"]) == set(tags), events.Tags()
        for tag, values in tags.items():
            scalars = events.Scalars(tag)
            assert [scalar.step for scalar in scalars] == [step for step, _ in values], tag
            for scalar, (_, value) in zip(scalars, values):
                close = math.isclose(scalar.value, as_float(value), rel_tol=1e-6)
                assert close, (tag, scalar, value)
            times = [scalar.wall_time for scalar in scalars]
            assert times == sorted(times) and abs(times[-1] - time.time()) < 600, times


def check_histograms(run, n_epochs):
    """Of every tensor and its gradient, after every second epoch, with all its elements."""
    events, steps = load(run, "train"), list(range(1, n_epochs, 2))
    expected = {f"{name}{kind}/histogram" for name in TENSORS for kind in ("", "_grad")}
    assert set(events.Tags()["histograms"]) == expected, events.Tags()
    for name, count in TENSORS.items():
        for kind in ("", "_grad"):
            found = events.Histograms(f"{name}{kind}/histogram")
            assert [histogram.step for histogram in found] == steps, (name, found)
            for histogram in found:
                check_buckets(histogram.histogram_value, count)


def check_buckets(value, count):
    assert value.num == count and sum(value.bucket) == count, value
    assert len(value.bucket) == len(value.bucket_limit) == 30
    width = (value.max - value.min) / 30
    for i, limit in enumerate(value.bucket_limit):
        assert math.isclose(limit, value.min + (i + 1) * width, abs_tol=1e-9), value
    assert value.bucket_limit[-1] == value.max and value.bucket[0] > 0 and value.bucket[-1] > 0


def check_what_the_pages_show(run, n_epochs):
    """TensorBoard's server takes both kinds of values through its plugins."""
    events = load(run, "train", PluginEventAccumulator)
    assert len(events.Tensors("epoch_loss")) == n_epochs
    assert "dense/kernel_0/histogram" in events.PluginTagToContent("histograms")
    shown = make_ndarray(events.Tensors("dense/kernel_0/histogram")[-1].tensor_proto)
    assert shown[:, 2].sum() == TENSORS["dense/kernel_0"], shown


def check_run(run, n_epochs):
    check_scalars(run, n_epochs)
    check_histograms(run, n_epochs)
    check_what_the_pages_show(run, n_epochs)
    for part in ("train", "validation"):
        files = os.listdir(run / "tensorboard" / part)
        assert len(files) == 1, files


def same_numbers(run, other):
    """The same events but for their times."""
    for part in ("train", "validation"):
        found, expected = load(run, part), load(other, part)
        for tag in expected.Tags()["scalars"]:
            assert [(event.step, event.value) for event in found.Scalars(tag)] == [
                (event.step, event.value) for event in expected.Scalars(tag)
            ], tag
        for tag in expected.Tags()["histograms"]:
            assert [(event.step, event.histogram_value) for event in found.Histograms(tag)] == [
                (event.step, event.histogram_value) for event in expected.Histograms(tag)
            ], tag


def start_and_kill(lockstep, folder, name, n_epochs, *words):
    """Kills a run after so many epochs or a few more; how many it has written events of."""
    metrics = folder / name / "metrics.csv"
    process = subprocess.Popen(command(lockstep, folder, name, *words))
    deadline = time.time() + 60
    while not metrics.exists() or len(metrics.read_text().splitlines()) <= n_epochs:
        assert time.time() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return len(load(folder / name, "train").Scalars("epoch_loss"))


def test_plain_run(lockstep, folder):
    train(lockstep, folder, "plain")
    check_run(folder / "plain", 6)


def test_run_that_is_continued(lockstep, folder):
    train(lockstep, folder, "longer", "--set", "training.epochs=4")
    train(lockstep, folder, "longer", "--resume")
    check_run(folder / "longer", 6)
    same_numbers(folder / "longer", folder / "plain")


def test_run_that_is_killed(lockstep, folder):
    """A kill leaves events of epochs that the newest checkpoint does not know."""
    train(lockstep, folder, "killed", "--set", "training.epochs=4")
    words = ("--resume", "--set", "training.epochs=3000", "--set", "checkpoint.every_epochs=null")
    seen = start_and_kill(lockstep, folder, "killed", 20, *words)
    seen = start_and_kill(lockstep, folder, "killed", seen + 20, *words)
    assert seen >= 30, seen
    words = ("--set", f"training.epochs={seen + 10}")
    train(lockstep, folder, "killed", "--resume", *words)
    check_run(folder / "killed", seen + 10)
    train(lockstep, folder, "unbroken", *words)
    same_numbers(folder / "killed", folder / "unbroken")


def test_file_that_a_kill_left_beside_the_new_one(lockstep, folder):
    """Between the new file and the removal of the old one there are both."""
    shutil.copytree(folder / "plain", folder / "both")
    part = folder / "both" / "tensorboard" / "train"
    old = next(part.iterdir())
    kept = old.read_bytes()
    train(lockstep, folder, "both", "--resume", "--set", "training.epochs=8")
    old.write_bytes(kept)
    assert len(list(part.iterdir())) == 2
    check_scalars(folder / "both", 8)
    check_histograms(folder / "both", 8)


def test_run_that_is_begun_anew(lockstep, folder):
    train(lockstep, folder, "plain", "--force", "--set", "training.epochs=2")
    check_run(folder / "plain", 2)
    train(lockstep, folder, "plain", "--force", "--set", "report.tensorboard=false")
    assert not (folder / "plain" / "tensorboard").exists()


def test_run_without_validation_or_histograms(lockstep, folder):
    words = ("--set", "data.validation=null", "--set", "report.histogram_every=0")
    train(lockstep, folder, "bare", *words)
    assert os.listdir(folder / "bare" / "tensorboard") == ["train"]
    tags = load(folder / "bare", "train").Tags()
    assert "epoch_loss" in tags["scalars"] and tags["histograms"] == [], tags


def main():
    lockstep = os.path.abspath(sys.argv[1])
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        for test in tests:
            test(lockstep, Path(folder))
            print(f"ok - {test.__name__.removeprefix('test_').replace('_', ' ')}", flush=True)


if __name__ == "__main__":
    main()
