// What was wrong with a form, said at its fields; the rest as a passing note.

import { toast } from "./live.js";

// `problems` maps a field's name to words; fields without any lose theirs.
export function complain(form, problems) {
  const left = { ...problems };
  for (const field of form.querySelectorAll(".input")) {
    const words = problems[field.name] ?? "";
    delete left[field.name];
    complainAt(field, words);
  }
  if (Object.keys(left).length) toast(left);
}

// The words of one field; none take away those it had.
export function complainAt(field, words) {
  field.setAttribute("aria-invalid", String(Boolean(words)));
  field.nextElementSibling?.remove();
  if (words) field.after(errorNote(words));
}

function errorNote(words) {
  const note = document.createElement("span");
  note.className = "field-error";
  note.textContent = words;
  return note;
}
