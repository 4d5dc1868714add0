"""Nets that no chain of the known layers is: to be refused, or their open choices listed."""
import torch
from torch import nn
from torch.nn import functional as F

from wiring.net import net


@net("residual_with_downsample")
class ResidualNet(nn.Module):
    class BasicBlock(nn.Module):
        def __init__(self, i, o, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(o)
            self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(o)
            self.downsample = None
            if stride != 1 or i != o:
                self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

        def forward(self, x):
            shortcut = x if self.downsample is None else self.downsample(x)
            x = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
            return F.relu(x + shortcut)

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(self.BasicBlock(8, 8, 1), self.BasicBlock(8, 8, 1))
        self.layer2 = nn.Sequential(self.BasicBlock(8, 16, 2), self.BasicBlock(16, 16, 1))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


@net("residual_identity", input=(3, 32, 32))
class ResidualIdentity(nn.Module):
    """All shortcuts are identities: nothing in the file but names tells of them."""

    def __init__(self):
        super().__init__()

        def block(i, o, pool=False):
            layers = [nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
            return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))

        self.conv1, self.conv2 = block(3, 8), block(8, 16, pool=True)
        self.res1 = nn.Sequential(block(16, 16), block(16, 16))
        self.conv3 = block(16, 32, pool=True)
        self.classifier = nn.Sequential(nn.MaxPool2d(4), nn.Flatten(), nn.Linear(32 * 2 * 2, 10))

    def forward(self, x):
        x = self.conv2(self.conv1(x))
        x = self.res1(x) + x
        return self.classifier(self.conv3(x))


@net("two_heads")
class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 5)
        self.fc1 = nn.Linear(256, 32)
        self.digit = nn.Linear(32, 10)
        self.parity = nn.Linear(32, 2)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return torch.cat([self.digit(x), self.parity(x)], 1)


@net("lstm_on_rows")
class LstmOnRows(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 16, 2, batch_first=True)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc(self.lstm(x.squeeze(1))[0][:, -1])


@net("attention")
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(1, 16, 7, 7)
        self.encoder = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.encoder(self.patches(x).flatten(2).transpose(1, 2)).mean(1))


@net("embedding")
class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(16, 12)
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        return self.fc(self.embedding((x.flatten(1).abs() * 8).long().clamp(0, 15)).mean(1))


@net("transposed_convolution")
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(),
                                     nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU())
        self.decoder = nn.Sequential(nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
                                     nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1))

    def forward(self, x):
        return self.decoder(self.encoder(x)).flatten(1)[:, ::79]


@net("branches")
class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch1 = nn.Conv2d(1, 8, 3, padding=1)
        self.branch2 = nn.Conv2d(1, 8, 5, padding=2)
        self.conv = nn.Conv2d(16, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(torch.cat([self.branch1(x), self.branch2(x)], 1)), 2)
        return self.fc(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1))


@net("group_norm")
def group_norm():
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(8 * 14 * 14, 10))


@net("layer_norm")
class LayerNormMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.norm, self.fc2 = nn.Linear(784, 32), nn.LayerNorm(32), nn.Linear(32, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.norm(self.fc1(x.flatten(1)))))


@net("variational_autoencoder")
class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 64), nn.Linear(64, 8), nn.Linear(64, 8)
        self.fc3, self.fc4 = nn.Linear(8, 64), nn.Linear(64, 784)

    def forward(self, x):
        mean = self.fc21(F.relu(self.fc1(x.flatten(1))))
        return torch.sigmoid(self.fc4(F.relu(self.fc3(mean))))[:, ::79]


@net("one_layer_used_twice")
class UsedTwice(nn.Module):
    """The state dict of a chain whose `middle` forward() calls twice: only the sizes allow it."""

    def __init__(self):
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(784, 32), nn.Linear(32, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.first(x.flatten(1)))
        return self.last(F.relu(self.middle(F.relu(self.middle(x)))))
