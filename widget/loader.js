// The loader: one small script in the shop's page. It paints the launcher, keeps what the browser remembers, opens
// the frame when it is wanted, and speaks with it over one port. It never throws into the page.

import { config, guard, life, listen } from "./loader/life.js";
import { alternate, ringOnce } from "./loader/ring.js";
import { count, failure, frameFor, launcher, paint, reveal, settleIn, show, small, words } from "./loader/shell.js";
import * as store from "./loader/store.js";
import { cast, closeTabs, openTabs } from "./loader/tabs.js";
import { follow, trail, visit } from "./loader/trail.js";

const tag = document.currentScript?.dataset ?? {};
const theme = { scheme: config.scheme, "--c-primary": config.color, "--c-on-primary": config.on };
const context = {};
const ears = {};
// The best first; of these the server gives the first it has, or the site's own.
let locale = [tag.locale, document.documentElement.lang, navigator.languages].join();
let identity = tag.user;
let frame;
let port;
let farPort;
let patience;
let isOpen = false;
let wanted;
let opener;
let unread = 0;
let settled;

function emit(name, detail) {
  for (const fn of ears[name] ?? []) guard(fn)(detail);
}

const tell = (message) => port?.postMessage(message);

function newLine() {
  const { port1, port2 } = new MessageChannel();
  port = port1;
  farPort = port2;
  port.onmessage = guard(({ data }) => heard[data.t]?.(data));
}

// A frame that is moved in the page loads again, and then needs a line of its own.
function greet() {
  if (!farPort) newLine();
  // A page may have an element that is named so.
  const referrer = `${document.referrer}`;
  const hello = { deskbell: 1, referrer, kept: store.all(), theme, identity, open: isOpen, trail: trail(), context };
  frame.contentWindow.postMessage(hello, config.origin, [farPort]);
  farPort = null;
}

function drop() {
  clearTimeout(patience);
  frame = port = null;
  show();
}

function summon() {
  if (frame || !store.mayStore()) return;
  const query = new URLSearchParams({ site: config.site, locale, scheme: theme.scheme });
  newLine();
  frame = frameFor(`${config.origin}/w/panel?${query}`, greet);
  patience = setTimeout(
    guard(() => {
      drop();
      failure(summon, api.close);
    }),
    10000,
  );
}

function renew() {
  if (frame) drop();
  if (isOpen || store.all().live) summon();
}

function turn(on, focus, how) {
  if (!settled || (on && !store.mayStore())) {
    wanted = () => turn(on, focus, how);
    return;
  }
  if (on) summon();
  if (on !== isOpen) {
    isOpen = on;
    if (on) opener = document.activeElement;
    reveal(on);
    store.put("open", on || null);
    emit(on ? "open" : "close");
  }
  tell({ t: "open", on, focus, how, token: store.all().token });
  if (!focus) return;
  if (on) frame?.focus();
  else (opener?.matches("body,deskbell-chat") ? launcher : opener)?.focus();
}

// Another tab opened, closed or began to chat: a visible desktop tab does the same without taking the focus. Told by
// the storage itself: a message between tabs can arrive before what it speaks of.
function sync() {
  if (document.hidden) return;
  const kept = store.all();
  if (kept.live) summon();
  if (!small.matches && !kept.open === isOpen) turn(!isOpen);
}

function showUnread({ n, text }) {
  if (n !== unread) emit("unread", n);
  unread = n;
  count(n, words[0] + (n ? `, ${text}` : ""));
  alternate(n && text);
}

function forget() {
  store.clear();
  identity = null;
  showUnread({ n: 0 });
  renew();
}

const heard = {
  ready: () => clearTimeout(patience),
  kv: ({ k, v }) => store.put(k, v),
  cast: ({ m }) => cast(m),
  close: () => turn(false, true),
  unread: showUnread,
  ring: ({ id }) => (!isOpen || document.hidden) && ringOnce(id, () => tell({ t: "tone" })),
  nav({ url }) {
    const to = new URL(url);
    if (to.origin !== location.origin) return;
    if (small.matches) turn(false);
    location.assign(to);
  },
  evt: ({ name, detail }) => emit(name, detail),
};

const heardFromTab = { forget, tab: tell };

function remark(part) {
  Object.assign(context, part);
  tell({ t: "ctx", ...part });
}

const seen = (line) => tell({ t: "ctx", line });

const api = {
  open: (how) => turn(true, true, how),
  close: () => turn(false, true),
  toggle: () => turn(!isOpen, true),
  show() {
    launcher.hidden = false;
  },
  hide() {
    launcher.hidden = true;
  },
  identify(who) {
    identity = who.token;
    tell({ t: "identify", token: identity });
  },
  logout() {
    forget();
    cast({ t: "forget" });
  },
  setLocale(to) {
    locale = to;
    showUnread({ n: 0 });
    renew();
  },
  setTheme(to) {
    paint(Object.assign(theme, to));
    tell({ t: "theme", theme });
  },
  setCart: (cart) => remark({ cart }),
  setFields: (fields) => remark({ fields }),
  page: (page = {}) => visit(page, seen),
  send(text) {
    if (!navigator.userActivation?.isActive) return;
    api.open();
    tell({ t: "send", text });
  },
  on(name, fn) {
    ears[name] ??= new Set();
    ears[name].add(fn);
    return () => ears[name].delete(fn);
  },
  consent(on) {
    store.allow(on);
    if (on) wanted?.();
    else {
      turn(false);
      renew();
    }
  },
  destroy() {
    emit("destroy");
    alternate(0);
    drop();
    life.abort();
    closeTabs();
    delete window.deskbell;
  },
};

function settle() {
  if (life.signal.aborted) return;
  settleIn(() => isOpen, api.close);
  settled = true;
  paint(theme);
  showUnread({ n: 0 });
  listen(launcher, "pointerenter", summon);
  listen(launcher, "focus", summon);
  listen(launcher, "click", api.toggle);
  listen(document, "click", ({ target }) => target.closest?.("[data-chat-open]") && api.open());
  listen(document, "visibilitychange", () => {
    alternate();
    sync();
  });
  listen(window, "storage", sync);
  openTabs((message) => heardFromTab[message.t]?.(message));
  follow(seen);
  sync();
  emit("ready");
  wanted?.();
}

function begin() {
  const { deskbell: before } = window;
  if (before?.open) return;
  if (tag.consent === "wait") store.allow(false);
  const call = (method, ...args) => call[method]?.(...args);
  for (const name in api) call[name] = guard(api[name]);
  window.deskbell = call;
  for (const args of before?.q ?? []) call(...args);
  const whenIdle = () => (window.requestIdleCallback ?? setTimeout)(guard(settle), { timeout: 3000 });
  const whenActive = () => (document.readyState === "complete" ? whenIdle() : listen(window, "load", whenIdle));
  if (document.prerendering) listen(document, "prerenderingchange", whenActive);
  else whenActive();
}

guard(begin)();
