"""The English words of danger, by the Vietnamese names of `intake.urgency`, for folded text.

The word "no" denies nothing farther off than one word: folded, the Vietnamese "nó" is spelt so.
"""

_DRUGS = r"(?:meth|ice|crystal|drugs|pills)"
_WEAPON = (
    r"(?:(?:an?|the|his|her|their|some|two) )?"
    r"(?:(?:big|long|large|small|short|sharp|kitchen|meat|hand|loaded) ){0,2}"
    r"(?:knife|knives|guns?|handguns?|pistols?|rifles?|swords?|machetes?|axes?|grenades?|weapons?)"
)
_HARM = r"(?:kill|stab|shoot|murder|behead|strangle|burn)"
_SOMEONE = (
    r"(?:someone|somebody|people|everyone|everybody|us|me|him|her|them"
    r"|(?:an?|the|his|her|their|my|our) (?:wife|husband|mother|father|parents|son|daughter"
    r"|children|child|kids|family|girl|boy|woman|man|neighbou?rs?))"
)
DANGER = {
    "ngáo đá": (
        rf"(?:crazy|crazed|raging|violent|psychotic|hallucinating) (?:on|from) {_DRUGS}"
        r"|(?:meth|drug) psychosis"
    ),
    "sốc thuốc": r"overdos(?:e|ed|es|ing)|having (?:a seizure|convulsions)|convulsing",
    "hung khí": (
        r"(?:has|have|had|having|got|holds?|holding|carry|carries|carrying|pulls?|pulled|pulling"
        r"|draws?|drew|waves?|waving|swings?|swinging|wielding|brandishing|with)(?: out)?"
        rf" {_WEAPON}|armed with {_WEAPON}"
    ),
    "dọa giết": (
        rf"threaten(?:s|ed|ing)? (?:{_SOMEONE} )?(?:to {_HARM}|with {_WEAPON})"
        rf"|(?:going|wants?|trying|about) to {_HARM} {_SOMEONE}"
        r"|(?:kills|killed|killing|stabs|stabbed|stabbing|murdered|murdering|shooting at|shoots at"
        rf"|shot|beating|strangling) {_SOMEONE}"
        r"|kidnap(?:s|ped|ping)?|hostages?|set(?:s|ting)? fire to|house is (?:on fire|burning)"
    ),
    "bất tỉnh": (
        r"unconscious|passed out|not breathing|(?:stopped|isn['’]?t) breathing"
        r"|(?:is|are|nearly|almost|he['’]?s|she['’]?s) (?:dying|dead)"
    ),
    "trẻ em": r"child|children|kids?|pupils?|schoolboys?|schoolgirls?",
    "trường học": r"schools?|kindergartens?",
}
NOT_NO = r"(?<!\bno )"
NOT = (
    r"(?:not|never|nobody|no one|without"
    r"|(?:do|does|did|is|are|was|were|has|have|had)n['’]?t)"
    r"(?: (?:really|actually|even|yet|ever|here|there|see|seen|is|was|him|her|them)){0,2}"
)
NOW = (
    r"right now|just now|as we speak|this minute|at (?:this|the) (?:very )?moment"
    r"|(?:happening|going on) now"
    r"|(?<!until )(?<!till )(?<!by )(?<!before )(?<!from )(?<!years )(?<!months )now"
    r"(?! (?:and then|on)\b)"
)
