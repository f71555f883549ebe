"""What the peers share: the options, MNIST in memory, the line of JSON per epoch.

Every peer trains a dense network (ReLU between the layers, softmax cross-entropy from logits,
Glorot-uniform kernels, zero biases) with the optimizer as Keras has it by default.
"""
import argparse
import gzip
import json
import os
import sys
from pathlib import Path

import numpy as np

LEARNING_RATES = {"rmsprop": 0.001, "adam": 0.001, "sgd": 0.01}
RHO = 0.9  # RMSprop's decay
BETA_1, BETA_2 = 0.9, 0.999  # Adam's decays
EPSILON = 1e-7
SEED = 1
N_SAMPLES = 60000  # of MNIST, for training


def parse_widths(text):
    """784-512-10 as a list of widths, inputs first."""
    widths = [int(part) for part in text.split("-")]
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(text)
    return widths


def parse_arguments(about):
    """The options of a peer; `about` is its docstring."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--layers", type=parse_widths, default="784-512-10")
    parser.add_argument("--optimizer", choices=sorted(LEARNING_RATES), default="rmsprop")
    parser.add_argument("--batch", type=int, default=128, help="the global batch")
    parser.add_argument("--epochs", type=int, default=3, help="the warm-up epoch included")
    parser.add_argument("--threads", type=int, default=1, help="per process")
    parser.add_argument("--ranks", type=int, default=1, help="processes; PyTorch only")
    arguments = parser.parse_args()
    if min(arguments.batch, arguments.epochs, arguments.threads, arguments.ranks) < 1:
        parser.error("batch, epochs, threads and ranks are 1 or more")
    return arguments


def require_one_rank(arguments):
    """End the program if more than one process was asked for."""
    if arguments.ranks != 1:
        sys.exit("this peer runs in one process: --ranks 1")


def limit_cores(threads):
    """Keep this process to so many cores; thread pools made later take their size from it."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def read_idx(path, header_bytes):
    """The bytes of a gzipped IDX file behind its header."""
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header_bytes)


def load_mnist(label_type):
    """MNIST's training samples: inputs (N,784) float32 in [0,1], labels (N) of `label_type`."""
    if not os.environ.get("MNIST"):
        sys.exit("set MNIST to the folder of the MNIST files (data/fetch mnist)")
    folder = Path(os.environ["MNIST"])
    pixels = read_idx(folder / "train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = read_idx(folder / "train-labels-idx1-ubyte.gz", 8)
    return pixels.astype(np.float32) / 255, labels.astype(label_type)


def report(epoch, seconds, loss):
    """Print an epoch, counted from 1; the first one is the warm-up."""
    line = {"epoch": epoch, "seconds": round(seconds, 6), "loss": round(float(loss), 6)}
    if epoch == 1:
        line["warmup"] = True
    print(json.dumps(line), flush=True)
