// Lines that say what happened elsewhere, or calls for somebody.
import { say } from "./words.js";

const box = () => document.querySelector(".toasts");

function button(text, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", press);
  return made;
}

/** Takes the place of the last one; one that `stays`, for something, is there until it is done or put away. */
export function toast(text, action, go, stays) {
  const line = document.createElement("p");
  line.textContent = text;
  const done = () => {
    line.dispatchEvent(new Event("desk:done"));
    line.remove();
  };
  const act = async () => {
    try {
      await go();
      done();
    } catch {
      getSelection().selectAllChildren(line);
    }
  };
  if (action) line.append(button(action, act));
  clear(stays);
  if (stays) {
    line.className = "stays";
    line.dataset.stays = stays;
    const away = button("✕", done);
    away.ariaLabel = say("script-remove");
    line.append(away);
  }
  box().append(line);
  return line;
}

/** Also an older one for the same. */
export function clear(stays) {
  for (const line of [...box().children]) if (!line.dataset.stays || line.dataset.stays === stays) line.remove();
}
