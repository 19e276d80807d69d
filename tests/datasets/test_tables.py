"""Tables in CSV files, whole and odd."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_mlp.datasets import load_csv
from tinygrad_mlp.errors import FileFormatError


@pytest.fixture
def written(tmp_path):
    def write(text, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_csv(path, **options)

    return write


FRUIT = "size,colour,kind\n1.5,red,apple\n0.25,blue,plum\n-2e3,red,apple\n"


# ----- What is right -----


def test_numbers_stay_and_words_become_one_hot(written):
    table = written(FRUIT, target="kind")
    assert ("size", "colour=blue", "colour=red") == table.feature_names
    np.testing.assert_array_equal([[1.5, 0, 1], [0.25, 1, 0], [-2000, 0, 1]], table.x)
    assert (("apple", "plum"), [0, 1, 0]) == (table.classes, table.y.tolist())
    assert (np.float64, np.int64) == (table.x.dtype, table.y.dtype)


def test_a_target_of_numbers_is_a_column_of_them(written):
    table = written(FRUIT, target="size")
    np.testing.assert_array_equal([[1.5], [0.25], [-2000]], table.y)
    assert ((), "size") == (table.classes, table.target)


def test_the_last_column_is_the_target_unless_another_is_named(written):
    assert "kind" == written(FRUIT).target


def test_numbers_can_be_names_and_are_then_sorted_as_numbers(written):
    table = written("a,b\n1,10\n2,9\n3,10\n", categorical="b")
    assert (("9", "10"), [1, 0, 1]) == (table.classes, table.y.tolist())


def test_columns_can_be_left_out(written):
    assert ("size",) == written(FRUIT, ignore=["colour"]).feature_names


def test_marks_of_spreadsheets_quotes_empty_lines_and_spaces_do_no_harm(written):
    text = '\ufeff"a ""x"""; b\r\n\r\n 1 ;"two\nlines"\r\n2; "c;d"\r\n'
    table = written(text, delimiter=";")
    assert (('a "x"',), ("c;d", "two\nlines")) == (table.feature_names, table.classes)


def test_another_table_is_read_like_the_first(written):
    first = written(FRUIT)
    other = written("extra,colour,size\n9,blue,7\n", like=first)
    np.testing.assert_array_equal([[7, 1, 0]], other.x)
    assert (first.feature_names, 0) == (other.feature_names, len(other.y))
    assert [1] == written("kind,colour,size\nplum,red,1\n", like=first).y.tolist()


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        ),
        min_size=1,
    )
)
def test_what_python_wrote_comes_back_to_the_last_bit(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("number", "word"), *rows])
    table = load_csv(path, categorical=["word"])
    assert [number for number, _ in rows] == table.x[:, 0].tolist()
    assert [word for _, word in rows] == [table.classes[k] for k in table.y]


# ----- What is odd -----


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a,b\n1,2\n,3\n", ", line 3, column 'a': the number is missing, got ''"),
        ("a,b\n1,2\nNA,3\n", "line 3, column 'a': the number is missing, got 'NA'"),
        ("a,b\n?,2\n", "line 2, column 'a': the number is missing"),
        ("a,b\nx,2\n,3\n", "line 3, column 'a': the word is missing"),
        ("a,b\n1,2\nten,3\n", "line 3, column 'a': 'ten' is not a number, as others"),
        ("a,b\n1,2\n1_000,3\n", "'1_000' is not a number"),
        ("a,b\n1,1e999\n", "line 2, column 'b': 1e999 is not a finite number"),
        ("a,b\n1,2\n3\n", ", line 3 has 1 cells, but there are 2 columns"),
        ('a,b\n"1\n2",1\n\n1,2,3\n', ", line 5 has 3 cells"),
        ("1,2\n3,4\n", ", line 1: the first line must name the columns, got the numbers 1, 2"),
        ("a,\n1,2\n", ", line 1: column 2 has no name"),
        ("a,a\n1,2\n", ", line 1: two columns have the name 'a'"),
        ("", " is empty"),
        ("\n\n", " is empty"),
        ("a,b\n", " has names of columns, but no row"),
        ("a\n1\n", " has no column besides the target 'a'"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data"),
        (b"a,b\n\xff,2\n", " is not a text in UTF-8"),
        ("a\n1,5;2,5\n", "is the delimiter another"),
    ],
)
def test_what_is_odd_is_told_with_its_place(written, text, wanted, tmp_path):
    with pytest.raises(FileFormatError) as caught:
        written(text)
    assert str(caught.value).startswith(str(tmp_path / "table.csv"))
    assert wanted in str(caught.value)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"target": "sort"}, "no column 'sort', which target names; it has size, colour, kind"),
        ({"categorical": ["x"]}, "no column 'x', which categorical names"),
        ({"ignore": "x"}, "no column 'x', which ignore names"),
        ({"delimiter": ", "}, "delimiter must be one character"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(written, options, wanted):
    with pytest.raises(ValueError, match=r"column|delimiter") as caught:
        written(FRUIT, **options)
    assert wanted in str(caught.value)


def test_another_delimiter_is_seen(written):
    with pytest.raises(FileFormatError, match="say delimiter=';'"):
        written("a;b\n1;2\n", target="b")


def test_new_words_and_lacking_columns_are_told(written):
    first = written(FRUIT)
    with pytest.raises(FileFormatError, match=r"line 2, column 'colour': 'pink' is new, known are"):
        written("size,colour\n1,pink\n", like=first)
    with pytest.raises(FileFormatError, match="no column 'colour', which like names"):
        written("size\n1\n", like=first)


def test_a_column_of_remarks_is_not_spread_out(written):
    rows = "".join(f"{k},remark {k},{k}\n" for k in range(1001))
    with pytest.raises(FileFormatError, match=r"1,001 different words.*say ignore=\['b'\]"):
        written(f"a,b,c\n{rows}")
