// Reads codes with the tablet's own camera: getUserMedia, and zxing compiled to WebAssembly from our own files.
// A text counts when two frames agree on it; of several codes in view the one nearest the middle is meant.

const EVERY_MS = 100;
const AGREE_MS = 1_500; // the second frame has so long to say the same
const LONGEST_SIDE = 1280;
const MOST_SYMBOLS = 8;
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
  // whether this one has a lamp.
  constructor(video, { wasm, formats, shown = () => {} }) {
    Object.assign(this, { video, wasm, formats, shown, stream: null, turn: 0 });
    this.canvas = document.createElement("canvas");
    this.ready();
  }

  // Opens the camera and calls `found(text)` once, or `failed(why)` should it break down on the way. Answers "" or why
  // there is no picture: "unsafe", "denied", "missing", "busy", "reader".
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
    let seen = { text: "", at: 0 };
    let frame = -1;
    while (this.turn === turn) {
      let text = "";
      try {
        if (this.video.videoWidth && this.video.currentTime !== frame) text = await this.read();
      } catch {
        if (this.turn === turn) this.stop(), failed("reader");
        return;
      }
      frame = this.video.currentTime;
      const now = performance.now();
      if (text && text === seen.text && now - seen.at < AGREE_MS && this.turn === turn) return this.stop(), found(text);
      if (text) seen = { text, at: now };
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  async read() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, width, height);
    const options = { formats: this.formats, tryHarder: true, maxNumberOfSymbols: MOST_SYMBOLS };
    const symbols = await ZXingWASM.readBarcodes(context.getImageData(0, 0, width, height), options);
    const valid = symbols.filter((symbol) => symbol.isValid && symbol.bytes.length);
    valid.sort((one, other) => offMiddle(one, width, height) - offMiddle(other, width, height));
    return valid.length ? textOf(valid[0]) : "";
  }
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
