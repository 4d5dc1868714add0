"""Nets made of nn.Sequential: numbers in the names, whose gaps tell of layers without parameters."""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

from wiring.net import net


@net("one_sequential", truth=dict(padding="0,0", pool_after="0,3"))
def one_sequential():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 5 * 5, 64), nn.ReLU(), nn.Linear(64, 10))


@net("features_classifier", input=(3, 32, 32), truth=dict(padding="same,same,same,same",
                                                          pool_after="features.2,features.7"))
class FeaturesClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(16, 16, kernel_size=3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(16, 24, kernel_size=3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(24, 24, kernel_size=3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=2, stride=2))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(24 * 8 * 8, 64), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(64, 10))

    def forward(self, x):
        return self.classifier(self.features(x).view(x.size(0), -1))


@net("layer1_layer2", truth=dict(padding="same,same", pool_after="layer1.0,layer2.0"))
class LayerOneLayerTwo(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, stride=1, padding=2), nn.BatchNorm2d(16), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2))
        self.layer2 = nn.Sequential(
            nn.Conv2d(16, 32, kernel_size=5, stride=1, padding=2), nn.BatchNorm2d(32), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2))
        self.fc = nn.Linear(7 * 7 * 32, num_classes)

    def forward(self, x):
        out = self.layer2(self.layer1(x))
        return self.fc(out.reshape(out.size(0), -1))


@net("fashion_kaggle", truth=dict(padding="same,0", pool_after="layer1.0,layer2.0", without_activation="fc1,fc2"))
class FashionCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(in_channels=1, out_channels=32, kernel_size=3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2))
        self.layer2 = nn.Sequential(
            nn.Conv2d(in_channels=32, out_channels=64, kernel_size=3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2))
        self.fc1 = nn.Linear(in_features=64 * 6 * 6, out_features=60)
        self.drop = nn.Dropout2d(0.25)
        self.fc2 = nn.Linear(in_features=60, out_features=120)
        self.fc3 = nn.Linear(in_features=120, out_features=10)

    def forward(self, x):
        out = self.layer2(self.layer1(x))
        out = self.drop(self.fc1(out.view(out.size(0), -1)))
        return self.fc3(self.fc2(out))


@net("blocks_by_a_function", input=(3, 32, 32), truth=dict(padding="same,same,same",
                                                           pool_after="block1.0,block2.0,block3.0"))
class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1, self.block2, self.block3 = self.block(3, 8), self.block(8, 16), self.block(16, 32)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32 * 4 * 4, 10))

    @staticmethod
    def block(i, o):
        return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))

    def forward(self, x):
        return self.head(self.block3(self.block2(self.block1(x))))


@net("lenet_sigmoid_sequential", truth=dict(activation="sigmoid", pool="avg", padding="same,0", pool_after="0,3",
                                            input="1x28x28"))
def lenet_sigmoid_sequential():
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(), nn.AvgPool2d(kernel_size=2, stride=2), nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


@net("strided_sequential", truth=dict(padding="same,same", stride="2,2", pool_after="none", activation="gelu"))
def strided_sequential():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.GELU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.GELU(),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10))


@net("dropout_in_the_gaps", truth=dict(padding="0,0,0", pool_after="net.3,net.7", output="log_softmax"))
class DropoutInTheGaps(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.1),
            nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2),
            nn.Flatten(), nn.Linear(800, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10), nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.net(x)


@net("relu_then_norm_sequential", truth=dict(padding="same,same,same,same", pool_after="cnn.3,cnn.10",
                                              order="activation,norm,pool"))
class ReluThenNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(8),
            nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(8), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16),
            nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16), nn.MaxPool2d(2))
        self.linear = nn.Linear(16 * 7 * 7, 10)

    def forward(self, x):
        return self.linear(torch.flatten(self.cnn(x), 1))


@net("quickstart_stack", truth=dict())
class QuickstartStack(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


@net("module_lists", truth=dict(padding="0,0", pool_after="convs.0,convs.1"))
class ModuleLists(nn.Module):
    def __init__(self, channels=(1, 8, 16), sizes=(256, 64, 10)):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 5) for i, o in zip(channels, channels[1:]))
        self.fcs = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = x.flatten(1)
        for fc in self.fcs[:-1]:
            x = F.relu(fc(x))
        return self.fcs[-1](x)


@net("ordered_dict", truth=dict(padding="0,0", pool_after="features.conv1,features.conv2"))
class Ordered(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(OrderedDict([
            ("conv1", nn.Conv2d(1, 8, 5)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(8, 16, 5)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2))]))
        self.classifier = nn.Sequential(OrderedDict([
            ("fc1", nn.Linear(256, 32)), ("relu3", nn.ReLU()), ("fc2", nn.Linear(32, 10))]))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


@net("gap_without_linear", truth=dict(padding="0,0,0,0,0,0,0,0", pool_after="convblock3.0", head="global_avg",
                                      output="log_softmax", without_activation="convblock3.0"))
class GapWithoutLinear(nn.Module):
    """ReLU, then BatchNorm, dropout; a 1 x 1 convolution before the pool; no linear layer at all."""

    def __init__(self):
        super().__init__()

        def block(i, o, k):
            return nn.Sequential(nn.Conv2d(i, o, k, bias=False), nn.ReLU(), nn.BatchNorm2d(o), nn.Dropout(0.05))

        self.convblock1, self.convblock2 = block(1, 10, 3), block(10, 16, 3)
        self.convblock3 = nn.Sequential(nn.Conv2d(16, 10, 1, bias=False))
        self.pool1 = nn.MaxPool2d(2, 2)
        self.convblock4, self.convblock5 = block(10, 16, 3), block(16, 16, 3)
        self.convblock6, self.convblock7 = block(16, 16, 3), block(16, 16, 1)
        self.gap = nn.Sequential(nn.AvgPool2d(kernel_size=6))
        self.convblock8 = nn.Sequential(nn.Conv2d(16, 10, 1, bias=False))

    def forward(self, x):
        x = self.pool1(self.convblock3(self.convblock2(self.convblock1(x))))
        x = self.convblock7(self.convblock6(self.convblock5(self.convblock4(x))))
        return F.log_softmax(self.convblock8(self.gap(x)).view(-1, 10), dim=-1)


@net("one_by_one", input=(3, 32, 32), truth=dict(padding="same,0,same,0", pool_after="features.2,features.7"))
class OneByOne(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 5, padding=2), nn.ReLU(), nn.Conv2d(16, 16, 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 24, 5, padding=2), nn.ReLU(), nn.Conv2d(24, 24, 1), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(24 * 8 * 8, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.features(x), 1))


@net("depthwise_pointwise", truth=dict(padding="same,same,0,same,0",
                                       pool_after="stem.0,block1.pointwise,block2.pointwise",
                                       without_activation="block1.depthwise,block2.depthwise"))
class DepthwisePointwise(nn.Module):
    class Block(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.depthwise = nn.Conv2d(i, i, 3, padding=1, groups=i)
            self.pointwise = nn.Conv2d(i, o, 1)

        def forward(self, x):
            return F.max_pool2d(F.relu(self.pointwise(self.depthwise(x))), 2)

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.block1 = self.Block(16, 24)
        self.block2 = self.Block(24, 32)
        self.fc = nn.Linear(32 * 3 * 3, 10)

    def forward(self, x):
        return self.fc(self.block2(self.block1(self.stem(x))).flatten(1))


@net("tied_twice", truth=dict(padding="0,0", pool_after="conv1,conv2"))
class TiedTwice(nn.Module):
    """Every layer an attribute and a member of the Sequential that runs: each tensor is listed twice."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 5)
        self.fc1, self.fc2 = nn.Linear(256, 32), nn.Linear(32, 10)
        self.model = nn.Sequential(
            self.conv1, nn.ReLU(), nn.MaxPool2d(2), self.conv2, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            self.fc1, nn.ReLU(), self.fc2)

    def forward(self, x):
        return self.model(x)


@net("data_parallel", truth=dict(padding="0,0", pool_after="module.features.0,module.features.3"),
     keys=lambda names: [f"module.{name}" for name in names])
class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(400, 10)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


@net("lightning_prefix", input=(3, 32, 32), truth=dict(padding="0,0,0", pool_after="model.conv1,model.conv2"),
     keys=lambda names: [f"model.{name}" for name in names])
class TensorFlowTutorial(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(3, 16, 3), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 32, 3)
        self.fc1, self.fc2 = nn.Linear(512, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(F.relu(self.conv3(x)), 1)
        return self.fc2(F.relu(self.fc1(x)))


@net("list_of_tensors", truth=dict(padding="0,0", pool_after="0,2"),
     keys=lambda names: [str(i) for i in range(len(names))])
class Nameless(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 5)
        self.fc1, self.fc2 = nn.Linear(256, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


@net("single_linear_module", truth=dict())
def single_linear_module():
    return nn.Linear(784, 10)  # run on the flattened picture; keys are "weight" and "bias"


@net("alphabetical", truth=dict(padding="same,same", pool_after="conv_a.0,conv_b.0"), keys=sorted)
class Alphabetical(nn.Module):
    """Saved with its names sorted, as safetensors does; the classifier comes first."""

    def __init__(self):
        super().__init__()
        self.conv_a = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.conv_b = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(16 * 7 * 7, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 10))

    def forward(self, x):
        return self.classifier(self.conv_b(self.conv_a(x)))


@net("two_prefixes", truth=dict(), keys=lambda names: [f"module.net.{name}" for name in names])
def two_prefixes():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 24), nn.ReLU(),
                         nn.Dropout(0.2), nn.Linear(24, 10))
