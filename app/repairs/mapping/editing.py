"""Changes to the body of an edition that is being written. Each returns a new body; the old one stays.

A body is the JSON form of a tree (app.repairs.tree.read_tree). Ids of questions and outcomes never change
once made, and values of answers neither: past repairs name them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.errors import HoldallError, NotFound
from app.repairs.mapping.drafting import pruned
from app.repairs.tree import MOST_ANSWERS

Body = Mapping[str, Any]
FIXED = ("danger", "kind")  # asked first in every edition
QUESTION_FIELDS = frozenset({"label", "ask", "help", "why"})
ANSWER_FIELDS = frozenset({"text", "hint", "short", "last"})
OUTCOME_FIELDS = frozenset(
    {"code", "label", "trade", "band", "group", "facts", "hazard", "significant", "right_to_repair"}
)


def change_question(body: Body, question_id: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The body with other words at a question; `fields` are label, ask, help, why."""
    question = _question(body, question_id)
    return _with_question(body, question_id, {**question, **_only(fields, QUESTION_FIELDS)})


def change_answer(body: Body, question_id: str, value: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The body with other words at an answer; `fields` are text, hint, short, last."""
    wanted = _only(fields, ANSWER_FIELDS)
    return _with_answer(body, question_id, value, lambda a: {**a, **wanted})


def add_answer(body: Body, question_id: str, after: str, text: str) -> tuple[dict[str, Any], str]:
    """The body with one more answer after another ("" for the top), leading to a new leaf, and its value.

    Raises HoldallError at a question that every edition asks alike, and past nine answers.
    """
    _free_to_change(question_id)
    question = _question(body, question_id)
    answers = list(question["answers"])
    if len(answers) >= MOST_ANSWERS:
        raise HoldallError(
            f"A page holds {MOST_ANSWERS} answers, one for each number key.",
            "Let one of them lead to a further question instead.",
        )
    value = _free(text, {a["value"] for a in answers})
    outcome_id = _free(f"{question_id}-{value}", body["outcomes"])
    at = next((n for n, a in enumerate(answers) if a["value"] == after), -1) + 1
    if answers and at == len(answers) and answers[-1].get("last"):
        at -= 1  # "they do not know" stays last
    answers.insert(at, {"value": value, "text": text.strip(), "outcome": outcome_id})
    outcomes = {**body["outcomes"], outcome_id: {"code": "", "label": text.strip(), "trade": "", "band": ""}}
    return _with_question(
        {**body, "outcomes": outcomes}, question_id, {**question, "answers": answers}
    ), value


def remove_answer(body: Body, question_id: str, value: str) -> dict[str, Any]:
    """The body without an answer, and without what only it led to."""
    _free_to_change(question_id)
    question = _question(body, question_id)
    _answer(question, value)
    answers = [a for a in question["answers"] if a["value"] != value]
    if not answers:
        raise HoldallError(
            "A question needs at least one answer.",
            "Take out the answer that leads to this question instead.",
        )
    return pruned(_with_question(body, question_id, {**question, "answers": answers}))


def move_answer(body: Body, question_id: str, value: str, by: int) -> dict[str, Any]:
    """The body with an answer further up (negative) or down; at an end it stays."""
    question = _question(body, question_id)
    answers = list(question["answers"])
    at = answers.index(_answer(question, value))
    to = max(0, min(len(answers) - 1, at + by))
    answers.insert(to, answers.pop(at))
    return _with_question(body, question_id, {**question, "answers": answers})


def lead_to_question(body: Body, question_id: str, value: str, ask: str) -> tuple[dict[str, Any], str]:
    """The body with an answer leading to a new question, whose first answer is the leaf it led to; its id."""
    _free_to_change(question_id)
    answer = _answer(_question(body, question_id), value)
    new_id = _free(f"{question_id}-{value}", body["questions"])
    end = {key: answer[key] for key in ("outcome", "exit") if answer.get(key)}
    if not end:
        raise HoldallError("This answer leads to a question already.", "Change that question instead.")
    text = str(answer["text"])
    first = {"value": _free(text, set()), "text": text, **end}
    asked = ask.strip()
    question = {"label": asked[:40], "ask": asked, "help": "", "why": "", "answers": [first]}
    added = {**body, "questions": {**body["questions"], new_id: question}}
    return _with_answer(added, question_id, value, lambda a: {**_without_end(a), "next": new_id}), new_id


def lead_to_exit(body: Body, question_id: str, value: str, exit_id: str) -> dict[str, Any]:
    """The body with an answer leaving triage by an exit; what only it led to goes."""
    _must_end(body, question_id, value)
    if exit_id not in body["exits"]:
        raise NotFound(f"There is no way out called “{exit_id}”.", "Choose one of the list.")
    return pruned(_with_answer(body, question_id, value, lambda a: {**_without_end(a), "exit": exit_id}))


def lead_to_leaf(body: Body, question_id: str, value: str) -> dict[str, Any]:
    """The body with an answer ending at a new leaf without a code yet."""
    _must_end(body, question_id, value)
    outcome_id = _free(f"{question_id}-{value}", body["outcomes"])
    text = str(_answer(_question(body, question_id), value)["text"])
    outcomes = {**body["outcomes"], outcome_id: {"code": "", "label": text, "trade": "", "band": ""}}
    led = {**body, "outcomes": outcomes}
    return _with_answer(led, question_id, value, lambda a: {**_without_end(a), "outcome": outcome_id})


def change_outcome(body: Body, question_id: str, value: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The body with another code, trade, band, hazard or right at the leaf an answer ends at.

    Where several answers end at one leaf all of them change (`ways_to` counts them). Codes are kept letter by
    letter, without the white space around them. A band that is set here no longer follows a priority.
    """
    outcome_id = _answer(_question(body, question_id), value).get("outcome")
    if not outcome_id or outcome_id not in body["outcomes"]:
        raise NotFound("This answer ends at no leaf.", "Choose an answer that ends with a code.")
    wanted = {k: v.strip() if isinstance(v, str) else v for k, v in _only(fields, OUTCOME_FIELDS).items()}
    before = body["outcomes"][outcome_id]
    changed = {**before, **wanted}
    if "band" in wanted and wanted["band"] != before.get("band"):
        changed.pop("priority", None)
    return {**body, "outcomes": {**body["outcomes"], outcome_id: changed}}


def ways_to(body: Body, outcome_id: str) -> int:
    """How many answers end at a leaf."""
    return sum(a.get("outcome") == outcome_id for q in body["questions"].values() for a in q["answers"])


def _question(body: Body, question_id: str) -> dict[str, Any]:
    found = body["questions"].get(question_id)
    if found is None:
        raise NotFound("This question is not in the draft any more.", "Choose another one.")
    question: dict[str, Any] = found
    return question


def _answer(question: Mapping[str, Any], value: str) -> dict[str, Any]:
    for answer in question["answers"]:
        if answer["value"] == value:
            found: dict[str, Any] = answer
            return found
    raise NotFound("This answer is not in the draft any more.", "Choose another one.")


def _must_end(body: Body, question_id: str, value: str) -> None:
    _free_to_change(question_id)
    if _answer(_question(body, question_id), value).get("next"):
        raise HoldallError(
            "This answer leads to a question.",
            "Take out that question’s answers first, or add another answer.",
        )


def _free_to_change(question_id: str) -> None:
    if question_id in FIXED:
        raise HoldallError(
            "Danger and whose home it is are asked alike in every edition.",
            "Change their words only; what they lead to stays.",
        )


def _without_end(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in ("next", "outcome", "exit")}


def _with_question(body: Body, question_id: str, question: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "questions": {**body["questions"], question_id: question}}


def _with_answer(body: Body, question_id: str, value: str, change: Any) -> dict[str, Any]:
    question = _question(body, question_id)
    _answer(question, value)
    answers = [change(a) if a["value"] == value else a for a in question["answers"]]
    return _with_question(body, question_id, {**question, "answers": answers})


def _only(fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    unknown = fields.keys() - allowed
    if unknown:
        raise KeyError(sorted(unknown)[0])
    return dict(fields)


def _free(wanted: str, taken: Any) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:54] or "answer"
    name, number = slug, 2
    while name in taken:
        name, number = f"{slug}-{number}", number + 1
    return name
