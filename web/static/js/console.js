// The gate console. The server draws every region; here is only what moves: keys, sounds, dialogs, the clock.

import { wireCount } from "./count.js";
import { watchDeclared } from "./declared.js";
import { dialog, wireDialogs } from "./dialogs.js";
import { complain } from "./fields.js";
import { Keypad } from "./keypad.js";
import { Link, send, ticket, toast } from "./live.js";
import { overrideClicks } from "./override.js";
import { partyClicks, vehicleOpened } from "./party.js";
import { watchPhotos } from "./photo.js";
import { watchPicture } from "./picture.js";
import { staysOf } from "./regions.js";
import { Sounds, speak } from "./sound.js";
import { restCounted, restDrawn, secondStruck, waitingClicks } from "./waiting.js";
import { halfWidth, watchScanner } from "./wedge.js";

const lane = `/lanes/${encodeURIComponent(document.body.dataset.lane)}`;
const $ = (selector) => document.querySelector(selector);
const card = () => $("[data-card]");
const visit = () => card()?.dataset.visit;

let shownVisit = "";
let dealtWith = ""; // the outcome that was taken off the screen
let deadline = 0;
let expires = 0;
let registration = ""; // the ticket of the form that is open

const sounds = new Sounds($("[data-sound]"));
const link = new Link(`/events?lane=${encodeURIComponent(document.body.dataset.lane)}`, {
  keep: keepsStanding,
  changed,
  cue: (sound) => sounds.play(sound),
});
const keypad = new Keypad($("[data-keypad]"), {
  spell: (typed) => (typed.length > 2 ? `${typed.slice(0, 2)}.${typed.slice(2)}` : typed),
  send: measured,
});

changed("card");
wireDialogs(opened);
$("[data-picture]") && watchPicture($("[data-picture]"));
watchScanner({
  scanned,
  before: () => keypad.typed,
  undo: (typed) => keypad.restore(typed),
  ...JSON.parse(document.body.dataset.scannerKeys),
});
watchPhotos($("[data-photo]"), { chosen: photographed, refused: (words) => toast({ photo: words }) });
setInterval(countDown, 500);
setInterval(restCounted, 500);

// --- what the server sends

// A refusal or an isolation stays until somebody steps up next or the volunteer has dealt with it; what was dealt with
// does not come back.
function keepsStanding(region, html) {
  if (region !== "card") return false;
  if (dealtWith && html.includes(`data-seq="${dealtWith}"`)) return true;
  if (card()?.querySelector("[data-regions] input:checked") && html.includes(`data-visit="${visit()}"`) && html.includes("data-regions"))
    return true; // somebody is choosing
  return Boolean(card()?.hasAttribute("data-lasting")) && html.includes('data-card="idle"');
}

function clearCard() {
  dealtWith = card().dataset.seq ?? dealtWith;
  link.replace("card", $("template[data-idle]").innerHTML);
}

function changed(region) {
  if (region === "alarm" && $(".alarm")) sounds.play("alarm");
  if (region === "waiting") return restDrawn();
  if (region !== "card") return;
  if (visit() !== shownVisit) {
    keypad.restore("");
    keypad.form.elements.grade.value = "screening"; // the gun is what lies at hand
  }
  shownVisit = visit();
  keypad.enable(Boolean(visit()));
  $("[data-no-reading]").disabled = card().dataset.stage !== "measuring";
  if (!visit()) dialog("cancel").close();
  const until = card().querySelector("[data-deadline-ms]");
  deadline = until ? performance.now() + Number(until.dataset.deadlineMs) : 0;
  expires = card().dataset.expiresMs === undefined ? 0 : performance.now() + Number(card().dataset.expiresMs) + 1_500;
}

// Even if the gate should fall silent: an admission does not stand longer than it was meant to.
function countDown() {
  const now = performance.now();
  const place = card().querySelector("[data-deadline-ms]");
  if (place) place.textContent = `${Math.max(0, Math.ceil((deadline - now) / 1_000))} s`;
  if (expires && now > expires && !card().hasAttribute("data-lasting")) clearCard();
}

// --- what the volunteer does

async function act(path, body) {
  const answer = await link.act(path, body);
  if (!answer.ok) toast(answer.problems);
  return answer.ok;
}

const onVisit = (action, body) => visit() && act(`${lane}/visits/${visit()}/${action}`, body);

async function measured(celsius) {
  const measuredOn = visit();
  if (!measuredOn) return;
  const { grade } = keypad.form.elements;
  const answer = await link.act(`${lane}/visits/${measuredOn}/reading`, { celsius, grade: grade.value });
  if (!answer.ok) keypad.complain(Object.values(answer.problems)[0]);
  else if (visit() === measuredOn) keypad.restore(""); // else it was emptied, and holds what was typed for the next one
}

function scanned(text) {
  act(`${lane}/scan`, { text, ticket: ticket() });
}

function photographed(file) {
  const form = new FormData();
  form.append("photo", file);
  form.append("ticket", ticket());
  return act(`${lane}/photo`, form);
}

const CLICKS = {
  "[data-answer]": (button) =>
    onVisit("answers", { answers: { [button.dataset.question]: button.dataset.answer === "yes" } }),
  "[data-no-reading]": () => onVisit("no-reading"),
  "[data-cancel]": async (button) => (await onVisit("cancel", { why: button.dataset.cancel })) && dialog("cancel").close(),
  "[data-direction]": (button) => act(`${lane}/direction`, { direction: button.dataset.direction }),
  "[data-dismiss]": (button) => act(`/lanes/${encodeURIComponent(button.dataset.dismiss)}/summons/dismiss`),
  "[data-sync]": () => act("/sync"),
  "[data-new-pairing]": showPairing,
  ...waitingClicks(link, lane),
  ...overrideClicks(link, lane),
  ...partyClicks(link, lane),
  "[data-stays]": (button) => onVisit("stays", { stays: staysOf(button) }),
  "[data-mask]": (button) => {
    if (button.dataset.mask === "reminded" && sounds.on) speak($("[data-mask-words]"));
    return onVisit("mask", { mask: button.dataset.mask });
  },
  "[data-acknowledge]": () => {
    card().removeAttribute("data-lasting");
    clearCard();
  },
};

document.addEventListener("click", async (event) => {
  if (event.detail) event.target.closest("button:not(dialog *)")?.blur(); // so that Enter belongs to the keypad again
  for (const [selector, action] of Object.entries(CLICKS)) {
    const button = event.target.closest(selector);
    if (!button || button.disabled) continue;
    button.disabled = true; // a second click is harmless at the gate too; this only spares the call
    await action(button);
    button.disabled = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (dialog("second").open) return secondStruck(event);
  if (event.target.closest("input, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && keypad.typed && event.target === document.body) measured(keypad.spell(keypad.typed));
  else if (keypad.struck(event.key)) event.preventDefault();
});

$("[data-scanner]").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  if (field.value.trim()) scanned(halfWidth(field.value));
  field.value = "";
  field.blur();
});

// --- dialogs

function opened(name) {
  if (name === "more") showPairing();
  if (name === "vehicle") vehicleOpened();
  if (name !== "register") return;
  registration = ticket();
  $("[data-child]").hidden = !$("[data-party]"); // a child without papers comes with others
  $("[data-register]").reset();
  complained({});
}

wireCount(link, lane);
watchDeclared($("[data-register]"), lane);

async function showPairing() {
  const answer = await send("/pairing");
  if (answer.ok) $("[data-pairing]").textContent = answer.data.code.replace(/(...)/, "$1 ");
  else toast(answer.problems);
}

$("[data-register]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = Object.fromEntries(new FormData(event.target));
  const answer = await link.act(`${lane}/register`, { ...typed, ticket: registration });
  if (answer.ok) dialog("register").close();
  complained(answer.problems);
});

// A number that the document shows although its check fails: the volunteer may confirm it, for this very number.
const unreadable = $("[data-unreadable]");
$("[data-register] [name=id_number]").addEventListener("input", () => {
  unreadable.hidden = true;
  unreadable.querySelector("input").checked = false;
});

function complained(problems) {
  unreadable.hidden = !problems.id_number && !unreadable.querySelector("input").checked;
  complain($("[data-register]"), problems);
}
