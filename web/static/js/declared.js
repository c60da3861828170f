// The short code of an announcement: looked up as soon as its eight digits are typed.

import { complainAt } from "./fields.js";
import { chinese, send } from "./live.js";

const DIGITS = 8;

export function watchDeclared(form, lane) {
  const field = form.elements.declaration;
  const note = form.querySelector("[data-declared]");
  const typed = () => field.value.normalize("NFKC").replace(/\D/g, "");
  const clear = () => {
    note.hidden = true;
    complainAt(field, "");
  };
  form.addEventListener("reset", clear);
  field.addEventListener("input", async () => {
    clear();
    const code = typed();
    if (code.length !== DIGITS) return;
    const answer = await send(`${lane}/declaration`, { declaration: code });
    if (code !== typed()) return; // typed on meanwhile
    complainAt(field, Object.values(answer.problems)[0] ?? "");
    note.hidden = !answer.ok;
    note.textContent = chinese() ? answer.data.zh : answer.data.en;
  });
}
