"""What the people of the simulated council do: make, change, book, seal, delete, settle, undo, move on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import sealing, undo
from models.base import Record
from models.changes import bulk_create
from models.errors import HoldallError
from models.outbox import OpState, OutboxOp
from models.sentences import pieces
from sync import desk
from tests.sim.world import TENANT, SimLaptop, World
from tests.things import Binder, Booking, Leaf, Place, Secret, State, Thing, Wish

MARK = "Ffion-was-here"  # stands in every sealed body, and may stand nowhere on the server
DAY = date(2026, 11, 1)
VAULT = sealing.KeyPair.of(bytes(range(1, 33)))


class People:
    """Chooses what somebody does next."""

    def __init__(self, world: World, wishes: bool = False) -> None:
        self.world = world
        self.chance = world.chance
        self.count = 0
        self.acts: tuple[tuple[int, Callable[[SimLaptop], None]], ...] = (
            (4, self.make_thing),
            (20, self.change_thing),
            (3, self.move_thing_on),
            (3, self.delete_or_restore),
            (2, self.offer_place),
            (6, self.book),
            (3, self.give_back),
            (1, self.change_limit),
            (2, self.import_many),
            (2, self.close_or_open_binder),
            (8, self.write_text),
            (3, self.write_secret),
            (4, self.settle),
            (3, self.look_at_refusals),
            (3, self.undo),
            (1, self.redo),
            (1, self.spoil),
        )
        if wishes:  # beside the others, so that worlds without them stay as they were
            self.acts += ((12, self.wish), (8, self.wish_anew), (4, self.agree))
        self.weights = [weight for weight, _ in self.acts]

    def act(self, laptop: SimLaptop) -> None:
        """One act; what a rule forbids is not done, and nothing of it stays."""
        act = self.chance.choices([act for _, act in self.acts], self.weights)[0]
        before = laptop.seen
        try:
            act(laptop)
        except HoldallError as error:
            laptop.remember()
            self.world.note(f"{laptop.name} {act.__name__}: {error.title[:60]}")
            return
        self.world.note(f"{laptop.name} {act.__name__} +{laptop.seen - before}")

    # -- pieces ------------------------------------------------------------------------------------

    def word(self) -> str:
        """A word that nobody has written before."""
        self.count += 1
        return f"w{self.count}"

    def some(self, session: Session, model: type[Record], deleted: bool = False) -> Any:
        """A record as this copy has it, or None."""
        statement = select(model).where(model.deleted.is_(deleted)).order_by(model.id).limit(7)
        found = list(session.scalars(statement))
        return self.chance.choice(found) if found else None

    # -- acts --------------------------------------------------------------------------------------

    def open_shop(self, laptop: SimLaptop) -> None:
        """What everybody starts with."""

        def work(session: Session) -> None:
            session.add_all([Thing(title=self.word(), stock=n) for n in range(4)])
            session.add_all([Place(places=1), Place(places=2), Binder()])
            session.add(Leaf(words="The office opens at 9. It closes at 5. Bring your card. Ask for Huw."))

        laptop.act("Open shop", work)

    def make_thing(self, laptop: SimLaptop) -> None:
        """A new thing, in a binder now and then."""

        def work(session: Session) -> None:
            binder = self.some(session, Binder) if self.chance.random() < 0.3 else None
            session.add(
                Thing(
                    title=self.word(),
                    stock=self.chance.randint(0, 9),
                    author_id=laptop.author.user_id,
                    binder_id=binder.id if binder is not None else None,
                )
            )

        laptop.act("Make", work)

    def change_thing(self, laptop: SimLaptop) -> None:
        """One to three fields of a thing, of every merge class."""

        def work(session: Session) -> None:
            thing = self.some(session, Thing)
            if thing is None:
                return
            for name in self.chance.sample(FIELDS, self.chance.randint(1, 3)):
                self.change_field(thing, name)

        laptop.act("Change", work)

    def change_field(self, thing: Thing, name: str) -> None:
        """Another value for one field."""
        chance = self.chance
        if name == "tags":
            tags = list(thing.tags)
            if tags and chance.random() < 0.4:
                tags.remove(chance.choice(tags))
            else:
                tags.append(self.word())
            thing.tags = tags
        elif name == "stock":
            thing.stock += chance.randint(-5, 7)
        elif name == "seen":
            thing.seen = max(thing.seen or DAY, DAY + timedelta(days=chance.randint(0, 60)))
        elif name == "receipt":
            thing.receipt = thing.receipt or self.word()
        elif name == "price":
            thing.price = chance.randint(0, 100_000)
        else:
            setattr(thing, name, self.word())

    def move_thing_on(self, laptop: SimLaptop) -> None:
        """The next state of a thing."""

        def work(session: Session) -> None:
            thing = self.some(session, Thing)
            if thing is not None:
                thing.state = self.chance.choice(list(State))

        laptop.act("Move on", work)

    def delete_or_restore(self, laptop: SimLaptop) -> None:
        """To the trash or back."""
        deleted = self.chance.random() < 0.4

        def work(session: Session) -> None:
            thing = self.some(session, Thing, deleted)
            if thing is not None:
                thing.deleted = not deleted

        laptop.act("Delete or restore", work)

    def offer_place(self, laptop: SimLaptop) -> None:
        """A resource with a limit."""
        laptop.act("Offer", lambda session: session.add(Place(places=self.chance.randint(1, 3))))

    def change_limit(self, laptop: SimLaptop) -> None:
        """More or fewer places."""

        def work(session: Session) -> None:
            place = self.some(session, Place)
            if place is not None:
                place.places = self.chance.randint(1, 4)

        laptop.act("Change limit", work)

    def book(self, laptop: SimLaptop) -> None:
        """Takes of a resource, perhaps twice in one act."""

        def work(session: Session) -> None:
            for _ in range(self.chance.choice((1, 1, 1, 2))):
                place = self.some(session, Place)
                if place is not None:
                    session.add(Booking(place_id=place.id))
            if self.chance.random() < 0.3:
                session.add(Thing(title=self.word()))  # in the same act: it lands with the booking or not

        laptop.act("Book", work)

    def wish(self, laptop: SimLaptop) -> None:
        """Wishes for one of up to three places."""

        def work(session: Session) -> None:
            places = self.places(session)
            if places:
                session.add(Wish(place_id=places[0], choices=places))

        laptop.act("Wish", work)

    def wish_anew(self, laptop: SimLaptop) -> None:
        """Wishes for others, gives a wish up, or wishes again after it was lost."""

        def work(session: Session) -> None:
            wish, places = self.some(session, Wish), self.places(session)
            if wish is None or not places:
                return
            if self.chance.random() < 0.3:
                wish.state = "cancelled"
                return
            wish.place_id, wish.choices = places[0], places
            if wish.state in ("lost", "cancelled"):
                wish.state = "wanted"

        laptop.act("Wish anew", work)

    def agree(self, laptop: SimLaptop) -> None:
        """Agrees to the very place that a wish names."""

        def work(session: Session) -> None:
            wish = self.some(session, Wish)
            if wish is not None:
                wish.state = "booked"

        laptop.act("Agree", work)

    def places(self, session: Session) -> list[str]:
        """Up to three places in order of wish."""
        statement = select(Place.id).where(Place.deleted.is_(False)).order_by(Place.id).limit(7)
        found = list(session.scalars(statement))
        return self.chance.sample(found, min(len(found), self.chance.randint(1, 3)))

    def give_back(self, laptop: SimLaptop) -> None:
        """Cancels a booking, or wants it again."""

        def work(session: Session) -> None:
            booking = self.some(session, Booking)
            if booking is not None:
                booking.state = "cancelled" if booking.state == "wanted" else "wanted"

        laptop.act("Give back", work)

    def import_many(self, laptop: SimLaptop) -> None:
        """A file of some rows in one act."""
        rows = [{"title": self.word(), "stock": n} for n in range(self.chance.randint(2, 25))]
        laptop.act("Import", lambda session: bulk_create(session, Thing, rows))

    def close_or_open_binder(self, laptop: SimLaptop) -> None:
        """A parent that freezes its things."""

        def work(session: Session) -> None:
            binder = self.some(session, Binder)
            if binder is None or self.chance.random() < 0.3:
                session.add(Binder())
            else:
                binder.state = "closed" if binder.state == "open" else "open"

        laptop.act("Binder", work)

    def write_text(self, laptop: SimLaptop) -> None:
        """A sentence of a page is changed, added or taken out."""
        fresh = f"{self.word().capitalize()} is what somebody wrote."

        def work(session: Session) -> None:
            leaf = self.some(session, Leaf)
            if leaf is None or self.chance.random() < 0.1:
                session.add(Leaf(words=" ".join([fresh, *(f"This is sentence {n}." for n in range(3))])))
                return
            said = list(pieces(leaf.words))
            place = self.chance.randrange(len(said) + 1)
            if place == len(said) or self.chance.random() < 0.3:
                said.insert(place, f"{fresh} ")
            elif len(said) > 2 and self.chance.random() < 0.2:
                del said[place]
            else:
                said[place] = f"{fresh} "
            leaf.words = "".join(said).strip()

        laptop.act("Write", work)

    def write_secret(self, laptop: SimLaptop) -> None:
        """Something for one's own eyes, sealed before it reaches the outbox."""

        def work(session: Session) -> None:
            secret = self.some(session, Secret) if self.chance.random() < 0.5 else None
            if secret is None:
                secret = Secret()
                session.add(secret)
            binding = sealing.Binding(TENANT, laptop.author.user_id, "test_secret", "any")
            body = sealing.seal(
                VAULT.public, {"said": f"{MARK} {self.word()}"}, binding, self.chance.randbytes
            )
            secret.sealed = str(body)

        laptop.act("Secret", work)

    def settle(self, laptop: SimLaptop) -> None:
        """Chooses in a conflict, offline."""

        def work(session: Session) -> None:
            status = self.chance.choice(("open", "open", "auto"))
            found = desk.conflicts(session, status)  # type: ignore[arg-type]
            if found:
                clash = self.chance.choice(found)
                choice = self.chance.choice(("keep", "take"))
                desk.resolve_conflict(session, clash.conflict_id, choice)  # type: ignore[arg-type]

        laptop.act("Settle", work)

    def look_at_refusals(self, laptop: SimLaptop) -> None:
        """Sends a refused act again or lets it go."""

        def work(session: Session) -> None:
            found = desk.refusals(session)
            if found:
                refusal = self.chance.choice(found)
                way = self.chance.choice((desk.retry_rejected, desk.dismiss_rejected))
                way(session, refusal.op_id)

        laptop.act("Refusal", work)

    def undo(self, laptop: SimLaptop) -> None:
        """Takes the last act back."""
        laptop.act("Undo", undo.undo)

    def redo(self, laptop: SimLaptop) -> None:
        """Does it again."""
        laptop.act("Redo", undo.redo)

    def spoil(self, laptop: SimLaptop) -> None:
        """A fault of our own: an operation that waits is no operation any more."""
        how = self.chance.choice(("hlc = 'no reading'", "label = hex(zeroblob(400))"))
        with laptop.store.connect(write=True) as connection:
            last = connection.execute(
                select(OutboxOp.n).where(OutboxOp.state == OpState.QUEUED.value).order_by(OutboxOp.n.desc())
            ).scalar()
            connection.execute(text(f"UPDATE outbox SET {how} WHERE n = :n"), {"n": last})


FIELDS = ("title", "note", "address", "tags", "stock", "seen", "receipt", "price")
