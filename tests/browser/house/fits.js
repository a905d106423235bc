// Whether every word in the panel can be read: nothing is wider than its place, and nothing stands outside the window.

/** Gives a sentence for each fault. Runs in the panel's frame. */
function look() {
  const faults = [];
  const panel = document.querySelector("#panel");
  const round = ({ left, right, top, bottom }) => [left, right, top, bottom].map(Math.round).join(" ");
  const isAcross = (inner, outer) => inner.left < outer.left - 1 || inner.right > outer.right + 1;
  const isBeyond = (inner, outer) => inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
  const page = { left: 0, right: innerWidth };

  // A name is no translation: it may end in dots. What scrolls up and down may be longer than it is high.
  function cuts(node, rect) {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
    if (textOverflow === "ellipsis") return false;
    const box = node.getBoundingClientRect();
    const isKey = node.matches("button,label,select");
    if ((isKey || overflowX !== "visible") && isAcross(rect, box)) return true;
    return (isKey || ["hidden", "clip"].includes(overflowY)) && isBeyond(rect, box);
  }

  function text(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const told = `“${node.data.slice(0, 60)}” at ${round(rect)}`;
      if (isAcross(rect, page)) faults.push(`${told} is out of the window`);
      for (let at = node.parentElement; at && at !== panel; at = at.parentElement) {
        if (cuts(at, rect))
          faults.push(
            `${told} is cut by ${at.localName}#${at.id}.${at.className} at ${round(at.getBoundingClientRect())}`,
          );
      }
    }
  }

  function field(node) {
    const pen = document.createElement("canvas").getContext("2d");
    const style = getComputedStyle(node);
    pen.font = style.font;
    const px = (name) => Number.parseFloat(style[name]);
    const lines = (node.clientHeight - px("paddingTop") - px("paddingBottom") + 1) / px("lineHeight");
    const room = (node.clientWidth - px("paddingLeft") - px("paddingRight")) * Math.max(1, Math.floor(lines));
    const wide = pen.measureText(node.placeholder).width;
    if (wide > room) faults.push(`“${node.placeholder}” is ${wide} wide in ${room}`);
  }

  const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    const { parentElement: parent } = node;
    if (node.data.trim() && parent.checkVisibility() && !parent.closest(".hush,textarea,option")) text(node);
  }
  for (const node of panel.querySelectorAll("[placeholder]")) if (node.checkVisibility()) field(node);
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.push(`the panel is ${scrollWidth} wide in ${innerWidth}`);
  return faults;
}

/** What cannot be read in the panel as it is now. */
export async function unreadable(shopper) {
  const frame = await shopper.frame();
  await frame.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  return frame.evaluate(look);
}
