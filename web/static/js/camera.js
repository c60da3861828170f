// Reads codes with the tablet's own camera: getUserMedia, and zxing compiled to WebAssembly from our own files.

const EVERY_MS = 150;
const FORMATS = ["QRCode", "MicroQRCode", "Aztec", "DataMatrix", "PDF417"];
const LONGEST_SIDE = 1280;

export class CodeCamera {
  constructor(video, wasm) {
    this.video = video;
    this.canvas = document.createElement("canvas");
    this.stream = null;
    ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: false });
  }

  // Opens the camera and calls `found(text)` once. Answers "" or why there is no picture: "unsafe", "denied".
  async start(found) {
    if (!navigator.mediaDevices) return "unsafe";
    const wish = { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    } catch {
      return "denied";
    }
    this.video.srcObject = this.stream;
    this.look(this.stream, found);
    return "";
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  async look(stream, found) {
    while (this.stream === stream) {
      const text = this.video.videoWidth ? await this.read() : "";
      if (text && this.stream === stream) {
        this.stop();
        return found(text);
      }
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  async read() {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(this.video.videoWidth, this.video.videoHeight));
    this.canvas.width = this.video.videoWidth * scale;
    this.canvas.height = this.video.videoHeight * scale;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const picture = context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    const symbols = await ZXingWASM.readBarcodes(picture, { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 1 });
    return symbols.find((symbol) => symbol.isValid)?.text ?? "";
  }
}
