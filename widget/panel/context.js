// Page, cart and fields for the agent: lossy, newest wins, said only while there is a chat, and at an easy pace.

const PACE = 500;
const CART_ITEMS = 50;
const CART_CHARS = 16_384;

export const pageOf = (line) => {
  const at = `${line} `.indexOf(" ");
  return { url: line.slice(0, at), title: line.slice(at + 1) };
};

export class Context {
  #link;
  #isWanted;
  #pages = [];
  #parts = {};
  #timer = 0;

  constructor(link, isWanted) {
    this.#link = link;
    this.#isWanted = isWanted;
  }

  hear({ line, cart, fields }) {
    if (line) this.#pages = [...this.#pages, pageOf(line)].slice(-30);
    if (cart !== undefined) this.#parts.cart = cart && { ...cart, items: (cart.items ?? []).slice(0, CART_ITEMS) };
    if (fields !== undefined) this.#parts.fields = fields;
    this.pump();
  }

  pump() {
    if (this.#timer || !this.#isWanted()) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#isWanted() && this.#sendOne()) this.pump();
    }, PACE);
  }

  #sendOne() {
    const [page] = this.#pages;
    const parts = { ...(page && { page }), ...this.#parts };
    if (JSON.stringify(parts.cart ?? null).length > CART_CHARS) delete parts.cart;
    if (Object.keys(parts).length === 0 || !this.#link.send({ type: "context", ...parts })) return false;
    this.#pages.shift();
    this.#parts = {};
    return true;
  }
}
