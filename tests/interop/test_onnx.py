"""onnxruntime computes what Lockstep exports, with every activation and every form of output.

usage: test_onnx.py LOCKSTEP
"""

import re

import onnx
import onnxruntime
from network import SCALE, Network, check_near


def activations(network):
    """All names, as `lockstep options` lists them."""
    text = network.run("options")
    section = re.search(r"^Activations\n((?:  .*\n)+)", text, re.MULTILINE).group(1)
    return re.findall(r"^  (\w+)(?:, \w+)*: ", section, re.MULTILINE)


def check(name, network):
    expected = network.predict(network.train())
    path = network.export("onnx", ".onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    model = session.get_modelmeta()
    assert model.producer_name == "lockstep"
    assert float(model.custom_metadata_map["data_scale"]) == SCALE
    assert session.get_inputs()[0].shape == ["N", 2, 3]
    assert not any(node.op_type == "Dropout" for node in onnx.load(path).graph.node)
    check_near(f"onnxruntime computes {name}", session.run(None, {"input": network.inputs()})[0],
               expected)


def layers_of(activation):
    """A network with an activation in a layer, as a layer, and over rows of several dimensions."""
    function = f"{{activation: {activation}}}"
    dense = f"{{dense: {{units: 8, activation: {activation}}}}}"
    last = "{dense: {units: 3, activation: softmax}}"
    return f"[{function}, flatten, {dense}, {{dropout: 0.1}}, {function}, {last}]"


if __name__ == "__main__":
    check("a layer of every kind", Network())
    names = activations(Network())
    assert len(names) >= 11, names
    for activation in names + ["{leaky_relu: 0.05}", "{elu: 0.4}"]:
        check(activation, Network(layers_of(activation)))
    check("one sigmoid", Network("[flatten, {dense: {units: 1, activation: sigmoid}}]",
                                 "binary_cross_entropy", "{equals: {value: 1}}"))
    check("a number", Network("[flatten, {dense: 4}, {dense: 1}]", "mean_squared_error"))
    check("logits of a hinge", Network("[flatten, {dense: 3}]", "categorical_hinge"))
    check("dropout at the end",
          Network("[flatten, {dense: 3}, {dropout: 0.1}]", "categorical_hinge"))
