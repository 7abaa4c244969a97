"""Folding: what a batch norm has learnt goes into the layer before it, and the norm away."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_weights

from models.networks.dcgan import Maps


def fold(network: nn.Module) -> None:
    """Fold every batch norm that stands right behind a convolution or a linear layer.

    In evaluation it is a scale and a shift of each channel, which those layers can do themselves.
    """
    for layers in list(network.modules()):
        if isinstance(layers, nn.Sequential):
            for place, norm in enumerate(layers):
                if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d) and place > 0:
                    fold_one(layers, place, norm)


def fold_one(layers: nn.Sequential, place: int, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    """Fold the norm at this place, unless what is before it cannot take it up."""
    assert not norm.training, "a norm in training looks at the batch"
    before, copies = place - 1, 1
    maps = layers[before]
    if isinstance(maps, Maps):  # each place of the maps has its own rows of the linear layer
        before, copies = before - 1, maps.shape[0] * maps.shape[1]
    layer = layers[before]
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and copies == 1:
        assert isinstance(norm, nn.BatchNorm2d)
        transposed = isinstance(layer, nn.ConvTranspose2d)
        layers[before] = fuse_conv_bn_eval(layer, norm, transposed)
    elif isinstance(layer, nn.Linear):
        fold_linear(layer, norm, copies)
    else:
        return
    layers[place] = nn.Identity()


def fold_linear(layer: nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d, copies: int) -> None:
    """Fold a norm of channels into a linear layer that makes `copies` times these channels."""
    assert norm.running_mean is not None, "networks keep running statistics"
    assert norm.running_var is not None
    layer.weight, layer.bias = fuse_linear_bn_weights(
        layer.weight,
        layer.bias,
        norm.running_mean.repeat(copies),
        norm.running_var.repeat(copies),
        norm.eps,
        norm.weight.repeat(copies),
        norm.bias.repeat(copies),
    )
