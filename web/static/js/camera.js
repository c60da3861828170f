// Reads codes with the tablet's own camera: getUserMedia, and zxing compiled to WebAssembly from our own files.
// What is in view counts when two frames agree on it. Of several codes the gate knows which is meant, or asks for one at a
// time; then nothing counts until one has been alone for a moment, since of two a single frame often shows only one.

import { swatch } from "./swatch.js";

const EVERY_MS = 100;
const AGREE_MS = 1_500; // the second frame has so long to say the same
const AGREE_LOOKS = 2; // and so many looks at the least: on a slow tablet one may take longer
const ALONE_MS = 500;
const ALONE_LOOKS = 5; // and so many looks in a row: a slow tablet has few in that time
const ASK_MS = 1_500; // how long "one code at a time" stays after several were last seen
const ASK_LOOKS = 3; // and for how many looks
const LONGEST_SIDE = 1280;
const MOST_SYMBOLS = 8;
const MOST_SENT = 4; // of them: a call may hold 64 KB
const STORE = "gatehouse-camera";
const TROUBLES = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class CodeCamera {
  // `formats` are zxing's names. `shown({ cameras, light })` follows each opening: how many cameras there are, and
  // whether this one has a lamp. `asked(on)`: whether one code at a time is to be asked for.
  constructor(video, { wasm, formats, shown = () => {}, asked = () => {} }) {
    Object.assign(this, { video, wasm, formats, shown, asked, stream: null, turn: 0 });
    this.canvas = document.createElement("canvas");
    this.ready();
  }

  // Opens the camera and calls `found(codes)` with the codes in view, [{ text, swatch }], nearest the middle first; when it
  // answers that several health codes are in view (true), looking goes on. `failed(why)`: it broke down on the way.
  // Answers "" or why there is no picture: "unsafe", "denied", "missing", "busy", "reader".
  async start(found, failed) {
    this.stop();
    const turn = this.turn;
    if (!navigator.mediaDevices) return "unsafe";
    try {
      const stream = await opened();
      if (turn !== this.turn) return close(stream), "";
      await this.show(stream, failed);
    } catch (error) {
      return TROUBLES[error.name] ?? "busy";
    }
    const ready = await this.ready();
    if (turn !== this.turn) return "";
    if (!ready) return this.stop(), "reader";
    this.look(found, failed);
    return "";
  }

  stop() {
    this.turn += 1;
    if (this.stream) close(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.asked(false);
  }

  // The camera after this one; it opens at the next start, on this tablet from now on.
  async turnToNext() {
    const cameras = await videoInputs();
    const at = cameras.findIndex((camera) => camera.deviceId === this.track?.getSettings().deviceId);
    if (cameras.length) localStorage.setItem(STORE, cameras[(at + 1) % cameras.length].deviceId);
  }

  async light(on) {
    await this.track?.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
  }

  get track() {
    return this.stream?.getVideoTracks()[0];
  }

  // Whether the reader is there. A gate that was away for a moment is asked again.
  async ready() {
    try {
      const overrides = { locateFile: () => this.wasm };
      await ZXingWASM.prepareZXingModule({ overrides, equalityFn: () => !this.broken, fireImmediately: true });
      this.broken = false;
    } catch {
      this.broken = true;
    }
    return !this.broken;
  }

  async show(stream, failed) {
    this.stream = stream;
    this.track.addEventListener("ended", () => {
      if (this.stream !== stream) return;
      this.stop();
      failed("lost");
    });
    this.video.classList.toggle("is-mirror", this.track.getSettings().facingMode !== "environment");
    this.video.srcObject = stream;
    const light = Boolean(this.track.getCapabilities?.().torch);
    this.shown({ cameras: (await videoInputs()).length, light });
  }

  async look(found, failed) {
    const turn = this.turn;
    const view = new View();
    let frame = -1;
    while (this.turn === turn) {
      let codes = [];
      try {
        if (this.video.videoWidth && this.video.currentTime !== frame) codes = await this.read();
      } catch {
        if (this.turn === turn) this.stop(), failed("reader");
        return;
      }
      frame = this.video.currentTime;
      if (this.turn !== turn) return;
      if (view.agrees(codes, performance.now())) {
        if (codes.length === 1) return this.stop(), found(codes);
        if (!(await found(codes))) return this.turn === turn && this.stop();
        view.refuse(codes);
      }
      this.asked(view.asks(performance.now()));
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  // The codes in the newest frame, nearest the middle first, each text once.
  async read() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, width, height);
    const picture = context.getImageData(0, 0, width, height);
    const options = { formats: this.formats, tryHarder: true, maxNumberOfSymbols: MOST_SYMBOLS };
    const symbols = await ZXingWASM.readBarcodes(picture, options);
    const valid = symbols.filter((symbol) => symbol.isValid && symbol.bytes.length);
    valid.sort((one, other) => offMiddle(one, width, height) - offMiddle(other, width, height));
    const codes = new Map();
    for (const symbol of valid) {
      const text = textOf(symbol);
      if (!codes.has(text)) codes.set(text, { text, swatch: swatch(picture, symbol.position) });
    }
    return [...codes.values()].slice(0, MOST_SENT);
  }
}

// What was in view lately, so that frames can agree and two people's codes are not taken for one.
class View {
  looks = 0;
  seen = new Map(); // texts in view together → when
  refused = "";
  severalAt = -Infinity; // when a frame last showed more than one
  aloneFor = Infinity; // looks at codes since then
  refusedAt = null;

  // Whether these codes are to be presented now.
  agrees(codes, ms) {
    this.looks += 1;
    if (!codes.length) return false;
    const now = { ms, look: this.looks };
    const texts = together(codes);
    const agreed = within(this.seen.get(texts), now, AGREE_MS, AGREE_LOOKS);
    this.seen.set(texts, now);
    if (texts === this.refused) this.refusedAt = now;
    if (codes.length > 1) [this.severalAt, this.aloneFor] = [ms, 0];
    else this.aloneFor += 1;
    const alone = ms - this.severalAt > ALONE_MS && this.aloneFor >= ALONE_LOOKS;
    return agreed && texts !== this.refused && (codes.length > 1 || alone);
  }

  refuse(codes) {
    this.refused = together(codes);
    this.refusedAt = { ms: performance.now(), look: this.looks };
  }

  asks(ms) {
    if (!within(this.refusedAt, { ms, look: this.looks }, ASK_MS, ASK_LOOKS)) this.refused = "";
    return Boolean(this.refused);
  }
}

// Whether something was seen so lately, by the clock or, where each look takes long, by their number.
function within(then, now, ms, looks) {
  return Boolean(then) && (now.ms - then.ms < ms || now.look - then.look <= looks);
}

function together(codes) {
  return JSON.stringify(codes.map((code) => code.text).sort());
}

// The camera that was chosen on this tablet while it is there, else the one that looks at whoever stands in front.
async function opened() {
  const chosen = localStorage.getItem(STORE);
  try {
    return await openedBy(chosen ? { deviceId: { exact: chosen } } : { facingMode: "user" });
  } catch (error) {
    if (!chosen || error.name !== "OverconstrainedError") throw error;
    localStorage.removeItem(STORE);
    return openedBy({ facingMode: "user" });
  }
}

function openedBy(which) {
  const video = { ...which, width: { ideal: 1280 }, height: { ideal: 720 } };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

async function videoInputs() {
  return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
}

function close(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

function offMiddle({ position }, width, height) {
  const corners = [position.topLeft, position.topRight, position.bottomRight, position.bottomLeft];
  const [x, y] = ["x", "y"].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  return Math.hypot(x - width / 2, y - height / 2);
}

// UTF-8 wherever the bytes allow it: zxing guesses the alphabet, and takes some Chinese for Shift-JIS.
function textOf(symbol) {
  if (symbol.hasECI) return symbol.text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(symbol.bytes);
  } catch {
    return symbol.text;
  }
}
