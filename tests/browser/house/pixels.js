// What a screenshot really shows: PNG as Chromium writes it (8 bits a channel, not interlaced).

import { inflateSync } from "node:zlib";

const STEP = { 2: 3, 6: 4 };

function chunks(png) {
  const found = { IDAT: [] };
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IDAT") found.IDAT.push(data);
    else found[type] = data;
    at += length + 12;
  }
  return found;
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((one) => Math.abs(guess - one));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Gives `at(x, y)` → [red, green, blue]. */
export function pixels(png) {
  const { IHDR, IDAT } = chunks(png);
  const [width, height, step] = [IHDR.readUInt32BE(0), IHDR.readUInt32BE(4), STEP[IHDR[9]]];
  if (!step || IHDR[8] !== 8 || IHDR[12] !== 0) throw new Error("another kind of PNG");
  const raw = inflateSync(Buffer.concat(IDAT));
  const line = width * step;
  const out = Buffer.alloc(line * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (line + 1)];
    for (let x = 0; x < line; x += 1) {
      const left = x < step ? 0 : out[y * line + x - step];
      const above = y === 0 ? 0 : out[(y - 1) * line + x];
      const corner = x < step || y === 0 ? 0 : out[(y - 1) * line + x - step];
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter];
      out[y * line + x] = raw[y * (line + 1) + 1 + x] + guess;
    }
  }
  return { width, height, at: (x, y) => [...out.subarray(y * line + x * step, y * line + x * step + 3)] };
}
