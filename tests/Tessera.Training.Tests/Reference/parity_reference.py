#!/usr/bin/env python3
"""Runs the PyTorch reference network on weights and images that Tessera wrote, for comparison.

  parity_reference.py REFERENCE.py INPUT.safetensors OUTPUT.safetensors

REFERENCE.py is the independent PyTorch description of UNet-MobileNetV1-0.25. INPUT holds every parameter under Tessera's
name, 'images' (N x 3 x H x W) and 'labels.stride<s>' (N x h x w, I64, 255 ignored). OUTPUT gets
  eval.stride<s>    logits in eval mode
  train.stride<s>   logits of one forward pass in training mode, which moves the running statistics
  loss              focal loss of that pass
  grad.<name>       its gradient for every trained parameter
  after.<name>      every parameter and running statistic after one SGD step (lr 0.01, momentum 0.9, decay 5e-3 on weights)

Needs PyTorch and NumPy only; see docs/parity.md.
"""
import importlib.util
import json
import struct
import sys

import numpy as np
import torch

TYPES = {"F32": np.float32, "I64": np.int64}
STRIDES = (4, 8, 16, 32, 64)


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def write_safetensors(path, tensors):
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(part)]}
        parts.append(part)
        offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def reference_name(name):
    """Tessera's parameter name -> the reference module's."""
    path = name.split(".")
    if path[0] == "backbone":
        return ".".join(["backbone", "stages", str(int(path[1][3:]) - 1), *path[2:]])
    if path[0] == "head":
        return ".".join(["heads", str(STRIDES.index(int(path[1][6:]))), *path[2:]])
    if path[1] in ("conv64_1", "conv64_2"):
        return ".".join(["down", str(int(path[1][-1]) - 1), *path[2:]])
    if path[1] == "output":
        return ".".join(["outputs", str(STRIDES.index(int(path[2][6:]))), *path[3:]])
    stage = (32, 16, 8, 4).index(int(path[1][6:]))
    part = {"horizontal": "skip", "vertical": "up", "fuse": "fuse"}[path[2]]
    return ".".join(["stages", str(stage), part, *path[3:]])


def main():
    reference_path, input_path, output_path = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("reference", reference_path)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)

    torch.set_num_threads(2)
    tensors = read_safetensors(input_path)
    images = tensors.pop("images")
    labels = [tensors.pop(f"labels.stride{stride}") for stride in STRIDES]
    labels = [torch.where(label == 255, torch.full_like(label, -1), label) for label in labels]

    model = reference.UNet()
    state = model.state_dict()
    names = {reference_name(name): name for name in tensors}
    missing = [key for key in state if key not in names and not key.endswith("num_batches_tracked")]
    if missing or len(names) != len(tensors):
        raise SystemExit(f"The names do not match; without a counterpart: {missing}")
    model.load_state_dict({**state, **{key: tensors[name] for key, name in names.items()}})

    results = {}
    model.eval()
    with torch.no_grad():
        for stride, logits in zip(STRIDES, model(images)):
            results[f"eval.stride{stride}"] = logits

    model.train()
    logits = model(images)
    for stride, output in zip(STRIDES, logits):
        results[f"train.stride{stride}"] = output.detach().clone()
    loss = reference.focal_loss(logits, labels)
    results["loss"] = loss.reshape(1)
    loss.backward()
    parameters = dict(model.named_parameters())
    for key, parameter in parameters.items():
        results[f"grad.{names[key]}"] = parameter.grad.clone()
    decayed = [parameter for key, parameter in parameters.items() if "weight" in key]
    others = [parameter for key, parameter in parameters.items() if "weight" not in key]
    torch.optim.SGD([{"params": decayed, "weight_decay": 5e-3}, {"params": others}], lr=0.01, momentum=0.9).step()
    for key, value in model.state_dict().items():
        if key in names:
            results[f"after.{names[key]}"] = value
    write_safetensors(output_path, results)


if __name__ == "__main__":
    main()
