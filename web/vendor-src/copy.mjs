// Copies what the screens use from node_modules into a folder, with a SHA-256 manifest. Usage: node copy.mjs FOLDER
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = process.argv[2];

const COPIES = {
  "zxing-wasm/dist/iife/reader/index.js": "zxing-reader.js",
  "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
  "zxing-wasm/LICENSE": "LICENSE.zxing-wasm",
  "lucide-static/LICENSE": "LICENSE.lucide",
};

function symbol(name) {
  const svg = readFileSync(join(modules, "lucide-static/icons", `${name}.svg`), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.indexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>\n`;
}

function sprite() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean).sort();
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join("")}</svg>\n`;
}

function version(name) {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const [source, name] of Object.entries(COPIES)) {
  writeFileSync(join(target, name), readFileSync(join(modules, source)));
}
writeFileSync(join(target, "lucide.svg"), sprite());

const sha256 = {};
for (const name of readdirSync(target).sort()) {
  sha256[name] = createHash("sha256").update(readFileSync(join(target, name))).digest("hex");
}
const packages = { "lucide-static": version("lucide-static"), "zxing-wasm": version("zxing-wasm") };
writeFileSync(join(target, "manifest.json"), JSON.stringify({ packages, sha256 }, null, 2) + "\n");
