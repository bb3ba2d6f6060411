"""Which tokens does a browser need that does not know `light-dark()`? The light half of each, made from the one token file.

    python -m goodword.web.own.light        writes static/goodword/light.css anew
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static" / "goodword"
_TOKEN = re.compile(r"(--[\w-]+):\s*([^;{}]*light-dark\([^;{}]*);")
_OPENING = "light-dark("
_HEAD = (
    "/* Made from tokens.css by goodword.web.own.light: the light colours alone, for browsers without light-dark(). */\n"
    "@layer tokens {\n  @supports not (color: light-dark(#000, #fff)) {\n    :root {\n      color-scheme: light;\n"
)


def light_only(tokens: str) -> str:
    """The fallback for this token file."""
    bare = re.sub(r"/\*.*?\*/", "", tokens, flags=re.DOTALL)
    lines = [f"      {name}: {_light(value.strip())};" for name, value in _TOKEN.findall(bare)]
    return _HEAD + "\n".join(lines) + "\n    }\n  }\n}\n"


def _light(value: str) -> str:
    """`light-dark(a, b)` becomes a; brackets inside either half are walked over."""
    while (start := value.find(_OPENING)) >= 0:
        depth, comma, at = 1, -1, start + len(_OPENING)
        while depth:
            mark = value[at]
            depth += {"(": 1, ")": -1}.get(mark, 0)
            if mark == "," and depth == 1 and comma < 0:
                comma = at
            at += 1
        value = value[:start] + value[start + len(_OPENING) : comma].strip() + value[at:]
    return value


def write() -> Path:
    """Make the file anew."""
    made = STATIC / "light.css"
    made.write_text(light_only((STATIC / "tokens.css").read_text(encoding="utf-8")), encoding="utf-8")
    return made


if __name__ == "__main__":
    write()
