"""What people write to the assistant and what it answers, as codes: a text is made when it is written down.

A code counts forms of a topic of a task; codes from LEAK on are the same text with personal data in it.
"""

from itertools import product

_GOODS = (
    "hiking boots", "garden hose", "desk lamp", "rain jacket", "bread knife", "yoga mat", "coffee grinder",
    "winter gloves", "bike helmet", "wall clock", "travel pillow", "water bottle", "camping stove",
    "wool socks", "tennis racket", "picture frame", "baby blanket", "phone case", "cutting board",
    "running shorts", "dog leash", "office chair", "flower pot", "beach towel",
)  # fmt: skip
_QUALITIES = ("waterproof", "cheap", "lightweight", "sturdy", "vegan", "foldable")
TOPICS = len(_GOODS) * len(_QUALITIES)
ASKED, SAID_AGAIN, SAID_ONCE_MORE, CLARIFIED = range(4)
FORMS = (
    ("find {0}", "{0} recommendations", "recommended {0} now", "only the ones in stock"),
    ("compare {0}", "{0} comparison", "comparing {0} models", "and without leather"),
    ("cleaning {0}", "clean {0} properly", "{0} cleaning steps", "and by hand"),
    ("gift ideas {0}", "{0} gift", "gifts {0} ideas", "for somebody who is older"),
    ("size {0}", "{0} sizes", "right size {0}", "in wider ones"),
)
_ANSWERS = (
    "For {0} look at the material first, and at the price second.",
    "Most people who buy {0} are glad of a longer warranty.",
    "There are three good {0} in the shop; the first is liked best.",
    "With {0} less is more: choose the simple ones.",
)
ANSWERS = len(_ANSWERS)
LEAK = 1 << 20
LEAKS = tuple(
    f"{name}.{surname}@example.com"
    for name, surname in product(("jane", "li", "omar", "ines"), ("roe", "park", "diaz"))
)


def query_text(code: int) -> str:
    """The text of a query."""
    leak, plain = divmod(code, LEAK)
    topic, form = divmod(plain, len(FORMS[0]))
    task, about = divmod(topic, TOPICS)
    text = FORMS[task][form].format(_about(about))
    return f"{text}, answer to {LEAKS[leak - 1]}" if leak else text


def answer_text(code: int) -> str:
    """The text of a response."""
    leak, plain = divmod(code, LEAK)
    topic, form = divmod(plain, ANSWERS)
    text = _ANSWERS[form].format(_about(topic % TOPICS))
    return f"{text} Ask {LEAKS[leak - 1]} for more." if leak else text


SURFACES = ("search", "item", "basket")


def payload_text(code: int) -> str:
    """The document that a signal carries."""
    leak, plain = divmod(code, LEAK)
    said = f',"note":"{LEAKS[leak - 1]}"' if leak else ""
    return f'{{"surface":"{SURFACES[plain]}"{said}}}'


def _about(topic: int) -> str:
    goods, quality = divmod(topic, len(_QUALITIES))
    return f"{_QUALITIES[quality]} {_GOODS[goods]}"
