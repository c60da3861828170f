// A handheld scanner types like a keyboard, only faster than anybody's fingers. Whatever has the focus, such a burst of
// keys is a scan: the field that caught it gets its old value back. Slower typing is left alone.
//
// With a Chinese input method on, the browser is told of keys and not of characters (keyCode 229); then the key's place
// on a US keyboard says what the scanner meant, and what the input method made of it is taken back out of the field.

const MOST_GAP_MS = 60; // between two keys of a scan
const MEAN_GAP_MS = 40; // 25 keys a second: no hand keeps that up
const LEAST_LENGTH = 6;
const PREFIXED = { slower: 3, length: 1 }; // a prefix of its own tells a slow scanner, too
const PAUSE_MS = 200; // beyond the longest gap: a scan without a suffix is over
const STALLED_MS = 50; // a timer so late comes from a page that stood still
const LATE_MS = 250; // an input method may still write into a field for so long, by the keys' own times
const NO_LATER_MS = 2_000; // and no longer, though nobody types on
const ENTER = ["\r", "\n", "\r\n"];

const SHIFTED_DIGITS = ")!@#$%^&*(";
const US_KEYS = {
  Space: "  ", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
  Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?",
};
const TYPED_WITH_CAPS_LOCK = /^(gp1|gl1|hc1|nzcp|SHC|HTTPS?):/;

// `scanned(text)` follows a scan; `undo(before())` takes back what its keys did to the page. `prefix` and `suffix` are
// what the scanner is set to send around a text; a suffix of "" is a pause.
export function watchScanner({ scanned, before = () => null, undo = () => {}, prefix = "", suffix = "\r" }) {
  const slower = prefix ? PREFIXED.slower : 1;
  const longestGap = MOST_GAP_MS * slower;
  let burst = null;
  let pause = 0;

  function begin(event) {
    const field = event.target.closest?.("input, textarea") ?? null;
    return { text: "", field, value: field?.value, saved: before(), first: event.timeStamp, last: event.timeStamp };
  }

  function finish(event) {
    const { field, value, saved, composed, last } = burst;
    const text = found(burst);
    burst = null;
    if (!text) return;
    event?.preventDefault();
    event?.stopImmediatePropagation();
    if (field) giveBack(field, value, composed, last);
    undo(saved);
    scanned(text);
  }

  // The text of a burst, "" when it is no scan.
  function found({ text, caps, first, last }) {
    const keys = [...text].length;
    if (last - first > (keys - 1) * MEAN_GAP_MS * slower) return "";
    const at = text.indexOf(prefix);
    const end = suffix && text.endsWith(suffix) ? -suffix.length : undefined;
    const rest = text.slice(at + prefix.length, end);
    if (at < 0 || rest.length < (prefix ? PREFIXED.length : LEAST_LENGTH)) return "";
    return caps && TYPED_WITH_CAPS_LOCK.test(rest) ? swapCase(rest) : rest;
  }

  function struck(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift") return;
    if (burst && (event.repeat || event.timeStamp - burst.last > longestGap)) broken(event);
    if (burst && ends(event, suffix)) return finish(event);
    const char = event.repeat ? "" : character(event);
    if (!char) return;
    burst ??= begin(event);
    if (burst.text && !burst.field) event.preventDefault(); // a blank presses no button
    burst.text += char;
    burst.last = event.timeStamp;
    burst.composed ||= byInputMethod(event);
    burst.caps ||= event.getModifierState("CapsLock");
    if (suffix && !ENTER.includes(suffix) && burst.text.endsWith(suffix)) return finish(event);
    if (!suffix) waitForPause();
  }

  // A key that does not belong to the burst any more: where a pause ends a scan, this was one.
  function broken({ repeat }) {
    if (!suffix && !repeat) finish(null);
    burst = null;
  }

  // A timer that comes late tells nothing: while the page stood still the scanner typed on, and its keys may wait behind the
  // timer. They get their turn first, once, since a tablet that is always late has to hear of scans, too.
  function waitForPause(once = true) {
    clearTimeout(pause);
    const length = longestGap + PAUSE_MS;
    const due = performance.now() + length;
    pause = setTimeout(() => {
      if (once && performance.now() - due > STALLED_MS) waitForPause(false);
      else if (burst) finish(null);
    }, length);
  }

  document.addEventListener("keydown", struck, { capture: true });
}

// Full-width characters as the ordinary ones they stand for.
export function halfWidth(text) {
  const narrow = (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0);
  return text.replace(/[\uff01-\uff5e]/g, narrow).replaceAll("\u3000", " ");
}

function ends(event, suffix) {
  const key = event.key.length > 1 && !byInputMethod(event) ? event.key : event.code.replace("Numpad", "");
  return (key === "Enter" && ENTER.includes(suffix)) || (key === "Tab" && suffix === "\t");
}

function byInputMethod(event) {
  return event.isComposing || event.keyCode === 229;
}

// What a key stands for: what the browser says, or else its place on a US keyboard; "" for a key that writes nothing.
function character(event) {
  if (event.key.length === 1 && !byInputMethod(event)) return halfWidth(event.key);
  if (!byInputMethod(event) && event.key !== "Dead") return "";
  const { code, shiftKey } = event;
  if (code.startsWith("Key")) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code)) return shiftKey ? SHIFTED_DIGITS[code.at(-1)] : code.at(-1);
  return US_KEYS[code]?.[Number(shiftKey)] ?? "";
}

function swapCase(text) {
  return text.replace(/[a-z]/gi, (char) => (char < "a" ? char.toLowerCase() : char.toUpperCase()));
}

// An input method is still composing: leaving the field makes it write what it has, and that is taken out again, also when a
// slow tablet hears of it late. Whoever types on, by the keys' own times, writes something else.
function giveBack(field, value, composed, last) {
  const restore = () => (field.value = value);
  if (composed) {
    const written = new AbortController();
    const { signal } = written;
    for (const name of ["input", "compositionend"]) field.addEventListener(name, restore, { signal });
    const typesOn = (event) => event.timeStamp - last > LATE_MS && written.abort();
    document.addEventListener("keydown", typesOn, { capture: true, signal });
    setTimeout(() => written.abort(), NO_LATER_MS);
    field.blur();
    field.focus();
  }
  restore();
}
