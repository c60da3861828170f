// The setup page: the camera's picture, how enrolment stands, and what somebody types or scans by hand.

import { send } from "./live.js";
import { watchPicture } from "./picture.js";

const EVERY_MS = 1_000;

const setup = document.querySelector("[data-setup]");
const now = setup.querySelector("[data-now]");
const lost = setup.querySelector("[data-lost]");
const image = setup.querySelector("[data-picture]");

function show(stage) {
  setup.dataset.stage = stage;
  for (const part of setup.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== stage;
}

async function renew() {
  try {
    const response = await fetch(setup.dataset.setup, { cache: "no-store" });
    if (response.redirected) return location.reload();
    if (!response.ok) throw new Error(response.statusText);
    const fresh = await response.text();
    if (fresh !== renew.shown) {
      now.innerHTML = fresh; // our own server's page, escaped there
      renew.shown = fresh;
    }
    const stage = now.querySelector("[data-setup-stage]").dataset.setupStage;
    if (setup.dataset.stage === "done" && stage === "closed") return location.replace(location.pathname);
    show(stage);
    lost.hidden = true;
  } catch {
    lost.hidden = false; // it begins anew once it is enrolled
  }
  return undefined;
}

async function keepCurrent() {
  await renew();
  setTimeout(keepCurrent, EVERY_MS);
}

function complain(form, problems) {
  for (const place of form.querySelectorAll("[data-error]")) {
    const words = problems[place.dataset.error] ?? "";
    place.textContent = words;
    place.hidden = !words;
  }
}

for (const form of setup.querySelectorAll("form[data-send]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await send(form.dataset.send, Object.fromEntries(new FormData(form)));
    const other = answer.problems[""];
    const first = form.querySelector("[data-error]")?.dataset.error;
    complain(form, other ? { ...answer.problems, [first]: other } : answer.problems);
    if (answer.ok) form.reset();
    await renew();
  });
}

show(setup.dataset.stage);
if (image) watchPicture(image);
setTimeout(keepCurrent, EVERY_MS);
