"""Two languages side by side: Chinese is the source, English its translation, and residents see both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.support import Translations
from markupsafe import Markup

LANGUAGES = {"zh": "中文", "en": "English"}


class Words:
    """The English catalogue of some domains, whatever language the reader chose."""

    def __init__(self, folder: Path, domains: Sequence[str]) -> None:
        self._folder = folder
        self._domains = tuple(domains)

    @cached_property
    def _english(self) -> Translations:
        merged = Translations()
        for domain in self._domains:
            found = Translations.load(str(self._folder), ["en"], domain)
            if isinstance(found, Translations):
                merged.merge(found)
        return merged

    def english(self, text: str, **values: Any) -> str:
        """The English of a Chinese source string; the string itself where no translation is known."""
        return str(self._english.gettext(text)) % values if values else str(self._english.gettext(text))

    def both(self, lang: str, text: str, **values: Any) -> Markup:
        """A source string in both languages, the reader's first."""
        chinese = text % values if values else text
        return self.say(lang, chinese, self.english(text, **values))

    def say(self, lang: str, zh: str, en: str) -> Markup:
        """Words in both languages, the reader's first: `<span class="say"><b lang=…>…</b> <i lang=…>…</i></span>`."""
        first, second = (("zh", zh), ("en", en)) if lang == "zh" else (("en", en), ("zh", zh))
        span = Markup('<span class="{}" lang="{}">{}</span>')
        parts = span.format("say-first", *first), span.format("say-beside", *second)
        return Markup('<span class="say">{} {}</span>').format(*parts)
