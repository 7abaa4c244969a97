"""The Open Inference Protocol, version 2: tensors in and out, of the same images."""
