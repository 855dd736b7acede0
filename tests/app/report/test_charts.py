"""Charts: true to their values, every word inside the drawing, none over another, the same on screen."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from app.report import BarChart, LineChart, Range, RangeBars, chart_svg
from app.report.blocks import value_words
from app.report.charts import drawing, ranges_height
from app.report.text import width

MONTHS = ["June", "July", "August", "September", "October", "November"]
DAYS = [f"{n} December" for n in range(1, 32)]
RANGES = RangeBars(
    [Range("Managers’ support", "help and feedback", 40, 38, "About the same"), Range("Role", "", 10, None)],
    last_name="in June",
)
SPECS: list[Any] = [
    BarChart(MONTHS, [12, 13, 9, 15, 17, 19], current=5),
    BarChart(DAYS, [(n * 7) % 23 * 100 - 300 for n in range(31)], current=12),
    BarChart(["Hadley Street Library", "Averwick Town Hall, ground floor", "Home"] * 2, [1, 2, 3, 4, 5, 6]),
    LineChart(MONTHS, [12, 13, 9, 15, 17, 19], unit="hours"),
    LineChart(["one"], [0]),
    RANGES,
]


def shapes(spec: Any, kind: str, wide: float = 480, tall: float = 170, **named: Any) -> list[Any]:
    return [s for s in drawing(spec, wide, tall, **named).contents if type(s).__name__ == kind]


def box_of(word: Any) -> tuple[float, float, float, float]:
    span = width(word.text, word.fontName, word.fontSize)
    left = word.x - {"start": 0.0, "middle": span / 2, "end": span}[word.textAnchor]
    return left, word.y, left + span, word.y + word.fontSize * 0.7


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize(("wide", "scale"), [(480.0, 1.0), (900.0, 1.35), (760.0, 2.67), (300.0, 1.0)])
def test_no_word_leaves_the_drawing_or_stands_on_another(spec: Any, wide: float, scale: float) -> None:
    tall = max(190 * scale, ranges_height(2, scale))
    boxes = [box_of(word) for word in shapes(spec, "String", wide, tall, scale=scale)]
    for left, bottom, right, top in boxes:
        assert left >= -0.5
        assert right <= wide + 0.5
        assert bottom >= -0.5
        assert top <= tall + 0.5
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)


def test_bars_below_zero_hang_from_the_line_as_far_as_they_are_worth() -> None:
    low, high = shapes(BarChart(["a", "b"], [-5, 10]), "Rect")
    zero = shapes(BarChart(["a", "b"], [-5, 10]), "Line")[-1].y1
    assert low.y + low.height == pytest.approx(zero)
    assert high.y == pytest.approx(zero)
    assert high.height == pytest.approx(2 * low.height)


def test_a_range_bar_begins_at_the_lowest_answer_and_the_tick_has_a_halo() -> None:
    spec = RangeBars([Range("Role", "", 30, 50)], low=10, high=50)
    track, bar = shapes(spec, "Rect")
    assert bar.width == pytest.approx(track.width / 2), "3 is half way from 1 to 5"
    halo, tick = shapes(spec, "Line")[-2:]
    assert halo.x1 == tick.x1 == pytest.approx(track.x + track.width)
    assert halo.strokeWidth > tick.strokeWidth
    said = [word.text for word in shapes(spec, "String")]
    assert "1, lowest" in said
    assert "5, best" in said


def test_crowded_names_are_thinned_and_the_current_one_stays() -> None:
    said = [word.text for word in shapes(SPECS[1], "String", 480)]
    assert "13 December" in said
    assert len([text for text in said if "December" in text]) < 12
    assert all("-" not in text for text in said), "a minus is a minus"


def test_figures_are_written_as_people_read_them() -> None:
    assert value_words(1234) == "1,234"
    assert value_words(-5) == "−5"
    assert value_words(40, "%") == "40%"
    assert value_words(3, "hours") == "3 hours"


@pytest.mark.parametrize("spec", SPECS)
def test_the_svg_is_whole_and_plain(spec: Any) -> None:
    root = ElementTree.fromstring(chart_svg(spec, 400, 180))  # noqa: S314  our own bytes
    kinds = {re.sub(r"\{.*\}", "", part.tag) for part in root.iter()}
    assert kinds <= {"svg", "rect", "line", "polyline", "circle", "text"}
    words = [part for part in root.iter() if part.tag.endswith("text")]
    assert len(words) == len(shapes(spec, "String", 400, 180))
    assert any(part.get("font-weight") == "600" for part in words)
    for part in root.iter():
        if part.tag.endswith("polyline"):
            assert part.get("fill") == "none"


def test_words_of_people_are_escaped_in_the_svg() -> None:
    drawn = chart_svg(BarChart(["<b>&"], [1]), 200, 100).decode()
    assert "&lt;b&gt;&amp;" in drawn


def test_high_contrast_knows_two_colours() -> None:
    palette = dict.fromkeys(("text", "muted", "line", "hue"), "#FFFFFF") | {
        "ground": "#000000",
        "track": "#000000",
    }
    for spec in SPECS:
        drawn = chart_svg(spec, 400, 180, palette).decode()
        assert set(re.findall(r"#[0-9A-F]{6}", drawn)) <= {"#FFFFFF", "#000000"}


def test_the_current_bar_is_fuller_than_the_others() -> None:
    colours = [bar.fillColor for bar in shapes(SPECS[0], "Rect")]
    assert len({c.hexval() for c in colours[:5]}) == 1
    assert sum(colours[5].rgb()) < sum(colours[0].rgb())
