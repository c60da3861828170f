// Policy pages. The rule editor asks the server for the sentence's new shape when a fact is chosen or a part comes or
// goes, without leaving the page; a trial shows how far it is. Without this file both work by whole pages.
"use strict";

const ASK_MS = 1_500;

// --- the sentence

const editor = document.querySelector("[data-editor]");

async function reshape(edit) {
  const form = new FormData(editor);
  form.set("edit", edit);
  const focused = document.activeElement?.getAttribute("name");
  const answer = await fetch(location.href, { method: "POST", body: form });
  if (answer.status === 401) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-sentence]");
  if (!fresh) throw new Error(answer.status);
  document.querySelector("[data-sentence]").replaceWith(fresh); // our own server's page, escaped there
  if (focused && focused !== "edit") fresh.querySelector(`[name="${CSS.escape(focused)}"]`)?.focus();
  else fresh.querySelector(".say-part:last-of-type .say-fact")?.focus();
}

if (editor) {
  let busy = Promise.resolve();
  const ask = (edit) => {
    busy = busy.then(() => reshape(edit)).catch(() => editor.requestSubmit(refresh()));
  };
  const refresh = () => editor.querySelector('button[value="refresh"]');
  editor.addEventListener("change", (event) => {
    if (event.target.matches("[data-refresh]")) ask("refresh");
  });
  editor.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="edit"]');
    if (!button) return;
    event.preventDefault();
    ask(button.value);
  });
}

// --- a trial under way

const trial = document.querySelector("[data-trial]");

async function follow(known) {
  if (!trial.querySelector("[data-running]")) return;
  let tag = known;
  try {
    const answer = await fetch(trial.dataset.trial, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.status === 401) return location.reload();
    if (answer.status === 200) {
      tag = answer.headers.get("ETag");
      trial.innerHTML = await answer.text(); // our own server's page, escaped there
    }
  } catch {
    // the office is out of reach for a moment: asked again below
  }
  setTimeout(() => follow(tag), ASK_MS);
}

if (trial) setTimeout(() => follow(null), ASK_MS);
