// The waiting area: how long somebody rested, and the second reading with another thermometer.

import { dialog } from "./dialogs.js";
import { Keypad } from "./keypad.js";
import { toast } from "./live.js";

let drawn = performance.now(); // when the rows were last sent: their times count from there
let meant = ""; // the visit that the open dialog is about
let send = () => {};

const form = dialog("second").querySelector("form");
const rested = form.querySelector("[data-rested]");
const keypad = new Keypad(form, {
  spell: (typed) => (typed.length > 2 ? `${typed.slice(0, 2)}.${typed.slice(2)}` : typed),
  send: (celsius) => send(celsius),
});

export function restDrawn() {
  drawn = performance.now();
  restCounted();
}

export function restCounted() {
  const since = performance.now() - drawn;
  for (const row of document.querySelectorAll("[data-rested-ms]")) {
    const seconds = Math.max(0, Math.floor((Number(row.dataset.restedMs) + since) / 1_000));
    row.querySelector("[data-rested]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    row.classList.toggle("is-rested", since >= Number(row.dataset.restLeftMs));
  }
}

// A key while the dialog is open.
export function secondStruck(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || event.target.matches("button")) return;
  if (event.key === "Enter" && keypad.typed) {
    event.preventDefault();
    send(keypad.spell(keypad.typed));
  } else if (keypad.struck(event.key)) event.preventDefault();
}

// What the rows' buttons do; `act(path, body)` sends to the gate and answers whether it was taken.
export function waitingClicks(link, lane) {
  const path = (what, visit = meant) => `${lane}/waiting/${visit}/${what}`;
  send = async (celsius) => {
    const body = { celsius, device: form.elements.device.value, rested: form.elements.rested.checked };
    const answer = await link.act(path("reading"), body);
    if (answer.ok) return dialog("second").close();
    if (answer.problems.rested) rested.hidden = false;
    keypad.complain(Object.values(answer.problems)[0]);
  };
  const end = async (what, body) => {
    const answer = await link.act(path(what), body);
    if (!answer.ok) toast(answer.problems);
    dialog("leave").close();
  };
  return {
    "[data-second]": (button) => {
      meant = button.dataset.second;
      form.reset();
      rested.hidden = true;
      keypad.restore("");
      keypad.complain("");
      form.querySelector("[data-second-name]").textContent = button.dataset.name;
      dialog("second").showModal();
    },
    "[data-leaving]": (button) => {
      meant = button.dataset.leaving;
      dialog("leave").showModal();
    },
    "[data-leave]": (button) => end("cancel", { why: button.dataset.leave }),
    "[data-unconfirmed]": () => end("unconfirmed"),
    "[data-seen]": (button) => link.act(path("dismiss", button.dataset.seen)),
  };
}
