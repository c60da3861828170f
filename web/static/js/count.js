// Correcting how many are inside.

import { dialog } from "./dialogs.js";
import { complain } from "./fields.js";

export function wireCount(link, lane) {
  const form = dialog("count").querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await link.act(`${lane}/count`, Object.fromEntries(new FormData(form)));
    if (answer.ok) {
      dialog("count").close();
      form.reset();
    }
    complain(form, answer.problems);
  });
}
