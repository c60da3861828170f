// The page of a one-time code: how long it is still good, and that a gate has taken it.

const EVERY_MS = 3_000;

const panel = document.querySelector("[data-code-state]");
const state = panel.querySelector("[data-state]");
let known = null;

function showLeft() {
  const left = state.querySelector("[data-left]");
  if (left) {
    const seconds = Math.max(0, Math.round((Date.parse(left.dateTime) - Date.now()) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    left.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
  panel.classList.toggle("is-over", !left);
}

async function ask() {
  if (document.hidden) return;
  try {
    const headers = known ? { "If-None-Match": known } : {};
    const answer = await fetch(panel.dataset.codeState, { headers, cache: "no-store" });
    if (answer.status !== 200) return;
    known = answer.headers.get("ETag");
    state.innerHTML = await answer.text(); // our own server's page, escaped there
    showLeft();
  } catch {
    // the office is away for a moment: the next time
  }
}

showLeft();
setInterval(showLeft, 1_000);
setInterval(ask, EVERY_MS);
document.addEventListener("visibilitychange", ask);
