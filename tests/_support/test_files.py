"""Tests of files: there whole or not at all, with the rights and the links that they had."""

import contextlib
import json
import os
import stat
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tinygrad_mlp._support.files import UNFINISHED, atomic_file

posix = pytest.mark.skipif(os.name != "posix", reason="rights and links of POSIX")


def write(path, content=b"new"):
    with atomic_file(path) as file:
        file.write(content)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask_027():
    old = os.umask(0o027)
    yield
    os.umask(old)


# ----- One at a time -----


def test_threads_that_write_one_path_never_disturb_each_other(tmp_path):
    path = tmp_path / "a"
    contents = [bytes([65 + number]) * 100_000 for number in range(8)]
    failures = []
    start = threading.Barrier(len(contents))

    def work(content):
        start.wait()
        for _ in range(20):
            try:
                write(path, content)
                assert path.read_bytes() in contents
            except BaseException as error:  # noqa: BLE001  a thread must not swallow it
                failures.append(error)

    threads = [threading.Thread(target=work, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failures
    assert path.read_bytes() in contents
    assert ["a"] == names(tmp_path)


def test_two_writers_have_two_files_until_they_are_done(tmp_path):
    path = tmp_path / "a"
    with atomic_file(path) as first, atomic_file(path) as second:
        first.write(b"first")
        second.write(b"second")
        assert first.name != second.name
        assert not path.exists()
    assert b"first" == path.read_bytes()
    assert ["a"] == names(tmp_path)


def test_what_is_unfinished_can_be_recognised_and_is_left_alone(tmp_path):
    begin, end = UNFINISHED
    left = tmp_path / f"{begin}{'0' * 16}{end}"
    left.write_bytes(b"of a killed process")
    with atomic_file(tmp_path / "a") as file:
        name = Path(file.name).name
        assert name.startswith(begin)
        assert name.endswith(end)
        assert tmp_path == Path(file.name).parent
    assert [left.name, "a"] == names(tmp_path)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_whatever_interrupts_it_the_old_file_stays(tmp_path, error):
    (tmp_path / "a").write_bytes(b"old")

    def interrupted():
        with atomic_file(tmp_path / "a") as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert ["a"] == names(tmp_path)
    assert b"old" == (tmp_path / "a").read_bytes()


# ----- Names -----


@pytest.mark.parametrize("name", ["n" * 255, "ی" * 127, ".hidden", "a b;$(x)"])
def test_a_name_of_any_length_that_a_folder_takes_is_written(tmp_path, name):
    try:
        (tmp_path / name).write_bytes(b"old")
    except OSError:
        pytest.skip("this disk takes no such name")
    write(tmp_path / name)
    assert b"new" == (tmp_path / name).read_bytes()
    assert [name] == names(tmp_path)


def test_an_error_names_the_path_that_was_given(tmp_path, monkeypatch):
    def refuse(path, mode="r", **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError, match=r"a\.npz") as caught:
        write(tmp_path / "a.npz")
    assert 13 == caught.value.errno
    assert ".part" not in str(caught.value)


# ----- Links -----


@posix
def test_a_link_stays_and_what_it_points_to_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "a"
    target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(Path("there", "a"))
    second = tmp_path / "second"
    second.symlink_to("link")
    with atomic_file(second) as file:
        file.write(b"new")
        assert target.parent == Path(file.name).parent
    assert link.is_symlink()
    assert second.is_symlink()
    assert b"new" == target.read_bytes()
    assert ["link", "second", "there"] == names(tmp_path)
    assert ["a"] == names(target.parent)


@posix
def test_a_link_to_nothing_makes_what_it_points_to(tmp_path):
    (tmp_path / "link").symlink_to("a")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert b"new" == (tmp_path / "a").read_bytes()
    (tmp_path / "far").symlink_to(tmp_path / "missing" / "a")
    with pytest.raises(FileNotFoundError, match="missing"):
        write(tmp_path / "far")


@posix
def test_links_in_a_circle_and_a_link_to_a_folder_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="a"):
        write(tmp_path / "a")
    (tmp_path / "folder").symlink_to(tmp_path)
    with pytest.raises(IsADirectoryError, match="folder"):
        write(tmp_path / "folder")
    assert ["a", "b", "folder"] == names(tmp_path)


# ----- Rights, and the disk -----


@posix
def test_a_new_file_has_the_rights_that_open_gives(tmp_path, umask_027):
    write(tmp_path / "a")
    (tmp_path / "wanted").write_bytes(b"")
    assert 0o640 == rights(tmp_path / "a") == rights(tmp_path / "wanted")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_an_existing_file_keeps_its_rights(tmp_path, mode, umask_027):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    with atomic_file(path) as file:
        assert mode == rights(Path(file.name)), "before anything secret is in it"
        file.write(b"new")
    assert mode == rights(path)
    (tmp_path / "link").symlink_to("a")
    write(tmp_path / "link", b"newer")
    assert mode == rights(path)


@posix
def test_the_file_and_its_name_are_on_the_disk(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def watched(descriptor):
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write(tmp_path / "a")
    assert [False, True] == synced


def test_a_system_that_opens_no_folders_is_no_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    write(tmp_path / "a")
    assert b"new" == (tmp_path / "a").read_bytes()


@posix
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join()
    assert [b"new"] == got
    assert pipe.is_fifo()


# ----- Everything that is written -----


def network():
    made = tg.Network(verbose=False)
    made.add(tg.FullyConnectedLayer(2, 1, rng=0))
    return made


WRITERS = {
    "weights.npz": lambda path: network().save_weights(path),
    "graph.svg": lambda path: tg.save_drawing(tg.Value(1.0) * 2.0, path),
    "graph.json": lambda path: tg.save_drawing(tg.Value(1.0) * 2.0, path),
    "network.svg": lambda path: network().draw().save(path),
}


@posix
@pytest.mark.parametrize("name", WRITERS)
def test_whatever_is_written_goes_through_links_and_keeps_rights(tmp_path, name):
    target = tmp_path / f"target.{name}"
    target.write_bytes(b"old")
    target.chmod(0o600)
    (tmp_path / name).symlink_to(target)
    WRITERS[name](tmp_path / name)
    assert (tmp_path / name).is_symlink()
    assert b"old" != target.read_bytes()
    assert 0o600 == rights(target)
    assert sorted([name, target.name]) == names(tmp_path)


def test_a_file_of_weights_says_what_it_is_and_a_newer_one_is_refused(tmp_path):
    path = tmp_path / "weights.npz"
    saved = network()
    saved.save_weights(path)

    def with_comment(comment):
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = comment
        loaded = network()
        for parameter in loaded.parameters():
            parameter.data = parameter.data + 1.0
        loaded.load_weights(path)
        return loaded

    with zipfile.ZipFile(path) as archive:
        assert b"tinygrad_mlp weights 1" == archive.comment
    for comment in (b"", b"tinygrad_mlp weights 1", b"made by hand", b"weights 2", b"\xff 2"):
        for wanted, got in zip(saved.parameters(), with_comment(comment).parameters(), strict=True):
            np.testing.assert_array_equal(wanted.data, got.data)
    for comment in (b"tinygrad_mlp weights 2", b"tinygrad_mlp weights 10"):
        with pytest.raises(tg.FileFormatError, match=comment.decode()) as caught:
            with_comment(comment)
        assert str(path) in str(caught.value)
        assert "tinygrad_mlp weights 1'" in str(caught.value)


def test_a_graph_of_a_newer_version_is_refused_by_its_name():
    text = tg.Graph.of(tg.Value(1.0)).to_json()
    data = json.loads(text)
    assert "tinygrad_mlp graph 1" == data["format"]
    data["format"] = "tinygrad_mlp graph 2"
    with pytest.raises(tg.FileFormatError, match=r"'tinygrad_mlp graph 2'.*newer tinygrad_mlp"):
        tg.Graph.from_json(json.dumps(data))
    for other in ("somebody's graph 2", "tinygrad_mlp graph 0", "tinygrad_mlp graph 1.5"):
        data["format"] = other
        with pytest.raises(tg.FileFormatError, match='wanted an object with "format"'):
            tg.Graph.from_json(json.dumps(data))
    with contextlib.suppress(tg.FileFormatError):
        tg.Graph.from_json(json.dumps(data | {"format": "tinygrad_mlp graph " + "9" * 5000}))
