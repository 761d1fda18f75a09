"""MobileNetV2 in torch, of the shapes of ``keras.applications.MobileNetV2`` (Sandler et al. 2018, table 2)."""

from __future__ import annotations

import torch
from torch import nn

# expansion, channels, repeats, stride
BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class InvertedResidual(nn.Module):
    def __init__(self, into: int, out: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = into * expansion
        expand = convolved(into, inner, 1) if expansion > 1 else []
        project = convolved(inner, out, 1)[:-1]
        self.layers = nn.Sequential(*expand, *convolved(inner, inner, 3, stride, inner), *project)
        self.adds = stride == 1 and into == out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x) if self.adds else self.layers(x)


class MobileNetV2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        blocks, into = [], 32
        for expansion, out, repeats, first in BLOCKS:
            for place in range(repeats):
                blocks.append(InvertedResidual(into, out, first if place == 0 else 1, expansion))
                into = out
        self.features = nn.Sequential(*convolved(3, 32, 3, 2), *blocks, *convolved(into, 1280, 1))
        self.classifier = nn.Linear(1280, 1000)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean((2, 3)))


def convolved(into: int, out: int, side: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """Convolution, batch normalization, ReLU6; not in place, which the hooks of guided backprop would refuse."""
    convolution = nn.Conv2d(into, out, side, stride, side // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(out), nn.ReLU6()]


def mobilenet() -> MobileNetV2:
    """Random weights, ready to be asked; scaled so that values stay in range, as very small ones would be slow."""
    torch.manual_seed(0)
    model = MobileNetV2().eval()
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
    return model
