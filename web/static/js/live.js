// The link between a screen and its gate: the event stream, what it replaces on the page, and what people send.
// A screen that hears nothing for STALE_MS says so and shows no verdict any more.

const STALE_MS = 10_000;
const RETRY_MS = 3_000;
const PRESS_MS = 1_000; // longer than anybody presses; no update waits longer
const CLICK_MS = 200; // after a finger is lifted the click has come, or there is none

export class Link {
  // `keep(region, html)` may veto a replacement; `changed(region, element)` follows one; `cue(sound)` plays once.
  constructor(events, { keep = () => false, changed = () => {}, cue = () => {} } = {}) {
    Object.assign(this, { events, keep, changed, cue });
    this.epoch = document.body.dataset.epoch;
    this.number = Number(document.body.dataset.number);
    this.shown = new Map();
    this.pressed = null; // the region under a finger
    this.held = new Map(); // what came for it meanwhile
    this.cues = null;
    this.heard = performance.now();
    this.open();
    this.watchPresses();
    setInterval(() => this.lost(performance.now() - this.heard > STALE_MS || this.broken), 1_000);
  }

  open() {
    this.source = new EventSource(this.events);
    this.source.addEventListener("update", (event) => {
      this.heard = performance.now();
      this.broken = false;
      this.lost(false);
      this.apply(JSON.parse(event.data));
    });
    this.source.addEventListener("closed", () => location.reload());
    this.source.addEventListener("error", () => this.interrupted());
  }

  interrupted() {
    this.broken = true;
    this.lost(true);
    if (this.source.readyState === EventSource.CLOSED) {
      this.source.close();
      setTimeout(() => this.open(), RETRY_MS);
    }
  }

  lost(is) {
    document.body.classList.toggle("is-lost", is);
    document.querySelector(".lost").hidden = !is;
  }

  apply(update) {
    if (update.epoch !== this.epoch) return location.reload();
    if (update.number >= this.number) {
      this.number = update.number;
      for (const [name, html] of Object.entries(update.regions)) this.replace(name, html);
    }
    this.play(update.cues);
  }

  // A button that is replaced between press and release hears no click: what comes for its region waits until then.
  watchPresses() {
    let timer = 0;
    const release = () => {
      this.pressed = null;
      for (const [name, html] of this.held) this.replace(name, html);
    };
    const releaseIn = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(release, ms);
    };
    const on = (name, act) => document.addEventListener(name, act, { capture: true });
    on("pointerdown", (event) => {
      this.pressed = event.target.closest("[data-region]")?.dataset.region ?? null;
      releaseIn(PRESS_MS);
    });
    on("pointerup", () => releaseIn(CLICK_MS));
    on("pointercancel", () => releaseIn(0));
    on("click", () => releaseIn(0));
  }

  replace(name, html) {
    if (name === this.pressed) return this.held.set(name, html);
    this.held.delete(name);
    if (this.shown.get(name) === html || this.keep(name, html)) return;
    this.shown.set(name, html);
    const element = document.querySelector(`[data-region="${name}"]`);
    element.innerHTML = html;
    this.changed(name, element);
  }

  play(cues) {
    const fresh = this.cues === null ? [] : cues.filter((cue) => !this.cues.has(cue.id));
    this.cues = new Set([...(this.cues ?? []), ...cues.map((cue) => cue.id)].slice(-200));
    for (const cue of fresh) this.cue(cue.sound);
  }

  // Sends an action; true when it was taken. The answer holds the screen after it, or what was wrong.
  async act(path, body = {}) {
    const answer = await send(path, body);
    if (answer.ok && answer.data.regions) this.apply(answer.data);
    return answer;
  }
}

// POSTs JSON, or a form with files. Answers {ok, data, problems}; problems maps fields to words in the reader's
// language.
export async function send(path, body = {}) {
  const form = body instanceof FormData;
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: headers(form), body: form ? body : JSON.stringify(body) });
  } catch {
    return failed("连接中断，没有送达，请再试", "Not sent: the connection is lost. Please try again");
  }
  if (response.status === 401) location.reload();
  const data = await response.json().catch(() => ({}));
  if (response.ok) return { ok: true, data, problems: {} };
  if (response.status === 422) return { ok: false, data, problems: words(data.problems) };
  return { ok: false, data, problems: { "": data.message ?? String(response.status) } };
}

export function ticket() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function toast(problems) {
  for (const text of Object.values(problems)) {
    const note = document.createElement("p");
    note.className = "toast";
    note.textContent = text;
    document.querySelector(".toasts").append(note);
    setTimeout(() => note.remove(), 6_000);
  }
}

export function chinese() {
  return document.documentElement.lang.startsWith("zh");
}

function failed(zh, en) {
  return { ok: false, data: {}, problems: { "": chinese() ? zh : en } };
}

function words(problems = {}) {
  return Object.fromEntries(Object.entries(problems).map(([field, say]) => [field, chinese() ? say.zh : say.en]));
}

function headers(form) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const kind = form ? {} : { "Content-Type": "application/json" }; // a form's own kind names its boundary
  return { ...kind, Accept: "application/json", "X-CSRFToken": token };
}
