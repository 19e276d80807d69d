"""Tests of a page in a notebook."""

import html
import re

import pytest

import tinygrad_mlp as tg


def test_a_notebook_shows_a_page_in_a_frame_that_may_only_run_scripts(neuron):
    shown = tg.view(neuron, height=300)._repr_html_()
    assert ['sandbox="allow-scripts"'] == re.findall(r'sandbox="[^"]*"', shown.split("srcdoc")[0])
    assert "height: 300px" in shown
    assert 'title="Computation graph of o"' in shown


def test_the_frame_holds_the_whole_page_as_an_attribute(neuron):
    page = tg.view(neuron)
    inside = re.search(r'srcdoc="([^"]*)"></iframe>$', page._repr_html_())[1]
    assert not {"<", ">", "'"}.intersection(inside)
    assert page.html == html.unescape(inside)


def test_a_page_is_saved_under_names_of_pages_alone(neuron, tmp_path):
    page = tg.view(neuron)
    page.save(tmp_path / "o.html")
    assert page.html == (tmp_path / "o.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"save: path 'o\.svg' must end with \.html"):
        page.save("o.svg")


def test_what_is_no_graph_is_refused_by_name():
    with pytest.raises(TypeError, match="view: values must be Values"):
        tg.view([1.0])
    with pytest.raises(ValueError, match="expand: no box is called 'nowhere'"):
        tg.view(tg.Value(1.0), expand="nowhere")
    with pytest.raises(TypeError, match="height must be an int"):
        tg.view(tg.Value(1.0), height="tall")
    with pytest.raises(ValueError, match="show must be made of"):
        tg.view(tg.Value(1.0), show="everything")


def test_lists_and_graphs_are_shown_too(neuron):
    two = tg.view([neuron, neuron * 2.0])
    assert "Computation graph of o, v11" == two.title
    assert tg.view(tg.Graph.of(neuron)).html == tg.view(neuron).html
