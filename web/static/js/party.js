// Families and vehicles: opening one, the plate's keyboard, taking somebody out, finishing.

import { dialog } from "./dialogs.js";
import { complain } from "./fields.js";
import { toast } from "./live.js";

const box = dialog("vehicle");
const form = box.querySelector("form");
const plate = form.elements.plate;

export function partyClicks(link, lane) {
  const act = async (path, body) => {
    const answer = await link.act(`${lane}/${path}`, body);
    if (!answer.ok) toast(answer.problems);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form));
    const answer = await link.act(`${lane}/vehicle`, { ...typed, delivery: form.elements.delivery.checked });
    if (answer.ok) box.close();
    complain(form, answer.problems);
  });
  return {
    "[data-family]": () => act("party"),
    "[data-party-finish]": () => act("party/finish"),
    "[data-remove]": (button) => act(`party/${button.dataset.remove}/remove`),
    "[data-plate-key]": (button) => press(button.dataset.plateKey),
  };
}

export function vehicleOpened() {
  form.reset();
  complain(form, {});
  changed();
}

function press(key) {
  plate.value = key === "back" ? plate.value.slice(0, -1) : plate.value + key;
  changed();
}

// The province first, then the keyboard.
function changed() {
  for (const board of form.querySelectorAll("[data-plate-board]"))
    board.hidden = (board.dataset.plateBoard === "province") !== !plate.value;
  form.querySelector("[data-purpose]").hidden = form.elements.purpose.value !== "other";
}

form.addEventListener("input", changed);
form.elements.purpose.addEventListener("change", () => {
  form.elements.delivery.checked = form.elements.purpose.value === "delivery";
});
