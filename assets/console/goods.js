// Cards of the goods that a message links to: asked for when the message comes into sight, once for each.
import { parse } from "./html.js";

/** What was asked, by its address; a message that is printed anew gets its cards back from here. */
const known = new Map();
const MOST = 200;

function ask(url) {
  if (!known.has(url)) {
    if (known.size >= MOST) known.clear();
    const asked = fetch(url).then((answer) => (answer.ok ? answer.text() : ""));
    known.set(
      url,
      asked.catch(() => ""),
    );
  }
  return known.get(url);
}

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) show(target);
});

async function show(place) {
  sight.unobserve(place);
  const html = await ask(place.dataset.goods);
  if (!place.childElementCount) place.replaceChildren(...parse(html).body.childNodes);
}

export function look() {
  for (const place of document.querySelectorAll("[data-goods]:empty")) {
    sight.unobserve(place);
    sight.observe(place);
  }
}
