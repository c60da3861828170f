// Dialogs: [data-open="name"] opens [data-dialog="name"], [data-close] closes the one around it.

export function dialog(name) {
  return document.querySelector(`[data-dialog="${name}"]`);
}

export function wireDialogs(opened = () => {}) {
  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-open]")?.dataset.open;
    if (name) {
      dialog(name).showModal();
      opened(name, dialog(name));
    }
    event.target.closest("[data-close]")?.closest("dialog").close();
  });
}
