// A keypad on the screen that also takes the keyboard. `spell` turns the typed characters into what is shown.

export class Keypad {
  constructor(form, { spell = (typed) => typed, keys = /^[0-9]$/, send }) {
    Object.assign(this, { form, spell, keys, typed: "" });
    this.most = Number(form.dataset.most);
    this.display = form.querySelector("[data-show]");
    this.empty = form.querySelector("[data-empty]").dataset.empty;
    this.submit = form.querySelector("[data-send]");
    this.problem = form.querySelector("[data-error]");
    this.enabled = true;
    form.addEventListener("click", (event) => this.pressed(event.target.closest("[data-key]")?.dataset.key));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.enabled && this.typed) send(this.spell(this.typed));
    });
  }

  pressed(key) {
    if (key === undefined) return;
    this.complain("");
    if (key === "clear") this.typed = "";
    else if (key === "back") this.typed = this.typed.slice(0, -1);
    else if (this.keys.test(key) && this.typed.length < this.most) this.typed += key;
    this.show();
  }

  // A key of the keyboard; true when it was one of ours.
  struck(key) {
    const name = { Backspace: "back", Escape: "clear", Delete: "clear" }[key] ?? key.toUpperCase();
    if (!this.keys.test(name) && name !== "back" && name !== "clear") return false;
    this.pressed(name);
    return true;
  }

  restore(typed) {
    this.typed = typed;
    this.show();
  }

  enable(is) {
    this.enabled = is;
    this.show();
  }

  complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  show() {
    this.display.textContent = this.typed ? this.spell(this.typed) : this.empty;
    this.display.parentElement.classList.toggle("is-empty", !this.typed);
    this.submit.disabled = !this.enabled || !this.typed;
  }
}
