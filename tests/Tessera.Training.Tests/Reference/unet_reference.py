"""Independent PyTorch reference of the UNet-MobileNetV1-0.25 network, for parity checks and timing.

Needs only PyTorch (Debian: python3-torch) and NumPy. PyTorchParityTests run it through parity_reference.py; see docs/parity.md.

  python3 unet_reference.py macs H W            # GMACs of the training and the deploy graph, parameter count
  python3 unet_reference.py step N H W [reps]   # seconds of one float training step (forward, loss, backward, SGD), 2 threads

Known values: 4.326818 GMAC with all heads, 3.679846 GMAC for the stride-4 output alone at 1024x2048; 1,380,029 parameters.
"""
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

STRIDES = (4, 8, 16, 32, 64)
LOSS_WEIGHTS = tuple(w / 19 for w in (256, 128, 64, 32, 16))


def conv_bn(cin, cout, kernel, stride=1, groups=1, relu=True):
    layers = [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups), nn.BatchNorm2d(cout, eps=2e-5, momentum=0.1)]
    return nn.Sequential(*layers, *([nn.ReLU()] if relu else []))


def separable(cin, cout, stride=1, relu=True):
    return nn.Sequential(conv_bn(cin, cin, 3, stride, cin), conv_bn(cin, cout, 1, relu=relu))


class MobileNetV1(nn.Module):
    def __init__(self, alpha=0.25):
        super().__init__()
        c = lambda n: int(n * alpha)
        self.stages = nn.ModuleList([
            nn.Sequential(conv_bn(3, c(32), 3, 2), separable(c(32), c(64))),
            nn.Sequential(separable(c(64), c(128), 2), separable(c(128), c(128))),
            nn.Sequential(separable(c(128), c(256), 2), separable(c(256), c(256))),
            nn.Sequential(separable(c(256), c(512), 2), *[separable(c(512), c(512)) for _ in range(5)]),
            nn.Sequential(separable(c(512), c(1024), 2), separable(c(1024), c(1024))),
        ])

    def forward(self, x):
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class UpscaleAndFuse(nn.Module):
    def __init__(self, coarse, fine):
        super().__init__()
        self.skip, self.up, self.fuse = separable(fine, fine), separable(coarse, fine), separable(fine, fine, relu=False)

    def forward(self, x, skip):
        up = F.interpolate(self.up(x), scale_factor=2, mode="bilinear", align_corners=False)
        return F.relu(self.fuse(self.skip(skip)) + up)


class UNet(nn.Module):
    def __init__(self, base=8, classes=19, deploy=False):
        super().__init__()
        self.backbone = MobileNetV1(base / 32)
        self.down = nn.Sequential(separable(base * 32, base * 64, 2), separable(base * 64, base * 64))
        self.stages = nn.ModuleList([UpscaleAndFuse(base << (6 - i), base << (5 - i)) for i in range(4)])
        self.outputs = nn.ModuleList([separable(base * s, base * s) for s in STRIDES])
        self.heads = nn.ModuleList([conv_bn(base * s, classes, 1, relu=False) for s in STRIDES])
        for head in self.heads:
            nn.init.normal_(head[0].weight, 0, 0.01)
            nn.init.zeros_(head[0].bias)
        self.deploy = deploy

    def forward(self, x):
        features = self.backbone(x)[::-1]
        x = self.down(features[0])
        maps = [x]
        for stage, skip in zip(self.stages, features):
            x = stage(x, skip)
            maps.append(x)
        maps = maps[::-1]
        if self.deploy:
            return self.heads[0](self.outputs[0](maps[0])).argmax(1, keepdim=True)
        return [head(out(m)) for head, out, m in zip(self.heads, self.outputs, maps)]


def focal_loss(logits, labels):
    """logits: list of N x C x h x w; labels: list of N x h x w int64, -1 = ignored. Mean over all pixels, ignored included."""
    total = 0
    for x, y, weight in zip(logits, labels, LOSS_WEIGHTS):
        p = (F.softmax(x, 1) + 1e-9).gather(1, y.clamp(min=0).unsqueeze(1))[:, 0]
        total = total + weight * (0.25 * -p.log() * (1 - p) ** 2 * (y >= 0)).mean()
    return total


def shrink_labels(y, stride):
    """A coarse pixel keeps its class only where its four centre source pixels agree; else -1."""
    o = stride // 2 - 1
    a, b, c, d = y[:, o::stride, o::stride], y[:, o + 1::stride, o::stride], y[:, o::stride, o + 1::stride], y[:, o + 1::stride, o + 1::stride]
    return torch.where((a == b) & (a == c) & (a == d), a, torch.full_like(a, -1))


def macs(model, h, w):
    total = [0]
    hooks = [m.register_forward_hook(lambda m, i, o: total.__setitem__(0, total[0] + o.numel() * m.weight[0].numel()))
             for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        model(torch.zeros(1, 3, h, w))
    for hook in hooks:
        hook.remove()
    return total[0]


def main():
    torch.manual_seed(0)
    command, *numbers = sys.argv[1], *map(int, sys.argv[2:])
    if command == "macs":
        h, w = numbers
        full = UNet().eval()
        deploy = macs(UNet(deploy=True).eval(), h, w)
        print(f"train graph {macs(full, h, w) / 1e9:.6f} GMAC, deploy graph {deploy / 1e9:.6f} GMAC, "
              f"{sum(p.numel() for p in full.parameters()):,} parameters")
    elif command == "step":
        n, h, w, *rest = numbers
        torch.set_num_threads(2)
        model = UNet().train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-3)
        x, y = torch.randn(n, 3, h, w), torch.randint(0, 19, (n, h // 32, w // 32)).repeat_interleave(32, 1).repeat_interleave(32, 2)
        labels = [shrink_labels(y, s) for s in STRIDES]
        seconds = []
        for _ in range(2 + (rest[0] if rest else 8)):
            start = time.perf_counter()
            loss = focal_loss(model(x), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seconds.append(time.perf_counter() - start)
        print(f"{n}x{h}x{w}: median {statistics.median(seconds[2:]):.4f} s, min {min(seconds[2:]):.4f} s per step, loss {loss.item():.4f}")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
