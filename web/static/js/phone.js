// A pass on its holder's phone: fetched once with the secret behind the #, then shown without a network.

const $ = (selector) => document.querySelector(selector);
const WIDE = 900; // pixels of a saved picture
const MARGIN = 40;
const LINE = 52;

let lock = null;

async function open() {
  only("[data-opening]");
  let answer;
  try {
    const secret = location.hash.slice(1);
    answer = await fetch(document.body.dataset.shown, { headers: { "X-Pass-Link": secret }, cache: "no-store" });
  } catch {
    return only("[data-offline]", "[data-again]");
  }
  if (answer.status === 404) return only("[data-gone]");
  if (!answer.ok) return only("[data-offline]", "[data-again]");
  $("[data-pass]").innerHTML = await answer.text(); // our own server's page, escaped there
  only("[data-pass]", "[data-tools]");
  keepBright();
  watchEnd();
}

function only(...selectors) {
  for (const part of ["[data-opening]", "[data-gone]", "[data-offline]", "[data-again]", "[data-pass]", "[data-tools]"]) {
    $(part).hidden = !selectors.includes(part);
  }
}

// The screen stays on while the pass is looked at; where the browser cannot do that, the hint below has to do.
async function keepBright() {
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    lock = null;
  }
}

function watchEnd() {
  const pass = $(".phone-pass");
  const over = Date.parse(pass.dataset.until) <= Date.now();
  pass.classList.toggle("is-over", over);
  $(".phone-over").hidden = !over;
  if (!over) setTimeout(watchEnd, 30_000);
}

// --- a picture to keep: the symbol on white and what stands below it

async function picture() {
  const symbol = new Image();
  const drawing = $(".phone-symbol svg").cloneNode(true);
  for (const side of ["width", "height"]) drawing.setAttribute(side, WIDE); // some browsers draw none without a size
  symbol.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(drawing))}`;
  await symbol.decode();
  const lines = [...document.querySelectorAll("[data-line]")].map((line) => line.textContent.replace(/\s+/g, " ").trim());
  const canvas = Object.assign(document.createElement("canvas"), {
    width: WIDE,
    height: WIDE + MARGIN + lines.length * LINE,
  });
  const paint = canvas.getContext("2d");
  paint.fillStyle = "#fff";
  paint.fillRect(0, 0, canvas.width, canvas.height);
  paint.imageSmoothingEnabled = false;
  paint.drawImage(symbol, MARGIN, MARGIN, WIDE - 2 * MARGIN, WIDE - 2 * MARGIN);
  paint.fillStyle = "#000";
  paint.font = "36px sans-serif";
  paint.textAlign = "center";
  lines.forEach((line, at) => paint.fillText(line, WIDE / 2, WIDE + at * LINE + MARGIN / 2, WIDE - 2 * MARGIN));
  return canvas.toDataURL("image/png");
}

async function save() {
  const link = document.createElement("a");
  link.href = await picture();
  link.download = "pass.png";
  link.click();
}

$("[data-again]").addEventListener("click", open);
$("[data-save]").addEventListener("click", save);
addEventListener("hashchange", open);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !$("[data-pass]").hidden && (lock === null || lock?.released)) keepBright();
});
open();
