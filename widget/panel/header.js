// Who the shopper is talking with, what is happening, and the panel's three buttons.

import { avatar, byId } from "./dom.js";
import { announceSometimes } from "./status.js";
import { say, sayCount } from "./words.js";

const face = byId("face");
const title = byId("title");
const subtitle = byId("subtitle");
const confirm = byId("confirm");
const end = byId("end");
const mute = byId("mute");
const [yes, no] = confirm.querySelectorAll("button");
const shop = title.textContent;

export function queueText({ queue }) {
  if (!queue) return say("finding");
  const place = queue.position > 1 ? say("number", { n: queue.position }) : say("next");
  if (!queue.wait) return place;
  const [low, high] = [queue.wait.low_s, queue.wait.high_s].map((seconds) => Math.max(1, Math.round(seconds / 60)));
  return say("both", { a: place, b: sayCount("wait", high, low) });
}

function ask(on) {
  confirm.hidden = !on;
  (on ? yes : end).focus();
}

// The innermost layer goes first.
export function dismissed() {
  if (byId("emoji").matches(":popover-open")) return true;
  if (confirm.hidden) return false;
  ask(false);
  return true;
}

export function wireHeader(reading, ended, close) {
  const press = () => {
    mute.ariaPressed = reading.muted;
  };
  press();
  mute.onclick = () => {
    reading.setMuted(!reading.muted);
    press();
  };
  end.onclick = () => ask(true);
  yes.onclick = () => {
    ask(false);
    ended();
  };
  no.onclick = dismissed;
  byId("close").onclick = close;
}

export function drawHeader(record, view) {
  const isChat = view === "chat";
  const who = (isChat && record.agent) || { name: shop };
  if (title.textContent !== who.name) title.textContent = who.name;
  face.replaceChildren(avatar(who));
  const queued = isChat && (record.state === "queued" || record.state === "left") ? queueText(record) : "";
  const about = queued || (isChat && record.agent ? shop : "");
  if (subtitle.textContent !== about) {
    subtitle.textContent = about;
    if (queued) announceSometimes(queued);
  }
  end.hidden = !record.isOpen;
  if (!record.isOpen) confirm.hidden = true;
}
