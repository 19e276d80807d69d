"""Folders in MNIST's format, whole and damaged."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.datasets import load_idx
from tinygrad_mlp.datasets.idx import _read_file
from tinygrad_mlp.errors import FileFormatError

NAMES = {
    "train-images-idx3-ubyte": (3, 2, 4),
    "train-labels-idx1-ubyte": (3,),
    "t10k-images-idx3-ubyte": (2, 2, 4),
    "t10k-labels-idx1-ubyte": (2,),
}
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def header_of(shape):
    return struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape)


def file_of(array):
    return header_of(array.shape) + array.astype(np.uint8).tobytes()


def counting(shape):
    return np.arange(np.prod(shape)).reshape(shape) * 5


@pytest.fixture
def folder(tmp_path):
    for name, shape in NAMES.items():
        (tmp_path / name).write_bytes(file_of(counting(shape)))
    return tmp_path


def refusal_of(folder, name=IMAGES):
    """Return the message with which the folder is refused; it must name the file."""
    with pytest.raises(FileFormatError) as caught:
        load_idx(folder)
    message = str(caught.value)
    assert message.startswith(str(folder / name))
    return message.removeprefix(str(folder / name))


# ----- What is right -----


@given(st.data())
def test_images_and_labels_come_back_as_they_were_written(tmp_path_factory, data):
    rows, columns = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    folder = tmp_path_factory.mktemp("idx")
    written = {}
    for part in ("train", "t10k"):
        count = data.draw(st.integers(1, 6))
        random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        images = random.integers(0, 256, (count, rows, columns))
        labels = random.integers(0, 256, count)
        written[part] = images, labels
        for name, array in ((f"{part}-images-idx3", images), (f"{part}-labels-idx1", labels)):
            spelled = name.replace("-idx", ".idx") if data.draw(st.booleans()) else name
            if data.draw(st.booleans()):
                (folder / f"{spelled}-ubyte.gz").write_bytes(gzip.compress(file_of(array)))
            else:
                (folder / f"{spelled}-ubyte").write_bytes(file_of(array))
    x_train, y_train, x_test, y_test = load_idx(folder)
    for (images, labels), x, y in (
        (written["train"], x_train, y_train),
        (written["t10k"], x_test, y_test),
    ):
        assert ((len(images), rows * columns), np.float64) == (x.shape, x.dtype)
        assert np.array_equal(images.reshape(len(images), -1) / 255.0, x)
        assert np.int64 == y.dtype
        assert np.array_equal(labels, y)


def test_the_folder_may_be_text_or_a_path(folder):
    assert np.array_equal(load_idx(folder).x_train, load_idx(str(folder)).x_train)


# ----- What is missing -----


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_its_folder(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_idx(folder)
    assert str(caught.value) == f"{folder} lacks {name} (each plain or with .gz)"


def test_an_empty_folder_lacks_all_four(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        load_idx(tmp_path)
    assert ", ".join(NAMES) in str(caught.value)


def test_a_folder_in_place_of_a_file_does_not_count(folder):
    (folder / IMAGES).unlink()
    (folder / IMAGES).mkdir()
    with pytest.raises(FileNotFoundError, match=IMAGES):
        load_idx(folder)


# ----- What is damaged -----


def test_a_file_of_another_kind_is_refused_with_its_first_bytes(folder):
    (folder / IMAGES).write_bytes(file_of(counting((3,))))
    assert refusal_of(folder) == " starts with the bytes 00000801, wanted 00000803"
    (folder / IMAGES).write_bytes(b"")
    assert refusal_of(folder) == " starts with the bytes none, wanted 00000803"


def test_a_pickle_is_refused_and_not_run(folder):
    (folder / IMAGES).write_bytes(b"cbuiltins\nexit\n(tR.")
    assert refusal_of(folder) == " starts with the bytes 63627569, wanted 00000803"


def test_a_header_that_ends_early_is_refused(folder):
    (folder / IMAGES).write_bytes(header_of((3, 2, 4))[:-1])
    assert refusal_of(folder) == " ends within its header, after 15 of 16 bytes"


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(("change", "held"), [(-1, "only 23"), (1, "more")])
def test_a_file_too_short_or_too_long_is_refused(folder, suffix, change, held):
    (folder / IMAGES).unlink()
    content = (file_of(counting((3, 2, 4))) + b"\0")[: 16 + 24 + change]
    packed = gzip.compress(content) if suffix else content
    (folder / f"{IMAGES}{suffix}").write_bytes(packed)
    message = refusal_of(folder, f"{IMAGES}{suffix}")
    assert message == f" announces 3 x 2 x 4 = 24 bytes after its header, but holds {held}"


@pytest.mark.parametrize("shape", [(0, 2, 4), (3, 0, 4), (2**32 - 1, 2, 0)])
def test_images_without_a_pixel_are_refused(folder, shape):
    (folder / IMAGES).write_bytes(header_of(shape))
    assert "wanted at least one" in refusal_of(folder)


@pytest.mark.parametrize("cut", [3, 20, -9, -1])
def test_a_gzip_file_that_was_cut_is_refused(folder, cut):
    (folder / IMAGES).unlink()
    packed = gzip.compress(file_of(counting((3, 2, 4))))
    (folder / f"{IMAGES}.gz").write_bytes(packed[:cut])
    assert refusal_of(folder, f"{IMAGES}.gz").startswith(" is damaged, wanted a gzip file: ")


def test_a_gzip_file_with_a_wrong_checksum_is_refused(folder):
    (folder / IMAGES).unlink()
    packed = bytearray(gzip.compress(file_of(counting((3, 2, 4)))))
    packed[-8] ^= 1
    (folder / f"{IMAGES}.gz").write_bytes(packed)
    assert "CRC" in refusal_of(folder, f"{IMAGES}.gz")


def test_labels_that_do_not_match_the_images_are_refused(folder):
    (folder / LABELS).write_bytes(file_of(counting((4,))))
    assert refusal_of(folder, LABELS) == f" holds 4 labels, but {folder / IMAGES} holds 3 images"


def test_test_images_of_another_size_are_refused(folder):
    name = "t10k-images-idx3-ubyte"
    (folder / name).write_bytes(file_of(counting((2, 4, 2))))
    message = refusal_of(folder, name)
    assert message == (f" holds images of 4 x 2 pixels, but those of {folder / IMAGES} have 2 x 4")


# ----- What lies -----


def peak_of(call):
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_an_announced_terabyte_is_not_allocated(folder, suffix):
    (folder / IMAGES).unlink()
    content = header_of((2**20, 2**10, 2**10)) + b"\0" * 100
    (folder / f"{IMAGES}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
    assert peak_of(lambda: refusal_of(folder, f"{IMAGES}{suffix}")) < 10_000_000


def test_a_gzip_bomb_is_not_unpacked(folder):
    (folder / IMAGES).unlink()
    content = file_of(counting((3, 2, 4))) + bytes(50_000_000)
    (folder / f"{IMAGES}.gz").write_bytes(gzip.compress(content, 1))
    del content
    assert peak_of(lambda: refusal_of(folder, f"{IMAGES}.gz")) < 5_000_000


@pytest.mark.parametrize("suffix", ["", ".gz"])
@given(data=st.data())
def test_any_bytes_give_an_array_or_the_one_error(tmp_path_factory, suffix, data):
    whole = bytearray(file_of(counting((2, 2, 2))))
    if suffix:
        whole = bytearray(gzip.compress(whole, mtime=0))
    for _ in range(data.draw(st.integers(0, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    content = data.draw(st.binary(max_size=60) | st.just(bytes(whole)))
    path = tmp_path_factory.mktemp("fuzz") / f"file{suffix}"
    path.write_bytes(content)
    message = None
    try:
        array = _read_file(path, axes=3)
    except FileFormatError as error:
        message = str(error)
    if message is None:
        assert (3, np.uint8) == (array.ndim, array.dtype)
    else:
        assert message.startswith(str(path))
