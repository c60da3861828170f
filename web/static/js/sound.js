// Sounds of the gate. A browser plays none before the first touch of the page; until then the button says so.

const STORE = "gatehouse-sound";

export class Sounds {
  constructor(button = null) {
    this.button = button;
    this.on = localStorage.getItem(STORE) !== "off";
    this.clips = new Map();
    button?.addEventListener("click", () => this.switch(!this.on));
    this.show();
  }

  switch(on) {
    this.on = on;
    localStorage.setItem(STORE, on ? "on" : "off");
    this.show();
    if (on) this.play("admit");
  }

  async play(name) {
    if (!this.on) return;
    const clip = this.clips.get(name) ?? new Audio(`/static/sound/${name}.wav`);
    this.clips.set(name, clip);
    clip.currentTime = 0;
    try {
      await clip.play();
      this.button?.classList.remove("is-blocked");
    } catch {
      this.button?.classList.add("is-blocked");
    }
  }

  show() {
    this.button?.setAttribute("aria-pressed", String(this.on));
  }
}

// Reads the first of two languages aloud where the device has a voice for it; many have none, and then it stays silent.
export function speak(element) {
  const words = element?.querySelector(".say-first");
  const voice = words && window.speechSynthesis?.getVoices().find((one) => one.lang.toLowerCase().startsWith(words.lang));
  if (!voice) return;
  const speech = new SpeechSynthesisUtterance(words.textContent);
  speech.voice = voice;
  speech.lang = voice.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
}
