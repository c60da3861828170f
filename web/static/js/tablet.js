// The tablet: the server draws each step; here are the ways to begin, and what happens when somebody walks away.

import { CodeCamera } from "./camera.js";
import { dialog } from "./dialogs.js";
import { Keypad } from "./keypad.js";
import { Link, chinese, ticket, toast } from "./live.js";
import { staysOf } from "./regions.js";
import { Sounds, speak } from "./sound.js";
import { watchScanner } from "./wedge.js";

const IDLE_MS = 40_000;
const LEAVE_MS = 12_000;
const TO_CHINESE_MS = 60_000;

const base = `/tablet/${encodeURIComponent(document.body.dataset.lane)}`;
const $ = (selector) => document.querySelector(selector);
const step = () => $("[data-step]");

const sounds = new Sounds();
const link = new Link(`${base}/events`, { keep: keepsChoosing, changed: stepChanged, cue: (sound) => sounds.play(sound) });
const camera = $("[data-video]") && new CodeCamera($("[data-video]"), {
  wasm: document.body.dataset.reader,
  formats: document.body.dataset.formats.split(" "),
  shown: cameraShown,
  asked: askForOne,
});
const keypad = new Keypad($("[data-keypad]"), { spell: grouped, keys: /^[0-9A-Z]$/, send: () => identify(keypad.typed) });
let touched = performance.now();
let expires = 0;
let mode = "";
let turn = 0; // how often the mode changed
let spoken;

stepChanged();
watchScanner({
  scanned: (text) => begin("/scan", { text, by: "scanner" }),
  ...JSON.parse(document.body.dataset.scannerKeys),
});
setInterval(watchClock, 500);

// --- what the server sends

// Somebody is choosing regions: the same question drawn again would take the marks away.
function keepsChoosing(region, html) {
  const choosing = region === "step" && step().querySelector("[data-regions] input:checked");
  return Boolean(choosing) && html.includes(`data-visit="${step().dataset.visit}"`) && html.includes("data-regions");
}

function stepChanged() {
  touched = performance.now();
  if (step().dataset.step !== "start") show("");
  const lasts = step().dataset.expiresMs;
  expires = lasts === undefined ? 0 : performance.now() + Number(lasts) + 1_500;
  const words = step().querySelector("[data-speak]");
  if (words?.textContent !== spoken) speak(words);
  spoken = words?.textContent;
  if (step().dataset.call) act("/help", { why: step().dataset.call });
}

// --- the ways to begin: a code, a number

async function show(name) {
  if (mode === name) return;
  mode = name;
  turn += 1;
  camera?.stop();
  keypad.restore("");
  keypad.complain("");
  turnBoard("digits");
  $("[data-typing-help]").hidden = true;
  $("[data-region=step]").hidden = Boolean(name);
  for (const section of document.querySelectorAll("[data-mode]")) section.hidden = section.dataset.mode !== name;
  if (name === "camera") await openCamera();
}

async function openCamera() {
  cameraTrouble("");
  offerHelp(true);
  const trouble = await camera.start(present, cameraTrouble);
  if (trouble) cameraTrouble(trouble);
}

// Whether the gate saw several health codes, so that the camera has to go on looking.
async function present(codes) {
  const answer = await begin("/scan", { codes });
  const several = Boolean(answer.problems.several);
  $("[data-camera-retry]").hidden = answer.ok || several;
  return several;
}

function askForOne(on) {
  $("[data-camera-several]").hidden = !on;
  $("[data-camera-alone]").hidden = on;
}

function offerHelp(on) {
  $("[data-camera-several] [data-help]").hidden = !on;
  $("[data-camera-several] [data-called]").hidden = on;
}

async function callForHelp(button) {
  const called = await act("/help", { why: button.dataset.help });
  if (called && button.closest("[data-camera-several]")) offerHelp(false);
}

function cameraTrouble(trouble) {
  for (const note of document.querySelectorAll("[data-camera-error]")) {
    note.hidden = note.dataset.cameraError !== trouble;
  }
  $("[data-camera-retry]").hidden = !trouble;
}

function cameraShown({ cameras, light }) {
  $("[data-camera-next]").hidden = cameras < 2;
  $("[data-camera-light]").hidden = !light;
  $("[data-camera-light]").setAttribute("aria-pressed", "false");
}

async function nextCamera() {
  await camera.turnToNext();
  await openCamera();
}

async function switchLight(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  await camera.light(on);
  button.setAttribute("aria-pressed", String(on));
}

// The answer may come after the stream has told the same and somebody has opened the camera again: that stays open then.
async function begin(path, body) {
  const begun = turn;
  const answer = await link.act(base + path, { ...body, ticket: ticket() });
  if (!answer.ok && !answer.problems.number && !answer.problems.several) toast(answer.problems);
  if (answer.ok && begun === turn) show("");
  return answer;
}

// What was typed stays; the words say which digit, and somebody can be called.
async function identify(number) {
  const answer = await begin("/identify", { number });
  if (answer.ok) return;
  keypad.complain(answer.problems.number ?? "");
  $("[data-typing-help]").hidden = false;
}

function turnBoard(name) {
  for (const board of document.querySelectorAll("[data-board]")) board.hidden = board.dataset.board !== name;
  for (const button of document.querySelectorAll("[data-to-board]")) button.hidden = button.dataset.toBoard === name;
}

function grouped(typed) {
  if (/[A-WYZ]/.test(typed)) return typed; // a passport
  if (typed.length <= 8 && !typed.startsWith("1")) return typed.replace(/(....)(?=.)/g, "$1 "); // an announcement's code
  if (typed.length <= 11) return typed.replace(/^(\d{3})(\d{1,4})/, "$1 $2 ").trim(); // a phone number
  if (typed.length === 12) return typed.replace(/(....)(?=.)/g, "$1 "); // a pass number
  return typed.replace(/^(\d{6})(\d{8})/, "$1 $2 ");
}

// --- touches

async function act(path, body) {
  const answer = await link.act(base + path, body);
  if (!answer.ok) toast(answer.problems);
  return answer.ok;
}

const onVisit = (action, body) => act(`/visits/${step().dataset.visit}/${action}`, body);

const CLICKS = {
  "[data-mode-open]": (button) => show(button.dataset.modeOpen),
  "[data-mode-close]": () => show(""),
  "[data-camera-retry]": openCamera,
  "[data-camera-next]": nextCamera,
  "[data-camera-light]": switchLight,
  "[data-to-board]": (button) => turnBoard(button.dataset.toBoard),
  "[data-help]": callForHelp,
  "[data-cancel]": (button) => onVisit("cancel", { why: button.dataset.cancel }),
  "[data-still-here]": () => dialog("idle").close(),
  "[data-answer]": (button) =>
    onVisit("answers", { answers: { [button.dataset.question]: button.dataset.answer === "yes" } }),
  "[data-stays]": (button) => onVisit("stays", { stays: staysOf(button) }),
};

document.addEventListener("click", async (event) => {
  touched = performance.now();
  for (const [selector, action] of Object.entries(CLICKS)) {
    const button = event.target.closest(selector);
    if (!button || button.disabled) continue;
    button.disabled = true;
    await action(button);
    button.disabled = false;
  }
});

// --- somebody walks away

function watchClock() {
  const idle = performance.now() - touched;
  if (expires && performance.now() > expires) step().classList.add("is-over");
  const busy = mode || step().dataset.step === "asking";
  if (busy && idle > IDLE_MS) return leaving(IDLE_MS + LEAVE_MS - idle);
  dialog("idle").close();
  if (!busy && step().dataset.step === "start" && idle > TO_CHINESE_MS && !chinese()) location.search = "?lang=zh";
}

function leaving(left) {
  if (!dialog("idle").open) dialog("idle").showModal();
  $("[data-idle-count]").textContent = Math.max(0, Math.ceil(left / 1_000));
  if (left > 0) return;
  dialog("idle").close();
  touched = performance.now();
  if (mode) show("");
  else onVisit("cancel", { why: "timeout" });
}
