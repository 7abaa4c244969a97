"""Mutants that change nothing."""

EQUIVALENT = {
    r".*: discriminator_loss: self\.generat\w+\(.*\) detached: .*": "D alone learns in its step",
    r".*r3gan.* generator_loss: self.realness\(real.images\) detached: .*": "and G in its own",
    r".*sgan.* mismatch: f\(real\).* detached: .*": "as above: what D says of x has no learner",
    r".*ebgan.* cosines.diagonal\(\).* detached: .*": "the cosine of a code with itself is 1",
    r".*ebgan.* no square: .*cosines.diagonal\(\).*": "and so is its square",
    r".*: arguments swapped: .*\bmin(imum)?\(.*": "the less of two is the less of two",
    r".*ebgan.* arguments swapped: .*energy\(fake, rebuilt\).*": "(x - y)^2 = (y - x)^2",
    r".*sgan.* arguments swapped: .*self.mismatch\(.*": "(x - y)^2 = (y - x)^2",
    r".*dragan.* arguments swapped: return two_sided\(.*": "(x - y)^2 = (y - x)^2",
    r".*wgan_gp.* arguments swapped: .* between\(.*": "alpha and 1 - alpha are drawn alike",
    r".*penalties.* arguments swapped: .*torch.lerp\(.*": "alpha and 1 - alpha are drawn alike",
    r".*penalties.* real is fake: alpha = .*": "both have one shape and one device",
    r".*near_normal: other operator: .*": "the noise and its opposite are drawn alike",
    r".*near(_normal)?: no float: .*": "adding float32 makes it float32 (the deviation's is tried)",
    r".*infogan.* no float: categorical = .*": "the float32 beside it makes it float32",
    r".*infogan.* no float: continuous = .*": "the float32 beside it makes it float32",
    r".*ebgan.* without dim: .*F.normalize\(.*": "1 is its default",
    r".*__init__.* 0 is -1: .*": "a list of one",
    r".*__init__.* 1 is 2: close = .*": "only the closest is named",
    r".*update: no decorator: .*": "`data` and buffers have no graph",
    r".*update: (without strict|True is False): .*": "a copy has as many buffers",
    r".*: without device: .*": "there is one device here",
}
"""A pattern of what is printed of them, and why nothing changes."""
