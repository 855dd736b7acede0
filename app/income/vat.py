"""Value added tax within gross amounts, and sums shared out so that their parts add up: integers only.

The rounding of halves is our choice, so `VAT_RULE` says it in words on every export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from app.income.amounts import BadAmount, figure

VAT_RULE = "VAT is gross × rate ÷ (100 + rate), to the nearest penny; an exact half goes to the even penny."
HALF_EVEN, HALF_UP = "half-even", "half-up"
_RATE_DIGITS = 8


def vat_within(gross_pence: int, rate_basis_points: int, *, ties: str = HALF_EVEN) -> int:
    """Return the pence of VAT within a gross amount at a rate in basis points (2000 is 20 per cent).

    The same for a refund with its sign turned. `ties`: what becomes of an exact half penny, which at 20 per
    cent happens for gross pence of 3 more than a multiple of 12. Raises ValueError for a negative rate.
    """
    if rate_basis_points < 0:
        raise ValueError("a VAT rate is never negative")
    divisor = 10_000 + rate_basis_points
    whole, rest = divmod(abs(gross_pence) * rate_basis_points, divisor)
    if 2 * rest > divisor or (2 * rest == divisor and (ties == HALF_UP or whole % 2)):
        whole += 1
    return -whole if gross_pence < 0 else whole


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Return `total` pence shared by weights of 0 or more, by largest remainder: the parts add up exactly.

    Equal remainders go to the earlier part. Raises ValueError for no weights, all of them 0, or one below 0.
    """
    base = sum(weights)
    if base <= 0 or min(weights, default=-1) < 0:
        raise ValueError("an amount is shared by weights of 0 or more, not all of them 0")
    sign, size = (-1 if total < 0 else 1), abs(total)
    parts = [size * weight // base for weight in weights]
    rests = [size * weight % base for weight in weights]
    left = size - sum(parts)
    for place in sorted(range(len(parts)), key=lambda one: (-rests[one], one))[:left]:
        parts[place] += 1
    return tuple(sign * part for part in parts)


def vat_code_of(line_code: str, fund_code: str, fund_overrides: bool) -> str:
    """Return the VAT code that counts for a posting: its own where its fund lets it, else the fund's."""
    return line_code if fund_overrides and line_code else fund_code


def vat_of(
    gross_pence: int, line_code: str, fund_code: str, fund_overrides: bool, rates: Mapping[str, int]
) -> int:
    """Return the pence of VAT within a posting of a fund; `rates` are basis points by VAT code.

    A code that nobody has a rate for counts as no VAT.
    """
    return vat_within(gross_pence, rates.get(vat_code_of(line_code, fund_code, fund_overrides), 0))


def rate_from_text(text: str) -> int:
    """Return basis points for a rate as systems write it: 0.2, 20, 20%, 17.5; up to 1 it is a fraction.

    Raises BadAmount for what is no rate, or one of more than 100 per cent.
    """
    body = text.strip().removesuffix("%").strip()
    digits = body.replace(".", "", 1)
    if not digits.isascii() or not digits.isdigit() or len(digits) > _RATE_DIGITS:
        raise BadAmount(f"“{text[:24]}” is not a VAT rate")
    rate = Fraction(body if not body.startswith(".") else f"0{body}")
    if rate > 1 or text.strip().endswith("%"):
        rate /= 100
    points = rate * 10_000
    if points.denominator != 1 or points > 10_000:
        raise BadAmount(f"“{text[:24]}” is not a VAT rate")
    return int(points)


def vat_remark(gross_pence: int, rate_text: str, vat_pence: int) -> str:
    """Return why a row's VAT does not fit its rate and amount, or "". A penny either way is rounding.

    The VAT itself is kept as it was posted. Raises BadAmount for a rate that cannot be read.
    """
    if vat_pence and ((vat_pence < 0) != (gross_pence < 0) or abs(vat_pence) > abs(gross_pence)):
        return f"its VAT of {figure(vat_pence)} does not lie within its amount of {figure(gross_pence)}"
    if not rate_text:
        return ""
    rate = rate_from_text(rate_text)
    expected = vat_within(gross_pence, rate)
    if abs(expected - vat_pence) <= 1:
        return ""
    percent = f"{rate // 100}.{rate % 100:02d}".rstrip("0").rstrip(".")
    return f"its VAT is {figure(vat_pence)}, but {percent} % within its amount is {figure(expected)}"
