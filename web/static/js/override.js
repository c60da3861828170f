// 改判: one dialog for the card, the waiting area and the list of passages.

import { dialog } from "./dialogs.js";
import { complain } from "./fields.js";

const OPEN_TO = { check: ["admit", "refuse"], refuse: ["admit", "check", "isolate"], isolate: ["admit", "check", "refuse"] };
const box = dialog("override");
const form = box.querySelector("form");
let meant = "";

export function overrideClicks(link, lane) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form));
    const answer = await link.act(`${lane}/visits/${meant}/override`, typed);
    if (answer.ok) box.close();
    complain(form, answer.problems);
  });
  return { "[data-override]": open };
}

function open(button) {
  const { override, verdict, name } = button.dataset;
  meant = override;
  form.reset();
  complain(form, {});
  form.querySelector("[data-override-name]").textContent = name;
  for (const shown of form.querySelectorAll("[data-was]")) shown.hidden = shown.dataset.was !== verdict;
  for (const choice of form.querySelectorAll("[data-to]")) choice.hidden = !OPEN_TO[verdict].includes(choice.dataset.to);
  form.elements.to.value = OPEN_TO[verdict][0];
  form.querySelector("[data-supervisor]").hidden = verdict === "check";
  box.showModal();
}
