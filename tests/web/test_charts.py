"""Are drawings right, readable by those who listen, and free of anything that the content security policy refuses?"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from goodword.web import charts


def drawn(svg: str) -> ElementTree.Element:
    """The drawing as a tree: it must be well formed."""
    return ElementTree.fromstring(svg)


def test_a_sparkline_leaves_gaps_and_has_a_title() -> None:
    svg = str(charts.sparkline([1, None, 3, 2], "Referrals <by day>"))
    path = drawn(svg).find("path")
    assert path is not None and path.attrib["d"].count("M") == 2
    assert drawn(svg).findtext("title") == "Referrals <by day>"
    assert charts.sparkline([0, 0, 0], "nothing") == ""
    assert charts.sparkline([3], "one") == ""


@pytest.mark.parametrize(("part", "width"), [(0.5, "50.00"), (2, "100.00"), (-1, "0.00")])
def test_a_bar_stays_within_its_whole(part: float, width: str) -> None:
    assert drawn(str(charts.bar(part))).findall("rect")[1].attrib["width"] == width


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 6), (7, 10), (11, 20), (21, 26), (33, 50), (990, 1000)])
def test_axes_end_at_round_numbers_that_can_be_halved(most: float, top: int) -> None:
    assert charts.round_top(most) == top and top >= most and top % 2 == 0


def test_a_trend_draws_each_series_in_its_own_way() -> None:
    tree = drawn(
        str(charts.trend([charts.Series("a", (0, 5, 10)), charts.Series("b", (1, 1, 1))], "finding", "table beside"))
    )
    groups = tree.findall("g")
    assert [group.attrib["class"] for group in groups] == ["c1", "c2"]
    assert {group.findall("path")[0].attrib["stroke-dasharray"] for group in groups} == {"none", "6 4"}
    assert tree.findtext("title") == "finding" and tree.findtext("desc") == "table beside"
    assert drawn(str(charts.trend([], "nothing", ""))) is not None
    assert drawn(str(charts.trend([charts.Series("one", (4,))], "one step", ""))) is not None


def test_heat_has_a_step_for_everything_above_nothing() -> None:
    assert [charts.heat(n, 10) for n in (0, 1, 5, 10)] == [0, 1, 3, 5]
    assert charts.heat(3, 0) == 0


def test_nothing_needs_a_style_or_a_script() -> None:
    everything = (
        str(charts.bar(0.3, "x")) + str(charts.line_key(1)) + str(charts.trend([charts.Series("a", (1, 2))], "x", ""))
    )
    assert not re.search(r"style=|<style|<script|\bon\w+=", everything)
