// Whether every word in the panel can be read: nothing is wider than its place, and nothing stands outside the window.

/** Gives a sentence for each fault. Runs in the panel's frame. */
function look() {
  const faults = [];
  const name = (node) =>
    `${node.tagName.toLowerCase()}${node.id && `#${node.id}`}.${node.className?.baseVal ?? node.className}`;
  const told = (node, what) => faults.push(`${name(node)} “${node.textContent.slice(0, 60)}” ${what}`);
  const isShown = (node) => node.checkVisibility() && !node.closest(".hush");
  // A name is no translation: it may end in dots.
  const mayEnd = (node) => getComputedStyle(node).textOverflow === "ellipsis";
  for (const node of document.querySelectorAll("#panel *")) {
    if (!isShown(node) || node.closest("svg")) continue;
    const { left, right } = node.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) told(node, `stands from ${left} to ${right} of ${innerWidth}`);
    const { overflowX, overflowY } = getComputedStyle(node);
    const isField = node.matches("input,textarea,select");
    if (
      !isField &&
      !mayEnd(node) &&
      node.scrollWidth > node.clientWidth + 1 &&
      node.clientWidth > 0 &&
      node.textContent.trim()
    )
      told(node, `is ${node.scrollWidth} wide in ${node.clientWidth}`);
    if (
      overflowY === "hidden" &&
      overflowX === "hidden" &&
      node.scrollHeight > node.clientHeight + 1 &&
      node.textContent.trim()
    )
      told(node, `is ${node.scrollHeight} high in ${node.clientHeight}`);
    if (node.placeholder) {
      const pen = document.createElement("canvas").getContext("2d");
      const style = getComputedStyle(node);
      pen.font = style.font;
      const px = (name) => Number.parseFloat(style[name]);
      const lines = (node.clientHeight - px("paddingTop") - px("paddingBottom") + 1) / px("lineHeight");
      const room = (node.clientWidth - px("paddingLeft") - px("paddingRight")) * Math.max(1, Math.floor(lines));
      const wide = pen.measureText(node.placeholder).width;
      if (wide > room) told(node, `has ${wide} of words in ${room}: ${node.placeholder}`);
    }
  }
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
