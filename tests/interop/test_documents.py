"""Every block of Python in docs/exchange_formats.md runs, and its outputs are Lockstep's.

usage: test_documents.py LOCKSTEP
"""

import os
import re
from pathlib import Path

from network import Network, check_near

PAGE = Path(__file__).parents[2] / "docs/exchange_formats.md"
LAYERS = ("[flatten, {dense: {units: 8, activation: relu}}, {dropout: 0.2}, "
          "{dense: {units: 3, activation: softmax}}]")
EXPORTS = {"keras-weights": ".weights.h5", "safetensors": ".safetensors", "npz": ".npz",
           "onnx": ".onnx"}


def run_blocks(network):
    """What each block leaves behind, in the folder of the exports."""
    os.chdir(network.folder)
    for code in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"),
                           re.MULTILINE | re.DOTALL):
        names = {"x": network.inputs()}
        exec(code, names)
        yield code, names


if __name__ == "__main__":
    network = Network(LAYERS)
    network.lockstep = Path(network.lockstep).resolve()
    checkpoint = network.train()
    expected = network.predict(checkpoint)
    for format_name, ending in EXPORTS.items():
        network.export(format_name, ending)
    (network.folder / "last.h5").symlink_to(checkpoint)

    computed = 0
    for code, names in run_blocks(network):
        if "outputs" in names:
            computed += 1
            check_near(f"block {computed} computes what predict says", names["outputs"], expected)
    assert computed == 5, computed

    perceptron = names["perceptron"].predict(network.inputs().reshape(-1, 6), verbose=0)
    for name in ("keras.h5", "keras.weights.h5", "numpy.npz"):
        check_near(f"a run begins from {name}", network.predict(network.begin(name)), perceptron)
    network.begin("torch.safetensors")
