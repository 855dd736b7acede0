"""The questions on paper, to be read aloud at a kitchen table without a laptop: every question of the tree in
large type, boxes to tick, where to go on, and what to say before leaving."""

from __future__ import annotations

from app.context import Context
from app.errors import HoldallError
from app.repairs import flow
from app.repairs.dated_tables import tables_at
from app.repairs.papers.common import paper
from app.repairs.tree import Tree, TreeAnswer, TreeExit, TreeQuestion
from app.repairs.trees import active_tree
from app.report import Blanks, Block, Bullets, Document, Heading, PageBreak, Text, Tick, Ticks
from models.repairs import Kind

DANGER, KIND = flow.FIRST_QUESTIONS
NOTED = (
    ("Day and time they told you", 1),
    ("Your name", 1),
    ("Who told us, and their telephone number", 1),
    ("Address and postcode", 2),
)


def interview_sheet(context: Context, options: dict[str, str]) -> Document:
    """The questions of the active tree on paper; `kind` (tenant, leasehold or communal) narrows them.

    Raises HoldallError for another kind.
    """
    kind = options.get("kind", "").strip().lower()
    if kind and kind not in set(Kind):
        raise HoldallError(
            f"“{kind[:40]}” is no kind of home.", "Write tenant, leasehold or communal, or leave it out."
        )
    tree, known = context.read(lambda session: (active_tree(session, kind), tables_at(session)))
    risks = [risk.label for risk in known.risks.values()]
    sheet = _Sheet(tree, risks, context.council.repairs_telephone, kind)
    for_whom = f" For {kind} homes." if kind else ""
    return paper(
        context,
        "Questions to read aloud",
        f"Edition {tree.version}.{for_whom} For a kitchen table without a laptop.",
        f"Questions {tree.version}",
        sheet.blocks(),
    )


class _Sheet:
    """Numbers the questions in the order in which they can be reached, and sets them."""

    def __init__(self, tree: Tree, risks: list[str], telephone: str, kind: str) -> None:
        self.tree, self.risks, self.telephone, self.kind = tree, risks, telephone, kind
        self.order = _reading_order(tree)
        self.household = kind != Kind.COMMUNAL
        first = 3 if self.household else 2
        asked = [q for q in self.order if q != DANGER]
        self.numbers = {q: n for n, q in enumerate(asked, first)}
        if DANGER in self.order:
            self.numbers[DANGER] = 1
        self.last = first + len(asked)
        met = [a.exit for q in self.order for a in tree.questions[q].answers if a.exit]
        self.letters = {e: _letter(n) for n, e in enumerate(dict.fromkeys(met))}

    def blocks(self) -> list[Block]:
        """The whole sheet."""
        made: list[Block] = [
            Text(
                "Read each question aloud as it stands. Tick one box and go on where its arrow points. "
                "Put it into Holdall as soon as you can. The time counts from the moment they told you: "
                "write that down.",
                large=True,
            ),
            Blanks(NOTED),
        ]
        if DANGER in self.order:
            after = 2 if self.household else self._first_after_danger()
            made += self._question(self.tree.questions[DANGER], {"": str(after)})
        if self.household:
            made += self._who_lives_there()
        for question_id in self.order:
            if question_id != DANGER:
                made += self._question(self.tree.questions[question_id])
        return [*made, *self._at_the_end(), PageBreak(), *self._exits()]

    def _first_after_danger(self) -> int:
        return min((n for q, n in self.numbers.items() if q != DANGER), default=self.last)

    def _question(self, question: TreeQuestion, instead: dict[str, str] | None = None) -> list[Block]:
        ticks = [Tick(a.text, _lower(a.hint), self._goes_to(a, instead or {})) for a in question.answers]
        heading = Heading(f"{self.numbers[question.id]}. {question.ask}", 2, large=True)
        return [heading, Ticks(ticks, question.help)]

    def _goes_to(self, answer: TreeAnswer, instead: dict[str, str]) -> str:
        if answer.exit:
            return f"stop: {self.letters[answer.exit]}"
        if answer.next:
            return instead.get("", str(self.numbers[answer.next]))
        return str(self.last)

    def _who_lives_there(self) -> list[Block]:
        risks = [Tick(label) for label in self.risks]
        then = str(self._first_after_danger())
        return [
            Heading("2. Who lives there? Is any of this so?", 2, large=True),
            Ticks(
                [*risks, Tick("None of these"), Tick("They would rather not say")],
                "Some repairs are done sooner for some people. Tick all that are so.",
            ),
            Heading("May we keep this for a year, so that nobody has to ask again?", 3, large=True),
            Ticks([Tick("Yes, they agree", "", then), Tick("No, do not keep it", "", then)]),
        ]

    def _at_the_end(self) -> list[Block]:
        n = self.last
        return [
            Heading(f"{n}. What do you say about it, in your own words?", 2, large=True),
            Text("Since when, what was tried, what they fear. Write it as they say it.", tone="muted"),
            Blanks((("In their words", 6),)),
            Heading(f"{n + 1}. Did you take photos?", 2, large=True),
            Ticks([Tick("Yes"), Tick("No")], "Mind faces and papers in the picture."),
            Heading(f"{n + 2}. Which days would suit for a visit?", 2, large=True),
            Text("Up to three, the best first. They are wishes: nothing is booked.", tone="muted"),
            Blanks((("First, second and third wish", 3),)),
            Heading("May we send a text?", 3, large=True),
            Ticks([Tick("Yes, to this number"), Tick("No, ring instead")]),
            Heading("Say before you go", 2, large=True),
            Bullets(
                [
                    "I have written it down. I work out the date today and send you a slip with it.",
                    "No visit is booked yet. We tell you when one is.",
                    f"If it gets worse, ring {self.telephone}, day or night. For gas ring 0800 111 999.",
                ]
            ),
        ]

    def _exits(self) -> list[Block]:
        made: list[Block] = [Heading("Where it says stop", 2, large=True)]
        for exit_id, letter in self.letters.items():
            made += self._exit(letter, self.tree.exits[exit_id])
        return made

    def _exit(self, letter: str, exit_: TreeExit) -> list[Block]:
        number = exit_.number.replace("{council}", self.telephone)
        made: list[Block] = [Heading(f"{letter}. {exit_.title}", 3, large=True)]
        if exit_.emergency:
            made.append(Text(f"{exit_.who}. Ring 999 if somebody is hurt.", lead=f"{number}:", large=True))
        else:
            made.append(Text(exit_.say.replace("{number}", number), large=True))
        if exit_.do or exit_.do_not:
            made.append(Bullets([*exit_.do, *exit_.do_not]))
        if exit_.emergency:
            made.append(Blanks((("Number given at, by whom", 1),)))
        return made


def _reading_order(tree: Tree) -> list[str]:
    """The questions in the order in which they can be met: all of one step before those of the next, so an
    arrow never points back."""
    depth = {tree.start: 0}
    order = [tree.start]
    for question_id in order:  # grows while it is read
        for answer in tree.questions[question_id].answers:
            if answer.next and answer.next not in depth:
                depth[answer.next] = depth[question_id] + 1
                order.append(answer.next)
    latest = dict(depth)
    for _ in order:  # a question that is also met later stands where it is met last
        for question_id in order:
            for answer in tree.questions[question_id].answers:
                if answer.next:
                    latest[answer.next] = max(latest[answer.next], latest[question_id] + 1)
    return sorted(order, key=lambda q: (latest[q], order.index(q)))


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"{chr(ord('A') + number // 26 - 1)}{number % 26 + 1}"


def _lower(text: str) -> str:
    """A hint as it stands in brackets: its first letter small, unless its first word is in capitals."""
    first = text.partition(" ")[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]
