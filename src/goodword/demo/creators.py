"""Which creators has the fashion house? One in every state: applied, taken, under contract, paused, ended and declined.

Some of its customers have recommended it with codes for long; now they get contracts of their own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from goodword.actions import creator_contracts, creator_posts, creators
from goodword.actions.deeds import Actor
from goodword.actions.opening import Chain, ClientRow
from goodword.demo.world import Brand
from goodword.store.creators import Application

BRAND, PROGRAM = "atelier", "ambassadors"
_OFFICE = Actor("demo", "operator")
_CONSENT = "I agree that Atelier Nord keeps what I wrote here to decide about a contract with me. On request it is deleted."
_BRIEF = (
    "Show the autumn coat outdoors, by daylight, and say why you wear it.\n"
    "Say #ad in the first line. Name your code, not a price: prices change.\n"
    "No comparison with other houses."
)
_TEXT = (
    "Atelier Nord and {name} agree:\n\n{name} recommends Atelier Nord with the code {code}. Every post says clearly, at its"
    " beginning, that it is advertising. Either side may end this contract at any time; for 60 days after it, orders of"
    " friends who came before are still paid for.\n\nWhat is paid on “order”: {paid}.\nIt begins when it is accepted."
)


class _Person(NamedTuple):
    name: str
    email: str
    code: str


def fill(chain: Chain, brands: list[Brand]) -> None:
    """Set them up once, when the house's world is all there."""
    brand = next((one for one in brands if one.slug == BRAND), None)
    if brand is None:
        return
    client = chain.client(BRAND)
    if chain.conn.execute("SELECT 1 FROM creator WHERE client_id = %s::uuid LIMIT 1", (client.id,)).fetchone():
        return
    _Story(chain, client, list(_people(brand))).tell()


def _people(brand: Brand) -> Iterator[_Person]:
    """Customers with codes, as the files of the world have them."""
    codes = {row["person"]: row["code"] for row in csv.DictReader(io.StringIO(brand.chapters[0].codes))}
    for row in csv.DictReader(io.StringIO(brand.people)):
        if row["id"] in codes and row["email"]:
            yield _Person(row["name"], row["email"], codes[row["id"]])


class _Story:
    """What happened with the creators; every deed is some minutes after the one before."""

    def __init__(self, chain: Chain, client: ClientRow, people: list[_Person]) -> None:
        self.chain, self.client, self.people = chain, client, people
        self.now = datetime.now(UTC) - timedelta(hours=3)

    def tell(self) -> None:
        creator_posts.brief(self.chain, self.client, _OFFICE, PROGRAM, None, _BRIEF, at=self._at())
        self._applied(_Person("Mira Sommer", "mira.sommer@posts.example", ""), "photos.example/mira", "18,000, mostly Berlin")
        self._declined(_Person("Kim Vogel", "kim.vogel@posts.example", ""))
        stories = (self._running, self._renewed, self._paused, self._ended, self._offered, self._plain)
        for story, person in zip(stories, self.people, strict=False):
            story(person)
        for person in self.people[len(stories) :][:1]:
            self._applied(person, "video.example/looks", "4,200 subscribers", source="desk")

    def _at(self) -> datetime:
        self.now += timedelta(minutes=2)
        return self.now

    def _applied(self, person: _Person, channel: str, audience: str, *, source: str = "form") -> str:
        written = Application(
            name=person.name,
            email=person.email,
            channels=(f"https://{channel}",),
            audience=audience,
            words="I have worn your coats for two winters.",
            consent=_CONSENT,
        )
        who = creators.APPLICANT if source == "form" else _OFFICE
        return creators.apply(self.chain, self.client, who, PROGRAM, written, source=source, at=self._at())[0]

    def _taken(self, person: _Person, channel: str, audience: str) -> str:
        id_ = self._applied(person, channel, audience)
        creators.vet(
            self.chain, self.client, _OFFICE, id_, granted=True, why="", words="", code=person.code, at=self._at()
        )
        return id_

    def _offer(self, id_: str, person: _Person, paid: str, gift: dict[str, Any] | None) -> tuple[str, str]:
        """A version of the contract is offered; the link's token, and the mark of the text."""
        text = _TEXT.format(name=person.name, code=person.code, paid=paid)
        gifts = {"order": {"commission": gift}} if gift else {}
        made = creator_contracts.offer(
            self.chain, self.client, _OFFICE, id_, text=text, gifts=gifts, starts_at=None, at=self._at()
        )
        path = creator_contracts.link(self.chain, self.client, _OFFICE, id_, at=self._at())
        return path.removeprefix("/creator/"), made.text_hash

    def _accepted(self, person: _Person, channel: str, audience: str, paid: str, gift: dict[str, Any] | None) -> str:
        id_ = self._taken(person, channel, audience)
        token, mark = self._offer(id_, person, paid, gift)
        creator_contracts.accept(self.chain, token, seen_hash=mark, at=self._at())
        return id_

    def _posted(self, id_: str, address: str, disclosure: str, *, days: int = 0) -> str:
        at = self._at()
        return creator_posts.post(
            self.chain, self.client, Actor(f"link {id_[:12]}", creator_contracts.LINK_ROLE), id_,
            address=f"https://{address}", posted_on=(at - timedelta(days=days)).date(), disclosure=disclosure,
            proof="first line of the text" if disclosure == "ad" else "", at=at,
        )  # fmt: skip

    def _checked(self, id_: str, post: str, *, is_shown: bool) -> None:
        creator_posts.check(self.chain, self.client, _OFFICE, id_, post, is_shown=is_shown, at=self._at())

    # -- one story a state ---------------------------------------------------------------------------------------------

    def _declined(self, person: _Person) -> None:
        id_ = self._applied(person, "photos.example/everything", "90 followers")
        creators.vet(
            self.chain, self.client, _OFFICE, id_, granted=False, why="audience", words="Nobody there follows fashion.",
            at=self._at(),
        )  # fmt: skip

    def _offered(self, person: _Person) -> None:
        id_ = self._taken(person, "photos.example/north", "7,500, Hamburg and Kiel")
        self._offer(id_, person, "a commission of 10 %, at most 150.00 EUR", {"percent": "10", "max": "150.00"})

    def _running(self, person: _Person) -> None:
        paid = "a commission of 12 %, at most 200.00 EUR"
        id_ = self._accepted(person, "photos.example/linden", "31,000", paid, {"percent": "12", "max": "200.00"})
        self._checked(id_, self._posted(id_, "photos.example/linden/coat", "ad", days=1), is_shown=True)
        self._posted(id_, "photos.example/linden/scarf", "paid_partnership")
        self._posted(id_, "photos.example/linden/story", "none")

    def _renewed(self, person: _Person) -> None:
        paid = "a commission of 15 %, at most 250.00 EUR"
        id_ = self._accepted(person, "video.example/atelier-walk", "120,000", paid, {"percent": "15", "max": "250.00"})
        post = self._posted(id_, "video.example/atelier-walk/7", "spoken", days=2)
        self._checked(id_, post, is_shown=False)
        text = "Speak about the workshop in Flensburg, and show the lining."
        creator_posts.brief(self.chain, self.client, _OFFICE, PROGRAM, id_, text, at=self._at())
        self._offer(id_, person, "a commission of 18 %, at most 300.00 EUR", {"percent": "18", "max": "300.00"})

    def _plain(self, person: _Person) -> None:
        id_ = self._accepted(person, "photos.example/quiet", "2,900", "as the terms of the program say", None)
        self._checked(id_, self._posted(id_, "photos.example/quiet/3", "ad", days=1), is_shown=True)

    def _paused(self, person: _Person) -> None:
        paid = "a commission of 12 %, at most 200.00 EUR"
        id_ = self._accepted(person, "photos.example/holiday", "11,000", paid, {"percent": "12", "max": "200.00"})
        creator_contracts.set_state(
            self.chain, self.client, _OFFICE, id_, "pause", words="Away until spring.", at=self._at()
        )

    def _ended(self, person: _Person) -> None:
        paid = "a commission of 9 %, at most 150.00 EUR"
        id_ = self._accepted(person, "video.example/former", "5,600", paid, {"percent": "9", "max": "150.00"})
        creator_contracts.set_state(
            self.chain, self.client, _OFFICE, id_, "end", words="Works for another house now.", at=self._at()
        )
