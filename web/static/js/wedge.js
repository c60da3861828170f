// A handheld scanner types like a keyboard, only faster, and ends with Enter. Whatever has the focus, a burst of keys is
// a scan: the field that caught it gets its old value back. Slow typing is left alone.

const MOST_GAP_MS = 45;
const LEAST_LENGTH = 6;

export function watchScanner({ scanned, before, undo }) {
  let burst = null;

  function begin(event) {
    const field = event.target.closest?.("input, textarea") ?? null;
    return { text: "", field, value: field?.value, saved: before(), last: event.timeStamp };
  }

  function finish(event) {
    const { text, field, value, saved } = burst;
    burst = null;
    if (text.length < LEAST_LENGTH) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (field) field.value = value;
    undo(saved);
    scanned(text);
  }

  function struck(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (burst && event.timeStamp - burst.last > MOST_GAP_MS) burst = null;
    if (event.key === "Enter" && burst) return finish(event);
    if (event.key.length !== 1) return;
    burst ??= begin(event);
    burst.text += event.key;
    burst.last = event.timeStamp;
  }

  document.addEventListener("keydown", struck, { capture: true });
}
