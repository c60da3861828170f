"""The browser libraries: what is committed is what the lock file pins, and nothing is loaded from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
VENDOR = WEB / "static" / "vendor"
TEMPLATES = sorted(path for path in WEB.rglob("*.html") if "node_modules" not in path.parts)


def manifest() -> dict[str, dict[str, str]]:
    return json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))


def test_every_vendored_file_has_the_digest_its_manifest_names() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    assert {name: digest for name, digest in found.items() if name != "manifest.json"} == manifest()["sha256"]


def test_the_manifest_names_the_versions_of_the_lock_file() -> None:
    locked = json.loads((WEB / "vendor-src" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((WEB / "vendor-src" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in manifest()["packages"].items():
        assert wanted[name] == version == locked[f"node_modules/{name}"]["version"]


@pytest.mark.skipif(not (shutil.which("npm") and shutil.which("node")), reason="needs Node.js and npm")
def test_fetching_the_libraries_again_gives_the_same_bytes(tmp_path: Path) -> None:
    if not (WEB / "vendor-src" / "node_modules").exists():
        pytest.skip("run scripts/vendor once: this test copies, it does not download")
    subprocess.run(["node", "copy.mjs", str(tmp_path)], cwd=WEB / "vendor-src", check=True, timeout=60)
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert again == {path.name: path.read_bytes() for path in VENDOR.iterdir()}


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "lucide.svg").read_text(encoding="utf-8")))
    named = {name for path in TEMPLATES for name in re.findall(r'icon\("([a-z-]+)"', path.read_text(encoding="utf-8"))}
    assert named
    assert named <= sprite


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_page_needs_more_than_the_strict_policy_allows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "an inline script"
    assert not re.search(r"<style\b|\sstyle=", text), "an inline style"
    assert not re.search(r"\son[a-z]+=", text), "an inline handler"
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text), "something loaded from elsewhere"
