"""Nets whose layers are attributes and whose forward() is functions: conv1, bn1, fc1. Each is written in the manner of
one kind of tutorial; `truth` says what its state dict does not."""
import torch
from torch import nn
from torch.nn import functional as F

from wiring.net import net


@net("cnn_of_the_basics_tutorial", truth=dict(activation="relu", padding="0,0", pool_after="conv1,conv2"))
class BasicsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2, 2)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 4 * 4)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


@net("cifar_tutorial", input=(3, 32, 32), truth=dict(padding="0,0", pool_after="conv1,conv2"))
class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@net("examples_main", truth=dict(padding="0,0", pool_after="conv2", output="log_softmax"))
class ExamplesMain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 3, 1)
        self.conv2 = nn.Conv2d(24, 40, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(40 * 12 * 12, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = self.dropout2(F.relu(self.fc1(torch.flatten(x, 1))))
        return F.log_softmax(self.fc2(x), dim=1)


@net("padding_one", truth=dict(padding="same,same", pool_after="conv1,conv2"))
class PaddingOne(nn.Module):
    def __init__(self, in_channels=1, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 8, kernel_size=3, stride=1, padding=1)
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, stride=1, padding=1)
        self.fc1 = nn.Linear(16 * 7 * 7, num_classes)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.fc1(x.reshape(x.shape[0], -1))


@net("lenet_tanh_average", truth=dict(activation="tanh", pool="avg", padding="same,0", pool_after="conv1,conv2",
                                      input="1x28x28"))
class LeNetTanh(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        x = x.flatten(1)
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)


@net("norms_registered_last", truth=dict(padding="same,same,same", pool_after="conv1,conv2,conv3",
                                         order="norm,activation,pool"))
class NormsLast(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 3 * 3, 64)
        self.fc2 = nn.Linear(64, 10)
        self.bn1 = nn.BatchNorm2d(16)
        self.bn2 = nn.BatchNorm2d(32)
        self.bn3 = nn.BatchNorm2d(32)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = F.max_pool2d(F.relu(self.bn3(self.conv3(x))), 2)
        x = self.dropout(torch.flatten(x, 1))
        return self.fc2(F.relu(self.fc1(x)))


@net("norm_after_relu", truth=dict(padding="0,0", pool_after="conv1,conv2", order="activation,norm,pool"))
class NormAfterRelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.bn1 = nn.BatchNorm2d(10)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.bn2 = nn.BatchNorm2d(20)
        self.fc1 = nn.Linear(320, 50)
        self.bn3 = nn.BatchNorm1d(50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.max_pool2d(self.bn1(F.relu(self.conv1(x))), 2)
        x = F.max_pool2d(self.bn2(F.relu(self.conv2(x))), 2)
        x = self.bn3(F.relu(self.fc1(x.view(-1, 320))))
        return self.fc2(x)


@net("strided", truth=dict(padding="same,same,same", stride="2,2,2", pool_after="none"))
class Strided(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(64 * 4 * 4, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.relu(self.bn3(self.conv3(x)))
        return self.fc(x.view(x.size(0), -1))


@net("mlp_with_norm", truth=dict(order="norm,activation,pool"))
class MlpWithNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 64)
        self.bn1 = nn.BatchNorm1d(64)
        self.fc2 = nn.Linear(64, 32)
        self.bn2 = nn.BatchNorm1d(32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        x = F.relu(self.bn1(self.fc1(x)))
        x = F.relu(self.bn2(self.fc2(x)))
        return self.fc3(x)


@net("mlp_sigmoid", truth=dict(activation="sigmoid", output="softmax"))
class MlpSigmoid(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 100)
        self.output = nn.Linear(100, 10)

    def forward(self, x):
        x = torch.sigmoid(self.hidden(x.view(x.shape[0], -1)))
        return F.softmax(self.output(x), dim=1)


@net("softmax_regression", truth=dict())
class SoftmaxRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, x):
        return self.linear(x.reshape(-1, 784))


@net("five_and_three", input=(3, 32, 32), truth=dict(padding="same,same,same", pool_after="conv1,conv2,conv3"))
class FiveAndThree(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 5, padding=2)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)
        self.dropout = nn.Dropout(0.25)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = self.pool(F.relu(self.conv3(x)))
        x = self.dropout(x.view(-1, 32 * 4 * 4))
        return self.fc2(self.dropout(F.relu(self.fc1(x))))


@net("global_average", truth=dict(padding="same,same,same", pool_after="conv1,conv2", head="global_avg"))
class GlobalAverage(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 48, 3, padding=1)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.adaptive_avg_pool2d(F.relu(self.conv3(x)), 1)
        return self.fc(torch.flatten(x, 1))


@net("keras_names", truth=dict(padding="0,0", pool_after="conv2d_1,conv2d_2", output="softmax"))
class KerasNames(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d_1 = nn.Conv2d(1, 16, (3, 3))
        self.max_pooling2d_1 = nn.MaxPool2d((2, 2))
        self.conv2d_2 = nn.Conv2d(16, 32, (3, 3))
        self.max_pooling2d_2 = nn.MaxPool2d((2, 2))
        self.dense_1 = nn.Linear(800, 64)
        self.dense_2 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.max_pooling2d_1(torch.relu(self.conv2d_1(x)))
        x = self.max_pooling2d_2(torch.relu(self.conv2d_2(x)))
        x = torch.relu(self.dense_1(x.flatten(1)))
        return torch.softmax(self.dense_2(x), 1)


@net("three_before_a_pool", input=(3, 32, 32), truth=dict(padding="same,same,same,same,same,same",
                                                          pool_after="conv1_3,conv2_3"))
class ThreeBeforeAPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1_1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv1_2 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv1_3 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv2_1 = nn.Conv2d(8, 16, 3, padding=1)
        self.conv2_2 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv2_3 = nn.Conv2d(16, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 8 * 8, 10)

    def forward(self, x):
        x = F.relu(self.conv1_3(F.relu(self.conv1_2(F.relu(self.conv1_1(x))))))
        x = F.max_pool2d(x, 2)
        x = F.relu(self.conv2_3(F.relu(self.conv2_2(F.relu(self.conv2_1(x))))))
        x = F.max_pool2d(x, 2)
        return self.fc(x.flatten(1))


@net("kernel_seven", truth=dict(padding="0,0", pool_after="conv1,conv2", activation="leaky_relu"))
class KernelSeven(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 7)
        self.conv2 = nn.Conv2d(12, 24, 4)
        self.fc1 = nn.Linear(24 * 4 * 4, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.leaky_relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.leaky_relu(self.conv2(x)), 2)
        return self.fc2(F.leaky_relu(self.fc1(x.flatten(1))))


@net("fully_convolutional", truth=dict(padding="0,0,0,0", pool_after="conv1,conv2", head="flatten"))
class FullyConvolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, bias=False)
        self.conv2 = nn.Conv2d(8, 16, 5, bias=False)
        self.conv3 = nn.Conv2d(16, 32, 4, bias=False)
        self.conv4 = nn.Conv2d(32, 10, 1, bias=False)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.conv4(F.relu(self.conv3(x)))
        return x.view(-1, 10)


@net("two_convolutions_a_pool", input=(3, 32, 32), truth=dict(padding="1,1,1,1", pool_after="conv2"))
class TwoConvolutionsAPool(nn.Module):
    """Kernels of 5 with padding 1: neither none nor same."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, kernel_size=5, stride=1, padding=1)
        self.bn1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 12, kernel_size=5, stride=1, padding=1)
        self.bn2 = nn.BatchNorm2d(12)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv4 = nn.Conv2d(12, 24, kernel_size=5, stride=1, padding=1)
        self.bn4 = nn.BatchNorm2d(24)
        self.conv5 = nn.Conv2d(24, 24, kernel_size=5, stride=1, padding=1)
        self.bn5 = nn.BatchNorm2d(24)
        self.fc1 = nn.Linear(24 * 10 * 10, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = self.pool(x)
        x = F.relu(self.bn4(self.conv4(x)))
        x = F.relu(self.bn5(self.conv5(x)))
        return self.fc1(x.view(-1, 24 * 10 * 10))


@net("parametric_relu", truth=dict(padding="same,same,same,same", pool_after="conv1_2,conv2_2"))
class ParametricRelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1_1 = nn.Conv2d(1, 8, kernel_size=5, padding=2)
        self.prelu1_1 = nn.PReLU()
        self.conv1_2 = nn.Conv2d(8, 8, kernel_size=5, padding=2)
        self.prelu1_2 = nn.PReLU()
        self.conv2_1 = nn.Conv2d(8, 16, kernel_size=5, padding=2)
        self.prelu2_1 = nn.PReLU()
        self.conv2_2 = nn.Conv2d(16, 16, kernel_size=5, padding=2)
        self.prelu2_2 = nn.PReLU(16)
        self.ip1 = nn.Linear(16 * 7 * 7, 16)
        self.preluip1 = nn.PReLU()
        self.ip2 = nn.Linear(16, 10, bias=False)

    def forward(self, x):
        x = self.prelu1_2(self.conv1_2(self.prelu1_1(self.conv1_1(x))))
        x = F.max_pool2d(x, 2)
        x = self.prelu2_2(self.conv2_2(self.prelu2_1(self.conv2_1(x))))
        x = F.max_pool2d(x, 2).view(-1, 16 * 7 * 7)
        return self.ip2(self.preluip1(self.ip1(x)))
