"""Mutants that change nothing."""

EQUIVALENT = {
    r".*: discriminator_loss: self\.generat\w+\(.*\) detached: .*": "D alone learns in its step",
    r".*r3gan.* generator_loss: self.realness\(real.images\) detached: .*": "and G in its own",
    r".*sgan.* mismatch: f\(real\).* detached: .*": "as above: what D says of x has no learner",
    r".*ebgan.* cosines.diagonal\(\).* detached: .*": "the cosine of a code with itself is 1",
    r".*ebgan.* no square of cosines.diagonal\(\): .*": "and so is its square",
    r".*: arguments of min(imum)? swapped: .*": "the less of two is the less of two",
    r".*ebgan.* arguments of energy swapped: .*": "(x - y)^2 = (y - x)^2",
    r".*sgan.* arguments of mismatch swapped: .*": "(x - y)^2 = (y - x)^2",
    r".*dragan.* arguments of two_sided swapped: .*": "(x - y)^2 = (y - x)^2",
    r".*catgan.* entropy: arguments of cross_entropy swapped: .*": "both are the logits",
    r".*wgan_gp.* arguments of between swapped: .*": "alpha and 1 - alpha are drawn alike",
    r".*penalties.* arguments of lerp swapped: .*": "alpha and 1 - alpha are drawn alike",
    r".*penalties.* real is fake: alpha = .*": "both have one shape and one device",
    r".*near_normal: real.float\(\) - .*": "the noise and its opposite are drawn alike",
    r".*near(_normal)?: no float of real: .*": "adding float32 makes it float32",
    r".*infogan.* no float of F.one_hot\(.*": "the float32 beside it makes it float32",
    r".*infogan.* no float of q.*: continuous = .*": "the float32 beside it makes it float32",
    r".*ebgan.* without dim: .*F.normalize\(.*": "1 is its default",
    r".*__init__.* 0 is -1: .*": "a list of one",
    r".*__init__.* 1 is 2: close = .*": "only the closest is named",
    r".*update: no decorator: .*": "`data` and buffers have no graph",
    r".*update: (without strict|True is False): .*": "a copy has as many buffers",
    r".*: without device: .*": "there is one device here",
}
"""A pattern of what is printed of them, and why nothing changes."""
