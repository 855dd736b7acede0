"""Finding a home: beginnings of words, postcodes in any spacing, names with their accents; pages by key."""

import pytest

from app.repairs.homes import find
from app.repairs.places import place_key
from models.repairs import Property


@pytest.fixture
def homes(context):
    """Thirty homes of two streets and a few that are hard to find."""

    def add(session, address, postcode, **values):
        session.add(
            Property(address=address, postcode=postcode, place_key=place_key(address, postcode), **values)
        )

    def made(session):
        for number in range(1, 31):
            add(session, f"{number} Tannery Row, Averwick", "AV3 2QT", uprn=f"0000900000{number:02d}")
        add(session, "Flat 12, Castle Court", "AV2 1HN", tenant_name="Ffion Wŷn-Harte")
        add(session, "Flat 2, Castle Court", "AV2 1HN", tenant_name="Pat O'Neil-Smith", property_ref="H77/2")
        add(session, "Tŷ Gwyn, Mill Lane", "AV1 4BD", tenant_name="Żaneta Zielińska")

    context.write("Homes", made)
    return lambda typed, limit=50: [
        home.address for home in context.read(lambda s: find.homes(s, typed, limit))
    ]


def test_a_number_is_that_of_the_house_and_not_the_end_of_another(homes):
    assert homes("14 tann") == ["14 Tannery Row, Averwick"]
    assert homes("4 tann") == ["4 Tannery Row, Averwick"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("wyn harte", "Flat 12, Castle Court"),
        ("Wŷn-Harte", "Flat 12, Castle Court"),
        ("o'neil", "Flat 2, Castle Court"),
        ("smith pat", "Flat 2, Castle Court"),
        ("h77/2", "Flat 2, Castle Court"),
        ("ty gwyn", "Tŷ Gwyn, Mill Lane"),
        ("zaneta", "Tŷ Gwyn, Mill Lane"),
        ("zielinska mill", "Tŷ Gwyn, Mill Lane"),
        ("9000000 7 tannery", "7 Tannery Row, Averwick"),
        ("000090000007", "7 Tannery Row, Averwick"),
        ("90000007", "7 Tannery Row, Averwick"),
    ],
)
def test_a_home_is_found_by_what_somebody_says(homes, typed, found):
    assert homes(typed) == [found]


@pytest.mark.parametrize("typed", ["av3 2qt", "AV32QT", "av3 2", "AV3-2QT"])
def test_a_postcode_may_be_typed_in_any_spacing(homes, typed):
    assert len(homes(typed)) == 30


@pytest.mark.parametrize("typed", ["", "   ", "%_'\"", "zzz", "; drop table", "x" * 500])
def test_nothing_is_found_for_no_word_or_a_strange_one(homes, typed):
    assert homes(typed) == []


def test_pages_follow_the_street_and_leave_none_out(homes, context):
    seen, after = [], None
    while found := context.read(lambda s, a=after: find.page(s, "", a, 7)):
        seen += [home.address for _key, home in found]
        after = found[-1][0]
    assert len(seen) == 33 == context.read(lambda s: find.count(s, ""))
    assert seen[:3] == ["Tŷ Gwyn, Mill Lane", "Flat 2, Castle Court", "Flat 12, Castle Court"]
    assert [int(a.split()[0]) for a in seen[3:]] == list(range(1, 31))
    keys = context.read(lambda s: find.keys(s, "", 7))
    assert [context.read(lambda s, k=key: find.page(s, "", k, 1))[0][1].address for key in keys] == seen[7::7]
