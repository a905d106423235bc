// Files of a message: pictures in their own size from the start, so that nothing moves when they come, and anything
// else as a row to download.

import { h } from "./dom.js";
import { at } from "./http.js";
import { region } from "./words.js";

const LARGEST = 240;

export function sizeOf(bytes) {
  const isSmall = bytes < 2 ** 20;
  const unit = isSmall ? "kilobyte" : "megabyte";
  const format = new Intl.NumberFormat(region, { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(bytes / 2 ** (isSmall ? 10 : 20));
}

export const filesOf = (files) =>
  files.map(({ name, size, url, thumb, width = LARGEST, height = LARGEST }) => {
    const row = [h("bdi", {}, name), " ", h("small", {}, sizeOf(size))];
    const node = h("a", { class: "file", href: url && at(url), download: name, target: "_blank" });
    if (!thumb) {
      node.append(...row);
      return node;
    }
    const scale = Math.min(1, LARGEST / width, LARGEST / height);
    const img = h("img", { alt: name, width: Math.round(width * scale), height: Math.round(height * scale) });
    // An address that has run out, or a picture of a page that was left.
    img.onerror = () => node.replaceChildren(...row);
    img.src = at(thumb);
    node.append(img);
    return node;
  });
