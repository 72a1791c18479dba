"""The English words that may let others guess who wrote them; `intake.text` looks for them.

As with the Vietnamese ones, each piece holds the words that tell whose house it is or who speaks,
and no more. No repeat is without a bound: a piece costs the same wherever a text puts it.
"""

_HOME = r"(?:house|home|flat|apartment|shop|store|room|gate|door|window|balcony|roof|yard|garden)"
_BESIDE = (
    r"(?:opposite|near|beside|behind|outside|facing|above|below|next(?: door)? to|close to"
    r"|across(?: the (?:street|road|lane|alley))? from|in front of)"
)
_KIN = (
    r"(?:husband|wife|(?-i:son|SON)s?|daughters?|brothers?|sisters?|father|mother|dad|mum|mom"
    r"|parents|uncle|aunt|cousin|nephew|niece|child|children|kids?|family|boyfriend|girlfriend"
    r"|grand(?:father|mother|parents|son|daughter|children))(?:-in-law)?"
)  # "My Son" is a place
_ROLE = (
    r"(?:owner|landlord|landlady|tenant|security guard|guard|teacher|shopkeeper"
    r"|(?:next[- ]door )?neighbou?r)"
)
_NUMBERED = (
    r"(?:,? (?:(?:house|number|no\.?|room|flat|lane|alley|hamlet|group|block) )?\d[\w/-]{0,15})"
    r"{1,4}"
)
_I_AM = r"(?:i am|i['’]?m|we are|we['’]re)"
_LED_BY = r"(?:[ ,:]{1,3}(?:is|at|on|by|via|number|phone|zalo|please|here|it['’]s)){0,4}[ ,:]{0,3}"

IDENTITY = (
    r"(?:id(?:entity|entification)?|citizen(?:ship)?|insurance) (?:card|paper|document)s?"
    r"|passports?|driv(?:ing|er['’]?s?) licen[cs]es?"
)
"""Papers that show who somebody is, in a folded caption."""

MAY_TELL = r"\b(?:i|im|my|our|me|we)\b"
"""Whatever is found, but for long numbers, holds one of these words."""


def clues(name: str, phone: str, card: str) -> str:
    """Return the pattern; ``name``, ``phone`` and ``card`` fit those of a person."""
    return "|".join(
        [
            rf"\b(?:my (?:full |real )?name(?: is|['’]s|:) (?:{name}|\w{{1,30}})|{_I_AM} {name})",
            (
                r"\bmy (?:(?:tele|cell|mobile )?phone|mobile|cell|contact|zalo|whatsapp)"
                rf"(?: number)?{_LED_BY}{phone}"
            ),
            (
                r"\bmy (?:(?:phone|telephone|mobile|contact|zalo) )?(?:number|zalo|facebook)\b"
                rf"(?:{_LED_BY}\+?\d(?:[ .-]?\d){{0,14}})?"
            ),
            (
                r"(?<!he )(?<!they )\b(?:please )?(?:call|text|message|contact|reach|phone)"
                rf" (?:to )?me(?: back)?{_LED_BY}{phone}"
            ),
            rf"\bplease (?:call|text|message|contact){_LED_BY}{phone}",
            rf"{phone},? is (?:mine\b|my (?:(?:phone|mobile|zalo) )?(?:number|phone|zalo)\b)",
            (
                r"\bmy (?:(?:national |citizen )?id(?:entity)?(?: card)?|card|passport)"
                rf"(?: number)?{_LED_BY}{card}"
            ),
            (
                rf"\b(?:(?:just |right )?(?:{_BESIDE}|from|at|in) )?(?:my|our) {_HOME}\b"
                rf"(?: is (?:right )?(?:{_BESIDE}\b|(?:at|in|on){_NUMBERED}))?"
            ),
            rf"\b(?:{_BESIDE}|in|at|from) where (?:i|we) live\b",
            rf"\b(?:i|we) live (?:right )?(?:{_BESIDE}\b|(?:at|in|on)(?:{_NUMBERED}|\b))",
            rf"\b(?:my|our) (?:(?:own|late|older|elder|younger|little) )?{_KIN}\b(?:['’]s\b)?",
            r"\b(?:my|our) (?:next[- ]door )?neighbou?rs?\b(?:['’]s\b)?",
            rf"\b{_I_AM} (?:the|an?|his|her|their) {_ROLE}\b(?: of\b)?",
            rf"\b{_I_AM} (?:his|her|their) {_KIN}\b",
            r"\bonly (?:i|we) (?:know|saw|see|have seen|could see|can see|heard)\b",
            (
                rf"\b{_I_AM} the only (?:one|person|witness)"
                r"(?: (?:who|that) (?:knows|saw|sees|has seen|heard))?\b"
            ),
        ]
    )
