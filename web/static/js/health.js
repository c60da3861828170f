// The health page: its figures are asked for again every two seconds, never while nobody looks.

const EVERY_MS = 2_000;
const LOST_AFTER = 3; // failures in a row

const place = document.querySelector("[data-health]");
const lost = document.querySelector(".lost");
let failures = 0;

async function renew() {
  if (!document.hidden) await ask();
  setTimeout(renew, EVERY_MS);
}

async function ask() {
  try {
    const response = await fetch(place.dataset.health, { cache: "no-store" });
    if (response.redirected || response.status === 401) return location.reload();
    if (!response.ok) throw new Error(response.statusText);
    place.innerHTML = await response.text();
    failures = 0;
  } catch {
    failures += 1;
  }
  lost.hidden = failures < LOST_AFTER;
}

setTimeout(renew, EVERY_MS);
