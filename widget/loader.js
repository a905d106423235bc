// The loader: one small script in the shop's page. It paints the launcher, keeps what the browser remembers, opens
// the frame when it is wanted, and speaks with it over one port. It never throws into the page.

import { base, config, guard, life, listen } from "./loader/life.js";
import { alternate, ringOnce } from "./loader/ring.js";
import { badge, failure, launcher, make, name, page, paint, reveal, settleIn, show, small } from "./loader/shell.js";
import * as store from "./loader/store.js";
import { cast, closeTabs, openTabs } from "./loader/tabs.js";
import { follow, note, trail, visit, wipe } from "./loader/trail.js";

const theme = { scheme: config.scheme ?? "auto", "--c-primary": config.color, "--c-on-primary": config.on };
let context = {};
const ears = { __proto__: null };
// The best first, as text with commas between; what the browser wants the server hears from itself.
let locale = [config.locale, page.lang];
let identity = config.user;
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
  frame.contentWindow.postMessage(hello, base, [farPort]);
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
  const src = `${base}w/panel?${query}`;
  frame = make("iframe", { title: name, allow: "autoplay", referrerPolicy: "origin", onload: guard(greet), src });
  show(frame);
  patience = setTimeout(
    guard(() => {
      drop();
      failure(summon, api.close);
      emit("error", { code: "unreachable" });
    }),
    10000,
  );
}

function renew() {
  drop();
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
  badge.textContent = n > 9 ? "9+" : n || "";
  launcher.ariaLabel = name + (n ? `, ${text}` : "");
  alternate(n && text);
}

// An empty token says that the shopper left: a cookie of the shop's own address must not bring them back.
function forget() {
  store.clear();
  store.put("token", "");
  identity = null;
  context = {};
  showUnread({ n: 0 });
  renew();
  wipe();
}

const heard = {
  ready: () => clearTimeout(patience),
  kv: ({ k, v }) => store.put(k, v),
  cast: ({ m }) => cast(m),
  close: () => turn(false, true),
  unread: showUnread,
  ring: ringOnce(() => tell({ t: "tone" })),
  nav({ url }) {
    const to = new URL(url);
    if (to.origin !== location.origin) return;
    if (small.matches) turn(false);
    location.assign(to);
  },
  evt: ({ name, detail }) => emit(name, detail),
};

function remark(part) {
  tell({ t: "ctx", ...part });
  emit("context");
}

// What cannot be cloned stops here, or it would spoil every greeting to come.
function keep(part) {
  Object.assign(context, structuredClone(part));
  remark(part);
}

const seen = (line) => remark({ line });

const api = {
  __proto__: null,
  open: ({ view, text } = {}) => turn(true, true, { view: `${view}`, text }),
  close: () => turn(false, true),
  toggle: () => turn(!isOpen, true),
  show() {
    launcher.hidden = false;
  },
  hide() {
    launcher.hidden = true;
  },
  identify({ token }) {
    identity = `${token}`;
    tell({ t: "identify", token: identity });
  },
  logout() {
    cast({});
    forget();
  },
  setLocale(to) {
    locale = to;
    renew();
  },
  setTheme(to) {
    paint(Object.assign(theme, structuredClone(to)));
    tell({ t: "theme", theme });
  },
  setCart: (cart) => keep({ cart }),
  setFields: (fields) => keep({ fields }),
  page: (at) => visit(at, seen),
  track: (name, data) => note(`track:${name} ${JSON.stringify(data) ?? ""}`, seen),
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
      forget();
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

// Whom to invite, to what and whether anybody is there: the server knows, and is asked when the time has come.
const invite = () =>
  store.mayStore() &&
  import(`${base}w/${config.site}/invite.js?locale=${locale}`).then((it) => it.default(api, context, guard), guard);

function settle() {
  if (life.signal.aborted) return;
  settleIn(api.close);
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
  openTabs(({ data }) => (data.t ? tell(data) : forget()));
  follow(seen);
  sync();
  if (config.invite) setTimeout(invite, config.invite);
  emit("ready");
  wanted?.();
}

function begin() {
  const before = window.deskbell;
  if (before?.identify) return;
  const call = (method, ...args) => api[method]?.(...args);
  for (const method in api) call[method] = api[method] = guard(api[method]);
  window.deskbell = call;
  guard(() => {
    for (const args of before.q) call(...args);
  })();
  const whenIdle = () => (window.requestIdleCallback ?? setTimeout)(guard(settle), { timeout: 3000 });
  const whenActive = () => (document.readyState === "complete" ? whenIdle() : listen(window, "load", whenIdle));
  if (document.prerendering) listen(document, "prerenderingchange", whenActive);
  else whenActive();
}

guard(begin)();
