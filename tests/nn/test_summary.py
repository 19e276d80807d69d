"""Tests of a network as a table."""

import tinygrad_mlp as tg


class Halving(tg.Layer):
    """A layer that does not know its sizes, and learns one number without a name."""

    def __init__(self):
        super().__init__()
        self.factor = tg.Value(0.5)

    def formula(self, x, factor):
        return x * factor

    def parameters(self):
        return [self.factor]


def table(*layers):
    network = tg.Network(verbose=False)
    for layer in layers:
        network.add(layer)
    return network.summary()


def test_shapes_and_numbers_of_parameters_stand_in_a_table():
    first, second = tg.FullyConnectedLayer(784, 128, rng=0), tg.FullyConnectedLayer(128, 10, rng=0)
    lines = table(first, tg.ActivationLayer("tanh"), second).splitlines()
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    assert ["layer", "what it is", "rows in", "rows out", "learned", "parameters"] == cells[0]
    assert [
        ["layer1", "FullyConnectedLayer(784, 128)", "(n, 784)", "(n, 128)"],
        ["layer2", "ActivationLayer('tanh')", "(n, 128)", "(n, 128)"],
        ["layer3", "FullyConnectedLayer(128, 10)", "(n, 128)", "(n, 10)"],
    ] == [row[:4] for row in cells[2:5]]
    assert ["W1 (784, 128), b1 (1, 128)", "100,480"] == cells[2][4:]
    assert ["0"] == cells[3][4:]
    assert ["3 layers", "101,770"] == cells[6]


def test_every_line_of_numbers_ends_at_the_same_place():
    lines = table(tg.FullyConnectedLayer(784, 128, rng=0), tg.ActivationLayer()).splitlines()
    assert 1 == len({len(line) for line in lines})


def test_a_layer_that_does_not_know_its_sizes_passes_them_on():
    lines = table(Halving(), tg.FullyConnectedLayer(2, 1, rng=0), Halving()).splitlines()
    assert ["layer1", "Halving()", "(n,", "?)", "(n,", "?)", "p1", "()", "1"] == lines[2].split()
    assert ["layer3", "Halving()", "(n,", "1)", "(n,", "1)", "p3", "()", "1"] == lines[4].split()


def test_an_empty_network_has_an_empty_table():
    assert ["0", "layers", "0"] == table().splitlines()[-1].split()
