// The panel: waits for the shop's page to introduce itself, then puts the parts together.

import { awaitHost, isOurs } from "./bridge.js";
import { composerFor } from "./composer.js";
import { contextFor, pageOf } from "./context.js";
import { deskFor } from "./desk.js";
import { byId } from "./dom.js";
import { emojiFor, notify } from "./extras.js";
import { trayFor } from "./files.js";
import { dismissed, drawHeader, wireHeader } from "./header.js";
import { lineOf } from "./line.js";
import { drawMessages, toEnd } from "./messages.js";
import { placeFor } from "./place.js";
import { watchConnection } from "./status.js";
import { dress } from "./theme.js";
import { say } from "./words.js";

const LONG_WAIT_S = 300;

// A link into the shop moves the shop's page and keeps the chat; any other opens beside it.
const follow = (host) => (event, href) => {
  if (!isOurs(href)) return;
  event.preventDefault();
  host.tell("nav", { url: href });
};

function listenToHost(panel, sayGiven) {
  const { host, session, link, reading } = panel;
  const open = ({ view, text }) => {
    if (view === "ticket") panel.desk.wantsTicket = true;
    if (text) panel.composer.write(text);
    panel.changed();
  };
  const show = (on, focus) => {
    reading.isOpen = on;
    panel.want();
    reading.update();
    if (!on) return;
    toEnd();
    if (focus) panel.desk.focus();
  };
  byId("mail").onclick = () => open({ view: "ticket" });
  host.on("open", ({ on, focus, how, token }) => {
    if (token && !session.token) session.token = token;
    if (how) open(how);
    show(on, focus);
  });
  host.on("send", sayGiven);
  host.on("identify", ({ token }) => {
    session.identity = token;
    link.restart();
  });
  host.on("theme", ({ theme }) => dress(theme));
  host.on("ctx", panel.remark);
  host.on("tab", ({ draft }) => draft === undefined || panel.composer.follow(draft));
  return show;
}

function listenToLine({ record, link, desk, host, changed }) {
  record.on("event", ({ event, isNews }) => {
    const { kind, by } = event;
    if (isNews && ["assigned", "message"].includes(kind) && by?.role !== "shopper") desk.backToChat();
  });
  link.on("session", () => {
    desk.trouble = false;
  });
  link.on("trouble", (error) => {
    desk.trouble = true;
    host.event("error", { code: error.code ?? "unreachable" });
    changed();
  });
  watchConnection(link);
}

// What stands between the log and the composer, and in it.
function drawOffers(panel, isChat) {
  const { record, session } = panel;
  const waits = isChat && record.state === "queued";
  if (waits && record.id !== panel.placed) {
    panel.placed = record.id;
    placeFor(panel);
  }
  const { push, files } = session.answer?.site ?? {};
  const mayNotify = isChat && record.isOpen && push && !panel.isAsked;
  byId("hold").hidden = !waits;
  byId("mail").hidden = !waits || !(record.queue?.wait?.low_s > LONG_WAIT_S);
  byId("notify").hidden = !mayNotify;
  byId("attach").hidden = !files;
  byId("instead").hidden = !waits && !mayNotify;
}

awaitHost((host, hello) => {
  const { kept, context, trail, referrer } = hello;
  const panel = lineOf(host, hello);
  const { record, outbox, chat, session, reading, changed } = panel;
  let given = "";

  dress(hello.theme);
  panel.isAsked = kept.asked;
  panel.remark = contextFor(panel);
  for (const line of trail.slice(kept.live ? -1 : 0)) panel.remark({ line });
  panel.remark(context);
  session.page = { ...pageOf(trail.at(-1) ?? ""), referrer: referrer.split(/[?#]/)[0] };
  panel.nav = follow(host);
  panel.begin = (frame, files) => {
    panel.composer.write("");
    panel.composer.keep();
    panel.press(frame, files);
    toEnd();
  };
  panel.again = () => {
    panel.desk.settle();
    record.dismiss();
    panel.draw();
    panel.desk.focus();
  };
  panel.tray = trayFor(panel);
  panel.composer = composerFor(panel);
  panel.composer.write(kept.draft ?? "");
  panel.desk = deskFor(panel);
  emojiFor(panel);
  wireHeader(
    reading,
    () => outbox.add({ type: "close", conversation: record.id }),
    () => host.tell("close"),
  );
  byId("notify").onclick = () => notify(panel);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    if (!dismissed()) host.tell("close");
  });

  // What the shop's page wants to have said goes as soon as there is somebody to say it to.
  function sayGiven() {
    const { view } = panel.desk;
    if (!given || !["chat", "start", "ended"].includes(view)) return;
    if (view === "start") document.querySelector("[name=body]").value = given;
    else if (outbox.isFull) panel.composer.write(given);
    else panel.begin({ type: "send", body: given });
    given = "";
  }

  panel.drawn = () => {
    const { desk } = panel;
    panel.composer.max = chat.limits.body_chars ?? 8000;
    desk.draw();
    const isChat = desk.view === "chat";
    const isShown = isChat || desk.view === "ended";
    byId("log").hidden = !isShown;
    byId("hello").hidden = !isChat || Boolean(record.id) || outbox.messages.length > 0;
    if (isShown) drawMessages(panel);
    panel.remark({});
    drawHeader(record, desk.view);
    drawOffers(panel, isChat);
    sayGiven();
  };

  const show = listenToHost(panel, ({ text }) => {
    given = text;
    changed();
  });
  listenToLine(panel);
  show(hello.open, false);
  panel.draw();
  if (kept.files) {
    host.keep("files", null);
    panel.composer.note(say("behind"));
  }
  byId("panel").hidden = false;
  host.tell("ready");
});
