"""What one golden file holds and how a case gets into it."""

import copy

import torch

LARGEST_FILE = 60_000  # bytes; checked-in files stay small


class Golden:
    """A flat dict of tensors, "<case>.<name>", saved by torch.save.

    <case>.x          the input (x0, x1, … when there are several)
    <case>.<parameter> every tensor of the module's state_dict: weight, bias, running_mean, …
    <case>.y          PyTorch's float32 result (y0, y1, … when there are several)
    <case>.y64        the same computed in float64
    <case>.abs        only with linear=True: the result of |x| through |weight|, |bias|, computed in float64, which
                      bounds the rounding of any order of summation by 4·ε·abs
    """

    def __init__(self):
        torch.manual_seed(20)
        torch.set_num_threads(1)
        self.tensors = {}

    def case(self, name, module, *inputs, linear=False):
        """`module` is an nn.Module or a function of tensors; `inputs` float32 (or index) tensors."""
        if isinstance(module, torch.nn.Module):
            module = module.eval()
            for key, value in module.state_dict().items():
                if key != "num_batches_tracked":
                    self.add(f"{name}.{key}", value)
        self._add_all(name, "x", "", inputs)
        with torch.no_grad():
            self._add_all(name, "y", "", module(*inputs))
            exact = _in_double(module)
            self._add_all(name, "y", "64", exact(*[_double(x) for x in inputs]))
            if linear:
                for parameter in exact.parameters():
                    parameter.abs_()
                self.add(f"{name}.abs", exact(*[_double(x).abs() for x in inputs]).float())

    def add(self, key, value):
        assert key not in self.tensors, key
        self.tensors[key] = value.detach().contiguous().clone()

    def save(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(self._packed(), path)
        assert path.stat().st_size < LARGEST_FILE, f"{path} has {path.stat().st_size} bytes: use smaller cases"

    def _packed(self):
        """The same tensors as views of one storage per dtype: each storage costs 300 bytes of archive."""
        packed = {}
        for dtype in {tensor.dtype for tensor in self.tensors.values()}:
            group = {key: tensor for key, tensor in self.tensors.items() if tensor.dtype == dtype}
            flat = torch.cat([tensor.flatten() for tensor in group.values()])
            offset = 0
            for key, tensor in group.items():
                packed[key] = flat[offset : offset + tensor.numel()].view(tensor.shape)
                offset += tensor.numel()
        return {key: packed[key] for key in self.tensors}

    def _add_all(self, name, key, suffix, values):
        if isinstance(values, torch.Tensor):
            values = (values,)
        for i, value in enumerate(values):
            number = "" if len(values) == 1 else str(i)
            if suffix and not value.is_floating_point():
                continue  # indices have no second precision
            self.add(f"{name}.{key}{number}{suffix}", value)


def _in_double(module):
    return copy.deepcopy(module).double() if isinstance(module, torch.nn.Module) else module


def _double(x):
    return x.double() if x.is_floating_point() else x
