// Which of the panel's faces is shown, and what is on it: loading, start, away, thanks, chat, ended, blocked, error.

import { awayForm, thanks } from "./away.js";
import { byId } from "./dom.js";
import { drawEnded } from "./ended.js";
import { focusFirst } from "./forms.js";
import { needsStart, startForm } from "./start.js";
import { announce } from "./status.js";
import { say } from "./words.js";

const ground = byId("desk");
const sheet = byId("sheet");
const foot = byId("ended");
const faces = [...ground.children];

// panel: session, record, outbox, link, composer, host, email, begin(frame), again(), changed()
export function deskFor(panel) {
  const { session, record, outbox, link, composer, host, begin, again, changed } = panel;
  const desk = { view: "", trouble: false, ticket: null, wantsTicket: false };
  let owesFocus = false;
  let endedFor = null;
  let said = "";

  byId("again").onclick = again;
  byId("retry").onclick = () => link.restart();

  function choose() {
    const { answer } = session;
    if (link.state === "blocked") return "blocked";
    if (desk.ticket !== null) return "thanks";
    if (!answer) return desk.trouble ? "error" : "loading";
    if (desk.wantsTicket) return "away";
    if (record.state === "ended" && outbox.messages.length === 0) return "ended";
    if (record.isOpen || outbox.messages.length > 0) return "chat";
    if (record.id) return "loading";
    if (!answer.site.open) return "away";
    return needsStart(answer) ? "start" : "chat";
  }

  function content(view) {
    const { answer } = session;
    const done = (number) => {
      desk.settle(number);
      composer.write("");
      changed();
    };
    if (view === "start") return [startForm(answer, composer.draft, begin)];
    if (view === "away") return [awayForm(panel, done, record.isOpen && desk.backToChat)];
    return view === "thanks" ? [thanks(desk.ticket, answer?.site.open && again)] : [];
  }

  desk.backToChat = () => {
    desk.settle();
    changed();
  };

  // A letter was sent and has this number, or is not wanted any more.
  desk.settle = (number = null) => {
    desk.ticket = number;
    desk.wantsTicket = false;
  };

  function drawFoot(view) {
    const key = view === "ended" ? `${record.id} ${record.ticket}` : null;
    if (key === endedFor) return;
    endedFor = key;
    foot.hidden = !key;
    if (!key) return;
    announce(say("ended"));
    drawEnded(panel);
  }

  function report(view) {
    const state = view === "chat" && record.id ? record.state : view;
    if (state !== said) host.event("state", state);
    said = state;
  }

  desk.draw = () => {
    const view = choose();
    drawFoot(view);
    report(view);
    composer.hide(view !== "chat" && !(view === "ended" && panel.mayReopen));
    if (view === desk.view) return;
    const hadFocus = document.hasFocus() && document.activeElement !== document.body;
    desk.view = view;
    composer.take();
    // What was begun as a letter, or before an agent wrote first, goes along.
    const text = view === "chat" && record.isOpen && sheet.querySelector("textarea")?.value;
    if (text) composer.write(text);
    sheet.replaceChildren(...content(view));
    for (const face of faces) face.hidden = face !== sheet && face.dataset.on !== view;
    ground.hidden = view === "chat" || view === "ended";
    if (hadFocus || owesFocus) desk.focus();
  };

  // Into the composer or the first field; what is not drawn yet gets it when it comes.
  desk.focus = () => {
    const { view } = desk;
    owesFocus = view === "loading";
    if (view === "chat") composer.focus();
    else if (view === "ended") foot.querySelector("h2").focus();
    else focusFirst(ground);
  };

  return desk;
}
