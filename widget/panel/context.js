// Page, cart and fields for the agent: lossy, newest wins, said only while there is a chat, and at an easy pace.

const PACE = 500;
const CART_ITEMS = 50;
const CART_CHARS = 16_384;

export const pageOf = (line) => {
  const at = `${line} `.indexOf(" ");
  return { url: line.slice(0, at), title: line.slice(at + 1) };
};

// Called with what the shop's page said, or with nothing of it, to look whether it can be passed on now.
export function contextFor({ link, record }) {
  let pages = [];
  let parts = {};
  let timer = 0;

  function sendOne() {
    const [page] = pages;
    const told = { ...(page && { page }), ...parts };
    if (JSON.stringify(told.cart ?? null).length > CART_CHARS) delete told.cart;
    if (Object.keys(told).length === 0 || !link.send({ type: "context", ...told })) return;
    pages.shift();
    parts = {};
    pump();
  }

  // Nothing of the visit is told before there is a chat.
  function pump() {
    if (timer || !record.isOpen) return;
    timer = setTimeout(() => {
      timer = 0;
      if (record.isOpen) sendOne();
    }, PACE);
  }

  return ({ line, cart, fields }) => {
    if (line) pages = [...pages, pageOf(line)].slice(-30);
    if (cart !== undefined) parts.cart = cart && { ...cart, items: (cart.items ?? []).slice(0, CART_ITEMS) };
    if (fields !== undefined) parts.fields = fields;
    pump();
  };
}
