"""The volunteers' board behind the PIN: slots, today, acts, devices and hub, one page at a time under big tabs."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Self

from textual import on
from textual.containers import Container, Horizontal
from textual.widget import Widget

from kiosk.views import Outcome, TitleFound
from screens import rooms
from screens.asking import AskingScreen
from screens.language import N_, _, n_
from screens.staff_scene import RUNNING
from screens.sync_words import needs_somebody
from screens.widgets.tile import Tile
from screens.words import faulty

if TYPE_CHECKING:
    from screens.staff_base import BoardPage
    from screens.staff_slots import SlotsPage

SLOTS: Final = "slots"

TABS: Final[Mapping[str, str]] = {
    SLOTS: N_("Slots"),
    "day": N_("Today"),
    "acts": N_("Acts"),
    "devices": N_("Devices"),
    "hub": N_("Reporting"),
}
"""The pages and what their tabs say (message ids)."""


class StaffScreen(AskingScreen):
    """Tabs above, one page below; "stop all" can be reached from every page.

    A page is built when its tab is tapped for the first time: the board opens as fast as any other screen.

    Args:
        tab: the page that is open at first.
        chosen: the slot that the first page speaks of.
    """

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = N_("Lock")

    def __init__(self, tab: str = SLOTS, chosen: str | None = None) -> None:
        super().__init__()
        self._tab = tab
        self._chosen = chosen
        self._pages: dict[str, BoardPage] = {}

    @property
    def page(self) -> "BoardPage | None":
        """The page on top, once it has its widgets."""
        page = self._pages.get(self._tab)
        return page if page is not None and page.is_mounted else None

    def compose_body(self) -> Iterable[Widget]:
        """Tabs, "stop all", and the place for the pages."""
        tabs = [Tile(_(words), id=f"tab-{name}", classes="-tab") for name, words in TABS.items()]
        yield Horizontal(*tabs, Tile(_("Stop all"), id="stop-all"), id="board-tabs")
        yield Container(self._built(self._tab), id="board-pages")

    def compose_footer(self) -> Iterable[Widget]:
        """What is done for a rider has a screen of its own."""
        yield Tile(_("For a rider"), id="for-a-rider", classes="-quiet")
        yield Tile(_("Books"), id="to-books", classes="-quiet")
        yield Tile(_("Volunteers"), id="to-volunteers", classes="-quiet")

    def takes(self, outcome: Outcome) -> bool:
        """An ISBN opens the screen of books, which offers to add a copy."""
        if isinstance(outcome, TitleFound):
            self.kiosk.push_screen(rooms.staff_books(outcome))
            return True
        return False

    @on(Tile.Pressed, "#to-books")
    def _to_books(self) -> None:
        self.kiosk.push_screen(rooms.staff_books())

    @on(Tile.Pressed, "#to-volunteers")
    def _to_volunteers(self) -> None:
        self.kiosk.push_screen(rooms.staff_volunteers())

    @on(Tile.Pressed, "#for-a-rider")
    def _for_a_rider(self) -> None:
        self.kiosk.push_screen(rooms.staff_riders())

    def again(self) -> Self:
        """The same page in another language; what was asked is forgotten."""
        return type(self)(self._tab, self._slots_page().chosen if SLOTS in self._pages else None)

    def load(self) -> None:
        """On top, for the first time or after an outcome."""
        self._page_came()

    def state_changed(self) -> None:
        """Tabs and the open page as they are now."""
        self._draw_tabs()
        if self.page is not None:
            self.page.draw()

    def tick(self) -> None:
        """A second passed."""
        super().tick()
        self._draw_tabs()
        if self.page is not None:
            self.page.second()

    def _draw_tabs(self) -> None:
        calling = set()
        if faulty(self.station.devices()):
            calling.add("devices")
        if needs_somebody(self.station.sync_status(), self.kiosk.clock):
            calling.add("hub")
        for name, words in TABS.items():
            tile = self.query_one(f"#tab-{name}", Tile)
            calls = name in calling
            tile.say(f"▲ {_(words)}" if calls else _(words))
            tile.set_class(name == self._tab, "-main")
        self._draw_stop_all()

    def _draw_stop_all(self) -> None:
        running = sum(slot.state in RUNNING for slot in self.station.charging.slots())
        words = n_("■ Stop all ({n})", "■ Stop all ({n})", running) if running else _("Nothing to stop")
        self.query_one("#stop-all", Tile).say(words.format(n=running), enabled=bool(running))

    def _built(self, tab: str) -> "BoardPage":
        page = self._pages.get(tab)
        if page is None:
            page = self._pages[tab] = self._makers()[tab]()
        return page

    def _makers(self) -> "Mapping[str, Callable[[], BoardPage]]":
        """How each page is made; loaded here, so that the station's first frame does not wait for them."""
        from screens.staff_acts import ActsPage  # noqa: PLC0415
        from screens.staff_day import DayPage  # noqa: PLC0415
        from screens.staff_devices import DevicesPage  # noqa: PLC0415
        from screens.staff_hub import HubPage  # noqa: PLC0415
        from screens.staff_slots import SlotsPage  # noqa: PLC0415

        return {
            SLOTS: lambda: SlotsPage(self._chosen),
            "day": DayPage,
            "acts": ActsPage,
            "devices": DevicesPage,
            "hub": HubPage,
        }

    def _slots_page(self) -> "SlotsPage":
        from screens.staff_slots import SlotsPage  # noqa: PLC0415 - see `_makers`

        page = self._built(SLOTS)
        if not isinstance(page, SlotsPage):
            raise TypeError(page)
        return page

    def _open(self, tab: str) -> None:
        """Put a page on top."""
        self._tab = tab
        page = self._built(tab)
        if page.parent is None:
            self.query_one("#board-pages").mount(page)
        for name, other in self._pages.items():
            other.display = name == tab
        self._draw_tabs()
        self._page_came()

    def _page_came(self) -> None:
        """The page on top shows what is so now; one that was never on top does that when it has its widgets."""
        if self.page is not None:
            self.page.load()
            self.page.draw()

    @on(Tile.Pressed, ".-tab")
    def _tab_pressed(self, event: Tile.Pressed) -> None:
        tab = (event.tile.id or "").removeprefix("tab-")
        if tab == self._tab and self.page is not None:
            self.page.overview()
        self._open(tab)

    @on(Tile.Pressed, "#stop-all")
    def _stop_all_pressed(self) -> None:
        """Ask on the first page, beside the map of what would be stopped."""
        self._open(SLOTS)
        self._slots_page().ask_stop_all()
