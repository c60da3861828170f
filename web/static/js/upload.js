// A form that sends a file: how much is on its way, then how far the office is with it, one JSON line of the answer a step.
// Without this file the form is sent as any other.
"use strict";

function uploading(form) {
  const panel = form.querySelector("[data-upload-progress]");
  const bar = panel.querySelector("progress");
  const words = panel.querySelector("output");
  const button = form.querySelector("button:not([type=button])");

  const show = (step, done, of) => {
    const much = step === "sending" ? `${done}%` : done.toLocaleString();
    const text = panel.dataset[step].replace("{n}", much).replace("{of}", of.toLocaleString());
    if (of) {
      bar.max = of;
      bar.value = done;
    } else bar.removeAttribute("value"); // nobody knows how much there is
    if (words.textContent !== text) words.textContent = text;
  };

  const stop = (text) => {
    words.textContent = text;
    panel.classList.add("is-bad");
    button.disabled = false;
    form.removeAttribute("aria-busy");
  };

  const take = (line) => {
    if (line.step) show(line.step, line.done, line.of);
    else if (line.go) {
      show("done", 1, 1);
      location.assign(line.go);
    } else stop(line.refused ?? panel.dataset.failed);
  };

  return () => {
    const request = new XMLHttpRequest();
    let seen = 0;
    let told = false;
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) show("sending", Math.floor((100 * sent.loaded) / sent.total), 100);
    });
    request.addEventListener("readystatechange", () => {
      if (request.readyState === XMLHttpRequest.HEADERS_RECEIVED)
        told = (request.getResponseHeader("Content-Type") ?? "").startsWith("application/x-ndjson");
    });
    request.addEventListener("progress", () => {
      const end = told ? request.responseText.lastIndexOf("\n") + 1 : 0;
      const lines = request.responseText.slice(seen, end).split("\n").filter(Boolean);
      seen = Math.max(seen, end);
      for (const line of lines) take(JSON.parse(line));
    });
    request.addEventListener("load", () => {
      if (!told) form.submit(); // a page, such as the log-in: shown by sending the form as any other
    });
    request.addEventListener("error", () => stop(panel.dataset.failed));
    panel.hidden = false;
    panel.classList.remove("is-bad");
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    show("sending", 0, 100);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/x-ndjson");
    request.send(new FormData(form));
  };
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const send = uploading(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
}
