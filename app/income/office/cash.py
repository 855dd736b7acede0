"""Cash on its way to the bank: denominations, counts, coin bags and what a bag should weigh.

Every function is pure. Money is whole pence by denomination, as on a cash sheet: {2000: 10000} is five £20
notes. Masses are those of the Royal Mint's coin specifications; bags are the full bags that UK banks take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import HoldallError
from app.wording import money

NOTES = (50_00, 20_00, 10_00, 5_00)
COINS = (2_00, 1_00, 50, 20, 10, 5, 2, 1)
DENOMINATIONS = (*NOTES, *COINS)

# Hundredths of a gram of one coin: Royal Mint, specifications of circulating coins.
MASSES = {2_00: 1200, 1_00: 875, 50: 800, 20: 500, 10: 650, 5: 325, 2: 712, 1: 356}

# Pence in one full bag of a single coin, as UK banks and cash centres take them.
BAGS = {2_00: 20_00, 1_00: 20_00, 50: 10_00, 20: 10_00, 10: 5_00, 5: 5_00, 2: 1_00, 1: 1_00}


@dataclass(frozen=True)
class Bags:
    """The coins of one denomination in full bags, with what is left over as loose coins."""

    denomination: int
    full: int
    loose: int


def name_of(denomination: int) -> str:
    """Return what people call a denomination: £20 notes, 50p coins."""
    kind = "notes" if denomination in NOTES else "coins"
    return f"£{denomination // 100} {kind}" if denomination >= 100 else f"{denomination}p {kind}"


def fault(denomination: int, pence: int) -> str:
    """Return what is wrong with a value written beside a denomination, in one sentence, or ""."""
    if denomination not in DENOMINATIONS:
        return f"There is no note or coin of {money(denomination)}."
    if pence < 0:
        return f"{name_of(denomination)} cannot come to less than nothing."
    if pence % denomination:
        return f"{money(pence)} is not a whole number of {name_of(denomination)}."
    return ""


def checked(denominations: Mapping[int, int]) -> dict[int, int]:
    """Return the values above zero, largest denomination first. Raises HoldallError naming a bad one."""
    for denomination, pence in denominations.items():
        wrong = fault(denomination, pence)
        if wrong:
            raise HoldallError(wrong, "Count them again, and write their value and not their number.")
    return {one: denominations[one] for one in DENOMINATIONS if denominations.get(one)}


def counts(denominations: Mapping[int, int]) -> dict[int, int]:
    """Return how many notes or coins each value is. Raises HoldallError for one that does not divide."""
    return {one: pence // one for one, pence in checked(denominations).items()}


def total(denominations: Mapping[int, int]) -> int:
    """Return the pence of all denominations together."""
    return sum(denominations.values())


def difference(denominations: Mapping[int, int], lines: int) -> int:
    """Return the pence by which the cash is more than the lines it was taken for; negative when less."""
    return total(denominations) - lines


def bag_weight_hundredths(counted: Mapping[int, int]) -> int:
    """Return what the coins should weigh, in hundredths of a gram; notes are not weighed."""
    return sum(MASSES[one] * number for one, number in counted.items() if one in MASSES)


def bag_weight_grams(counted: Mapping[int, int]) -> int:
    """Return what the coins should weigh to the nearest gram, as a scale shows it; notes are not weighed."""
    return (bag_weight_hundredths(counted) + 50) // 100


def weight_words(counted: Mapping[int, int]) -> str:
    """Return the weight for people: 812 g, 1.46 kg, or that there are no coins to weigh."""
    grams = bag_weight_grams(counted)
    if not grams:
        return "no coins to weigh"
    return f"{grams} g" if grams < 1_000 else f"{grams // 1_000}.{(grams % 1_000) // 10:02d} kg"


def coin_bags(counted: Mapping[int, int]) -> tuple[Bags, ...]:
    """Return the coins in full bags, one entry for each denomination there is, largest first."""
    found = []
    for one in COINS:
        if number := counted.get(one, 0):
            in_a_bag = BAGS[one] // one
            found.append(Bags(one, number // in_a_bag, number % in_a_bag))
    return tuple(found)
