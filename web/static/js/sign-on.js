// The PIN: keys on the screen and the keyboard write into one field.

const form = document.querySelector("[data-keypad]");
const field = form.querySelector("[name=pin]");

form.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key === undefined) return;
  if (key === "clear") field.value = "";
  else if (key === "back") field.value = field.value.slice(0, -1);
  else if (field.value.length < Number(form.dataset.most)) field.value += key;
  field.focus();
});
