"""Import rules: how conditions fold, what the operators compare, and which rules a row is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadFile
from app.income.row_rules import (
    Action,
    BadRule,
    Condition,
    Operator,
    Rule,
    check_rule,
    compile_rules,
    rule_words,
    trace,
)
from app.income.rule_files import as_document, read_rules, rule_from


def rule(fund: str, *conditions: tuple[int, str | None, str, str], **more: Any) -> Rule:
    """A rule that sets a fund: (group, logical, field, value); a fund is compared whole, text by a part."""
    made = [
        Condition(name, Operator.EQUAL if name == "FundCode" else Operator.CONTAIN, value, group, logical)
        for group, logical, name, value in conditions
    ]
    return Rule(f"to {fund}", tuple(made), (Action("FundCode", fund),), **more)


REFERENCE, NARRATIVE = "Account Reference value", "Narrative value"
ONE = rule("01", (1, None, "AccountReference", "Contains value"))
AND = rule("02", (1, None, "AccountReference", REFERENCE), (1, "AND", "FundCode", "99"))
OR = rule("03", (1, None, "FundCode", "99"), (1, "OR", "FundCode", "98"))
GROUPS = rule("04", (1, None, "FundCode", "99"), (2, None, "FundCode", "98"))
PAIRS = rule(
    "05",
    (1, None, "FundCode", "99"),
    (1, "AND", "Narrative", NARRATIVE),
    (2, None, "FundCode", "98"),
    (2, "AND", "AccountReference", REFERENCE),
)
ANY = rule(
    "06",
    (1, None, "FundCode", "99"),
    (1, "OR", "Narrative", NARRATIVE),
    (2, None, "FundCode", "98"),
    (2, "OR", "AccountReference", REFERENCE),
)


@pytest.mark.parametrize(
    ("one", "fund", "reference", "narrative", "after"),
    [
        (ONE, "99", "it Contains value here", "", "01"),
        (ONE, "99", "something else", "", "99"),
        (ONE, "99", "it contains value here", "", "99"),
        (AND, "99", REFERENCE, "", "02"),
        (AND, "98", "something else", "", "98"),
        (AND, "98", REFERENCE, "", "98"),
        (OR, "99", "", "", "03"),
        (OR, "98", "", "", "03"),
        (OR, "97", "", "", "97"),
        (GROUPS, "99", "", "", "04"),
        (GROUPS, "98", "", "", "04"),
        (GROUPS, "97", "", "", "97"),
        (PAIRS, "99", "", NARRATIVE, "05"),
        (PAIRS, "98", REFERENCE, "", "05"),
        (PAIRS, "99", REFERENCE, "other words", "99"),
        (PAIRS, "97", REFERENCE, NARRATIVE, "97"),
        (ANY, "99", "", "", "06"),
        (ANY, "98", "", "", "06"),
        (ANY, "50", REFERENCE, "", "06"),
        (ANY, "50", "", NARRATIVE, "06"),
        (ANY, "50", "", "", "50"),
    ],
)
def test_rules_answer_as_those_of_the_source_system(
    one: Rule, fund: str, reference: str, narrative: str, after: str
) -> None:
    row = {"FundCode": fund, "AccountReference": reference, "Narrative": narrative}
    left, fired = compile_rules([one]).run(row)
    assert left["FundCode"] == after
    assert fired == ((one.name,) if after == one.actions[0].value else ())
    assert row["FundCode"] == fund


def test_conditions_fold_from_left_to_right_and_neither_joint_binds_closer() -> None:
    # (true OR x) AND false is false; AND that binds closer would make it true
    folded = rule(
        "07", (1, None, "FundCode", "1"), (1, "OR", "FundCode", "2"), (1, "AND", "Narrative", "never")
    )
    assert compile_rules([folded]).run({"FundCode": "1", "Narrative": ""})[1] == ()
    other = rule(
        "08", (1, None, "Narrative", "never"), (1, "AND", "FundCode", "2"), (1, "OR", "FundCode", "1")
    )
    assert compile_rules([other]).run({"FundCode": "1", "Narrative": ""})[1] == ("to 08",)


@pytest.mark.parametrize(
    ("operator", "value", "amount", "holds"),
    [
        (Operator.GREATER, "3.00", "20.00", True),
        (Operator.GREATER, "3.00", 2000, True),
        (Operator.GREATER, "20", "£3.00", False),
        (Operator.GREATER, "20.00", "20.00", False),
        (Operator.LESS, "1,000.00", "999.99", True),
        (Operator.LESS, "-5", "-20.00", True),
        (Operator.LESS, "5", "", False),
        (Operator.LESS, "5", None, False),
        (Operator.LESS, "5", "four", False),
        (Operator.EQUAL, "20", "20.00", True),
        (Operator.EQUAL, "20", 2000, True),
        (Operator.EQUAL, "20", "2.00", False),
        (Operator.CONTAIN, ".50", "12.50", True),
        (Operator.START_WITH, "12", 1250, True),
        (Operator.END_WITH, ".50", 1251, False),
        (Operator.NOT_CONTAIN, "9", None, True),
    ],
)
def test_amounts_are_compared_as_money_and_never_as_text(
    operator: Operator, value: str, amount: Any, holds: bool
) -> None:
    one = Rule("r", (Condition("Amount", operator, value),), (Action("FundCode", "X"),))
    assert compile_rules([one]).run({"Amount": amount})[1] == (("r",) if holds else ())


@pytest.mark.parametrize(
    ("operator", "value", "text", "holds"),
    [
        (Operator.CONTAIN, "STALL", "MARKET STALLS", True),
        (Operator.CONTAIN, "stall", "MARKET STALLS", False),
        (Operator.NOT_CONTAIN, "RENT", "MARKET STALLS", True),
        (Operator.START_WITH, "MARKET", "MARKET STALLS", True),
        (Operator.END_WITH, "STALLS", "MARKET STALLS", True),
        (Operator.END_WITH, "MARKET", "MARKET STALLS", False),
        (Operator.EQUAL, "MARKET STALLS", "MARKET STALLS", True),
        (Operator.EQUAL, "", None, True),
        (Operator.CONTAIN, "x", None, False),
        (Operator.NOT_CONTAIN, "x", None, True),
    ],
)
def test_text_is_compared_with_its_capitals_and_nothing_is_empty_text(
    operator: Operator, value: str, text: str | None, holds: bool
) -> None:
    one = Rule("r", (Condition("Narrative", operator, value),), (Action("FundCode", "X"),))
    assert compile_rules([one]).run({"Narrative": text})[1] == (("r",) if holds else ())
    assert trace(one, {"Narrative": text}).fires is holds


def test_later_rules_see_what_earlier_ones_set_and_the_last_writer_wins() -> None:
    first = Rule("first", (), (Action("FundCode", "A"),), order=1)
    second = Rule(
        "second", (Condition("FundCode", Operator.EQUAL, "A"),), (Action("FundCode", "B"),), order=2
    )
    left, fired = compile_rules([second, first]).run({})
    assert (left, fired) == ({"FundCode": "B"}, ("first", "second"))
    assert compile_rules([first, second, rule("C", order=9, disabled=True)]).run({})[0] == {"FundCode": "B"}


def test_rules_of_an_import_type_run_before_global_ones_whatever_their_order() -> None:
    general = Rule("global", (), (Action("FundCode", "G"),), is_global=True, order=1)
    typed = Rule("typed", (), (Action("FundCode", "T"),), order=2)
    assert compile_rules([general, typed]).run({}) == ({"FundCode": "G"}, ("typed", "global"))


def test_a_rule_explains_each_of_its_conditions() -> None:
    row = {"FundCode": "99", "Narrative": "other words", "AccountReference": REFERENCE}
    seen = trace(PAIRS, row)
    assert not seen.fires
    assert seen.sentences[0] == "The fund is “99”: yes, it is “99”."
    assert seen.sentences[1] == "The narrative contains “Narrative value”: no, it is “other words”."
    empty = Rule("e", (Condition("MopCode", Operator.EQUAL, ""),), (Action("FundCode", "1"),))
    assert trace(empty, row).sentences == ("The method of payment is empty: yes, it is empty.",)
    assert rule_words(empty) == "When the method of payment is empty, the fund becomes 1."
    assert trace(Rule("r", (), (Action("FundCode", "1"),)), row).sentences == (
        "It has no condition, so it always fires.",
    )
    assert rule_words(AND) == (
        "When the account reference contains “Account Reference value” and the fund is “99”, "
        "the fund becomes 02."
    )
    big = Rule("big", (Condition("Amount", Operator.GREATER, "20"),), (Action("MopCode", ""),))
    assert rule_words(big) == "When the amount is more than £20.00, the method of payment becomes empty."


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Rule("r", (Condition("Colour", Operator.EQUAL, "x"),), (Action("FundCode", "1"),)), "Colour"),
        (Rule("r", (Condition("FundCode", Operator.GREATER, "5"),), (Action("FundCode", "1"),)), "by size"),
        (
            Rule("r", (Condition("Amount", Operator.LESS, "five"),), (Action("FundCode", "1"),)),
            "not an amount",
        ),
        (Rule("r", (), (Action("Amount", "5.00"),)), "no rule may change"),
        (Rule("r", (), ()), "sets nothing"),
        (Rule(" ", (), (Action("FundCode", "1"),)), "no name"),
    ],
)
def test_a_rule_that_cannot_run_is_refused_by_name(bad: Rule, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        check_rule(bad)
    with pytest.raises(BadRule):
        compile_rules([bad])


IMS = """[{"Name": "Stalls", "Description": "d", "IsGlobal": true, "Disabled": false, "Conditions": [
 {"Group": 1, "Field": "Narrative", "Operator": "Contain", "Value": "STALL", "LogicalOperator": null},
 {"Group": 1, "Field": "Amount", "Operator": "BeGreaterThan", "Value": 3.00, "LogicalOperator": "AND"},
 {"Group": 2, "Field": "FundCode", "Operator": "Equals", "Value": "13", "LogicalOperator": null}],
 "Actions": [{"Field": "FundCode", "Value": "52"}]}]"""
SNAKE = """{"rules": [{"name": "Stalls", "description": "d", "is_global": true, "conditions": [
 {"field": "narrative", "operator": "contains", "value": "STALL"},
 {"field": "amount", "operator": "be_greater_than", "value": "3.00", "logical_operator": "and"},
 {"group": "2", "field": "fund", "operator": "equal", "value": "13"}],
 "actions": [{"field": "fund_code", "value": 52}]}]}"""


def test_a_file_of_the_source_system_and_one_in_snake_case_read_alike() -> None:
    (ims,), (snake,) = read_rules("a.json", IMS), read_rules("b.json", SNAKE)
    assert ims == snake
    ready = compile_rules([ims])
    assert ready.run({"Narrative": "STALL 4", "Amount": "20.00"})[0]["FundCode"] == "52"
    assert ready.run({"Narrative": "STALL 4", "Amount": "2.00"})[1] == ()
    conditions, actions = as_document(ims)
    kept = {"name": "Stalls", "description": "d", "is_global": True}
    assert rule_from({**kept, "conditions": conditions, "actions": actions}, "here") == ims


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "“r.json” is not JSON: line 1"),
        ('"x"', "holds no list of rules"),
        ("[1]", "Rule 1 of “r.json” is not an object"),
        ('[{"Name": ""}]', "Rule 1 of “r.json” has no Name"),
        ('[{"Name": "A"}]', "Rule “A” of “r.json” has no Actions"),
        (IMS.replace("Contain", "Contians"), "has an Operator “Contians” in condition 1"),
        (IMS.replace("Narrative", "Narative"), "has a Field “Narative” in condition 1"),
        (IMS.replace('"AND"', "null"), "does not say how condition 2 joins"),
        (IMS.replace('"AND"', '"XOR"'), "does not say how condition 2 joins"),
        (IMS.replace("false", '"no"'), "says Disabled is “no”"),
        (IMS.replace('"Group": 2', '"Group": "two"'), "has a Group “two”"),
        (IMS.replace('"Group": 2', '"Group": true'), "has a Group “True”"),
        ("[" * 100_000, "not JSON"),
        ('[{"Name": "A", "Conditions": 5, "Actions": []}]', "Conditions that are no list"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence_that_names_rule_and_member(text: str, words: str) -> None:
    with pytest.raises(BadFile) as raised:
        read_rules("r.json", text)
    assert words in raised.value.title
    assert raised.value.advice


def test_twenty_rules_run_over_many_rows_in_a_moment() -> None:
    rules = [
        Rule(
            f"r{n}",
            (
                Condition("Narrative", Operator.CONTAIN, f"WORD {n}"),
                Condition("Amount", Operator.GREATER, "20.00", logical="AND"),
            )
            if n % 2
            else (Condition("AccountReference", Operator.START_WITH, f"{n}"),),
            (Action("FundCode", f"{n}"),),
        )
        for n in range(20)
    ]
    ready = compile_rules(rules)
    rows = [
        {"AccountReference": f"{n:09d}", "Amount": f"{n % 500}.00", "Narrative": f"WORD {n % 300} RENT"}
        for n in range(20_000)
    ]
    fired = sum(len(ready.run(row)[1]) for row in rows)
    assert fired > 20_000


fields = st.sampled_from(("FundCode", "Narrative"))
words = st.text("AB", max_size=2)
conditions = st.builds(
    Condition,
    fields,
    st.sampled_from(
        (Operator.CONTAIN, Operator.NOT_CONTAIN, Operator.START_WITH, Operator.END_WITH, Operator.EQUAL)
    ),
    words,
    st.integers(1, 3),
    st.sampled_from(("AND", "OR")),
)


def plainly(one: Condition, row: dict[str, str]) -> bool:
    """A condition worked out the long way."""
    text = row.get(one.field, "")
    places = [place for place in range(len(text) + 1) if text[place : place + len(one.value)] == one.value]
    return {
        Operator.CONTAIN: bool(places),
        Operator.NOT_CONTAIN: not places,
        Operator.START_WITH: 0 in places,
        Operator.END_WITH: len(text) - len(one.value) in places,
        Operator.EQUAL: text == one.value,
    }[one.operator]


@given(
    st.lists(st.tuples(st.lists(conditions, max_size=4), words), max_size=4),
    st.fixed_dictionaries({"FundCode": words, "Narrative": words}),
)
@settings(max_examples=150, deadline=None)
def test_rules_agree_with_the_same_worked_out_the_long_way(
    written: list[tuple[list[Condition], str]], row: dict[str, str]
) -> None:
    rules = [Rule(f"r{n}", tuple(c), (Action("FundCode", to),), order=n) for n, (c, to) in enumerate(written)]
    state, fired = dict(row), []
    for one in rules:
        outcomes: dict[int, bool] = {}
        for condition in one.conditions:
            now, before = plainly(condition, state), outcomes.get(condition.group)
            if before is None:
                outcomes[condition.group] = now
            else:
                outcomes[condition.group] = (before and now) if condition.logical == "AND" else before or now
        if any(outcomes.values()) or not one.conditions:
            state["FundCode"] = one.actions[0].value
            fired.append(one.name)
    assert compile_rules(rules).run(row) == (state, tuple(fired))
