// Files of a message: pictures in their own size from the start, so that nothing moves when they come, and anything
// else as a row to download.

import { h } from "./dom.js";
import { at, request } from "./http.js";
import { region } from "./words.js";

const LARGEST = 240;

export function sizeOf(bytes) {
  const isSmall = bytes < 2 ** 20;
  const unit = isSmall ? "kilobyte" : "megabyte";
  const format = new Intl.NumberFormat(region, { style: "unit", unit, maximumFractionDigits: 1 });
  return format.format(bytes / 2 ** (isSmall ? 10 : 20));
}

// An address holds for a day at most, and a panel may stay open longer: whoever presses gets a fresh one, and so does a picture
// that does not come. Of a page that was left none comes.
export const filesOf = (files, session) =>
  files.map(({ id, name, size, url, thumb, width = LARGEST, height = LARGEST }) => {
    const row = [h("bdi", {}, name), " ", h("small", {}, sizeOf(size))];
    const node = h("a", { class: "file", href: url && at(url), download: name, target: "_blank" });
    const renewed = async () => {
      const fresh = await request(`/v1/shopper/files/${id}`, session);
      node.href = at(fresh.url);
      return at(fresh.thumb);
    };
    node.onclick = (event) => {
      if (!event.isTrusted) return;
      event.preventDefault();
      const go = () => node.click();
      renewed().then(go, go);
    };
    const plain = () => node.replaceChildren(...row);
    if (!thumb) {
      plain();
      return node;
    }
    const scale = Math.min(1, LARGEST / width, LARGEST / height);
    const img = h("img", { alt: name, width: Math.round(width * scale), height: Math.round(height * scale) });
    img.onerror = async () => {
      img.onerror = plain;
      img.src = await renewed().catch(() => "");
    };
    img.src = at(thumb);
    node.append(img);
    return node;
  });
