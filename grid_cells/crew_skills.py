"""What crews can do and orders need, in the words of archives."""

from typing import Final

_WORDS: Final[dict[str, frozenset[str]]] = {
    "lv": frozenset({"lv", "低压"}),
    "mv": frozenset({"mv", "hv", "中压", "高压"}),
    "meter": frozenset({"meter", "metering", "计量", "装表", "表计"}),
    "live_line": frozenset({"live_line", "带电", "带电作业"}),
    "cable": frozenset({"cable", "电缆"}),
    "inspection": frozenset({"inspection", "巡视", "用电检查"}),
}
_CODE_OF: Final = {word: code for code, words in _WORDS.items() for word in words}


def skills_of(text: object) -> frozenset[str]:
    """The skills that a text names, separated by ; or a comma; words that nobody knows stay."""
    if not isinstance(text, str):
        return frozenset()
    parts = (
        text.replace("；", ";").replace("，", ";").replace("、", ";").replace(",", ";").split(";")
    )
    words = (part.strip().lower() for part in parts)
    return frozenset(_CODE_OF.get(word, word) for word in words if word)


def lacking(held: object, needed: object) -> frozenset[str]:
    """The skills that a crew lacks for an order; none where nothing is known of the crew's."""
    has = skills_of(held)
    return skills_of(needed) - has if has else frozenset()
