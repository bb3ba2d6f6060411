"""What do the scripts say? Every sentence that they show or announce, in the language of the page."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# {} stands for a name or a number.
SENTENCES: dict[str, Promise] = {
    "next_row": _("Next row"),
    "row_before": _("Row before"),
    "choose_row": _("Choose the row, or let go of it"),
    "extend": _("Choose rows one after another"),
    "open_row": _("Open the row"),
    "open_page": _("Open the row as a page of its own"),
    "copy_ref": _("Copy the reference"),
    "density": _("Rows narrow or wide"),
    "submit": _("Send the form you are in"),
    "close": _("Close what is open"),
    "palette": _("Go, find, do"),
    "switch": _("Switch to another client"),
    "keys_off": _("Single keys are switched off in your settings."),
    "on_page": _("On this page"),
    "in_lists": _("In lists"),
    "go": pgettext_lazy("heading over keys", "Go to"),
    "everywhere": _("Everywhere"),
    "copied": _("Copied: {}"),
    "chosen": _("{} chosen"),
    "go_to": _("Go to {}"),
    "switch_to": _("Switch to {}"),
    "find": _("Find “{}” by e-mail, phone, code, order or id"),
    "nothing": _("Nothing here is called that. Enter a name of a room, a client or a button."),
    "results": _("{} possibilities"),
    "narrow": _("Narrow rows"),
    "wide": _("Wide rows"),
    "loading": _("One moment …"),
    "not_loaded": _("This could not be loaded. Close it and try again; nothing was changed."),
    "kept": _("Draft kept"),
    "not_kept": _("Your text could not be kept. Copy it before you leave this page."),
    "restored": _("What you had begun to write is back."),
    "signed_out": _("You were signed out. Sign in in another window, then go on here: your text stays."),
    "sign_in": _("Sign in"),
}
