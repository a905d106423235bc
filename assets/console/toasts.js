// Lines that say what happened elsewhere, or calls for somebody.

const box = () => document.querySelector(".toasts");

/** Takes the place of the last one; one that `stays` is there until it is pressed. */
export function toast(text, action, go, stays) {
  const line = document.createElement("p");
  line.textContent = text;
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action });
    button.addEventListener("click", () => {
      line.remove();
      go();
    });
    line.append(button);
  }
  line.classList.toggle("stays", Boolean(stays));
  clear();
  box().append(line);
  return line;
}

export function clear() {
  for (const line of box().querySelectorAll(":scope > :not(.stays)")) line.remove();
}
