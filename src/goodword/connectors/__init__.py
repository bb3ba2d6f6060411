"""Which outside systems do we understand? One file for each; this page lists what lies on the shelf.

A connector is a pure translator: `read(...)` turns what the system sends into native events (contracts 1.1) and problems.
It opens no socket, reads no clock and knows no table; routes and storage are the front door's.
"""

from __future__ import annotations

SHELF = {"segment": "Segment tracking protocol: analytics.js, RudderStack and their server libraries"}
