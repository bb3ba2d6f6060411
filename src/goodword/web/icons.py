"""What do the icons look like? 16 px each, drawn with strokes in the colour of the text beside them."""

from __future__ import annotations

PATHS = {
    "ok": "M3 8.5 6.5 12 13 4.5",
    "no": "M4 4l8 8M12 4l-8 8",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3.5l2.5 1.5",
    "hold": "M3.5 3.5h9v9h-9zM6.5 6v4M9.5 6v4",
    "warn": "M8 2.5 14.2 13H1.8zM8 6.5v3.2M8 11.4v.1",
    "half": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M5.5 8.2 7.4 10 10.8 6.2",
    "person": "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8M2.5 14c.6-2.8 2.8-4.2 5.5-4.2s4.9 1.4 5.5 4.2",
    "sand": "M4 2h8M4 14h8M5 2c0 3.5 6 4.5 6 6s-6 2.5-6 6M11 2c0 3.5-6 4.5-6 6s6 2.5 6 6",
    "back": "M6 3 2.5 6.5 6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H6",
    "dot": "M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14",
    "referrals": "M5 6.5A2 2 0 1 0 5 2.5a2 2 0 0 0 0 4M11 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4M5 6.5v3.5a1.5 1.5 0 0 0 1.5 1.5H9",
    "events": "M2 8h3l2-5 2.5 10L11.5 8H14",
    "down": "M8 2.5v7.5M4.5 7 8 10.5 11.5 7M3 13.5h10",
    "out": "M6.5 2.5H3v11h3.5M9.5 5l3 3-3 3M12.5 8H6",
    "today": "M3 3.5h10v10H3zM3 6.5h10M6 2v3M10 2v3",
    "program": "M3 3h10v4H3zM3 9.5h6v4H3zM11.5 9.5v4M9.8 11.5h3.4",
    "chart": "M2.5 13.5h11M4.5 11V7.5M8 11V3M11.5 11V5.5",
    "proof": "M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4zM5.8 8l1.7 1.7L10.4 6.5",
    "team": "M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M1.8 13c.4-2.4 2.1-3.6 4.2-3.6s3.8 1.2 4.2 3.6"
    "M11 7.2a1.8 1.8 0 1 0-.6-3.5M11.8 9.2c1.4.4 2.2 1.6 2.5 3.3",
    "client": "M2.5 13.5v-8L8 2.5l5.5 3v8zM6.5 13.5V10h3v3.5",
    "system": "M3 3h10v4.5H3zM3 8.5h10V13H3zM5.5 5.2h.1M5.5 10.8h.1",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "fold": "M13.5 3v10M10 4.5 6.5 8l3.5 3.5M6.5 8h-4",
    "unfold": "M2.5 3v10M6 4.5 9.5 8 6 11.5M9.5 8h4",
    "view": "M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2",
    "filter": "M2.5 3.5h11L9.5 8.5v4l-3 1v-5z",
    "print": "M4.5 6V2.5h7V6M4.5 11h-2V6h11v5h-2M4.5 9.5h7v4h-7z",
    "plus": "M8 3v10M3 8h10",
    "more": "M3.5 8h.1M8 8h.1M12.5 8h.1",
    "copy": "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
    "lock": "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
    "money": "M2 4h12v8H2zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
    "voice": "M2.5 6.5H5l6-3v9l-6-3H2.5zM5 9.5V13h2v-2.5M13.3 6.3v3.4",
    "key": "M10 9.5a3.5 3.5 0 1 0-3.3-2.3L2.5 11.5v2H5V12h1.5v-1.5L7.6 9.4",
}
# Those that point along the line of reading are mirrored where it runs from right to left.
FLIPPED = frozenset({"back", "out", "fold", "unfold"})
