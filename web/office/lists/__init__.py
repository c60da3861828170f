"""名单: the watch list and the roster (one by one and out of files), risk regions, places, clinics."""

from web.office.lists import imports, people, places, regions
from web.office.lists.blueprint import blueprint

__all__ = ["blueprint", "imports", "people", "places", "regions"]
