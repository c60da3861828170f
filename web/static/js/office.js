// The office's pages: they stay current, count what is new, and can be walked through by keyboard.
// Everything works without this file; a page then shows what it was loaded with.
"use strict";

const EVERY_MS = 30_000;
const typing = () => document.activeElement?.matches("input, select, textarea") ?? false;

// --- times: "3 min ago" beside what the server wrote

const steps = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function ago(at) {
  const seconds = Math.round((at - Date.now()) / 1000);
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(seconds, "second");
}

function showAges() {
  for (const time of document.querySelectorAll("time[data-ago]")) time.textContent = ago(Date.parse(time.dateTime));
}

// --- staying current: ask with the fingerprint of what is shown, hear 304 while it is the same

const states = document.querySelector("[data-live-state]");

function tell(state) {
  if (!states) return;
  states.dataset.state = state;
  states.textContent = states.dataset[`words${state[0].toUpperCase()}${state.slice(1)}`];
}

function poll(address, changed) {
  let known = null;
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { headers: known ? { "If-None-Match": known } : {}, cache: "no-store" });
      if (answer.status === 401) return tell("ended");
      if (answer.status === 200) {
        known = answer.headers.get("ETag");
        await changed(answer);
      } else if (answer.status !== 304) throw new Error(answer.status);
      tell("fresh");
    } catch {
      tell("stale");
    }
  };
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}

const live = document.querySelector("[data-live]");
if (live) {
  poll(live.dataset.live, async (answer) => {
    const fresh = await answer.text();
    const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    live.innerHTML = fresh; // our own server's page, escaped there
    if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    showAges();
  });
}

// --- the entry log: rows never jump; a button says how many are new

const news = document.querySelector("[data-news]");
if (news) {
  const button = news.querySelector("[data-news-show]");
  button.addEventListener("click", () => {
    const first = new URL(location.href);
    first.searchParams.delete("page");
    location.assign(first);
  });
  poll(news.dataset.news, async (answer) => {
    const more = (await answer.json()).total - Number(news.dataset.total);
    button.hidden = more <= 0;
    button.textContent = button.dataset.words.replace("{n}", more);
  });
}

// --- keyboard: j and k walk through the rows, [ and ] through the pages, / to the filter

const links = () => [...document.querySelectorAll("[data-keys] tr[data-row] a:first-of-type")];

function walk(by) {
  const all = links();
  const row = document.activeElement?.closest("tr[data-row]");
  const next = row ? all.findIndex((link) => row.contains(link)) + by : by > 0 ? 0 : all.length - 1;
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
}

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  "[": () => document.querySelector('.pager a[rel="prev"]')?.click(),
  "]": () => document.querySelector('.pager a[rel="next"]')?.click(),
  "/": () => document.querySelector(".filter .input")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (typing() || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

// --- what takes a while says so, and is not sent twice

document.addEventListener("submit", (event) => {
  const words = event.target.dataset.busy;
  const button = event.target.querySelector("button:not([type=button])");
  if (!words || !button) return;
  button.disabled = true;
  button.textContent = words;
  event.target.setAttribute("aria-busy", "true");
});

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-keys] tr[data-row]");
  if (row && !event.target.closest("a, button, form") && !String(getSelection())) row.querySelector("a")?.click();
  if (event.target.closest?.("[data-print]")) window.print();
});

// --- on a phone a table's row becomes a card, each value beside its column's name

for (const table of document.querySelectorAll("table.cards")) {
  const names = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent);
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.cells].forEach((cell, column) => {
      if (names[column]) cell.dataset.name = names[column];
      cell.classList.toggle("blank", !cell.textContent.trim());
    });
  }
}

showAges();
setInterval(showAges, EVERY_MS);
