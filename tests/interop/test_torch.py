"""PyTorch reads Lockstep's safetensors, and Lockstep begins from PyTorch's.

usage: test_torch.py LOCKSTEP
"""

import numpy
import safetensors
import safetensors.torch
import torch
from network import SCALE, Network, check_moves, check_near
from torch import nn


def modules_of(path):
    """The nn.Sequential that a file's metadata describe."""
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert float(metadata["data_scale"]) == SCALE
    return eval(metadata["modules"], vars(nn)).eval()  # pylint: disable=eval-used


def outputs_of(model, network):
    with torch.no_grad():
        return model(torch.tensor(network.inputs())).numpy()


def check_reading(network):
    expected = network.predict(network.train())
    path = network.export("safetensors", ".safetensors")
    model = modules_of(path)
    check_moves("PyTorch", outputs_of(model, network), expected)
    model.load_state_dict(safetensors.torch.load_file(path))
    check_near("PyTorch loads safetensors", outputs_of(model, network), expected)
    return model


class Named(nn.Module):
    """A network whose layers have names; they are numbered, as nothing else tells their order."""

    def __init__(self):
        super().__init__()
        self.layer1 = nn.Linear(6, 8)
        self.layer2 = nn.Linear(8, 7, bias=False)
        self.layer10 = nn.Linear(7, 3)

    def forward(self, x):
        x = torch.tanh(self.layer1(x.flatten(1)))
        return self.layer10(nn.functional.gelu(self.layer2(x))).softmax(-1)


def check_writing(network, sequential):
    for module in sequential:
        if isinstance(module, nn.Linear):
            module.reset_parameters()
    for name, model in {"nn.Sequential": sequential, "a module of named layers": Named()}.items():
        expected = outputs_of(model, network)
        path = network.folder / "written.safetensors"
        safetensors.torch.save_file(model.state_dict(), path)
        check_near(f"a run begins from the safetensors of {name}",
                   network.predict(network.begin(path)), expected)
        path = network.folder / "written.npz"
        numpy.savez(path, **{key: value.numpy() for key, value in model.state_dict().items()})
        check_near(f"a run begins from the .npz of {name}", network.predict(network.begin(path)),
                   expected)


if __name__ == "__main__":
    torch.manual_seed(1)
    made = Network()
    check_writing(made, check_reading(made))
