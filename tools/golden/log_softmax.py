from torch import nn

from golden.softmax import write


def cases(golden):
    write(golden, nn.LogSoftmax)
