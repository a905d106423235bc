// Where a shopper agrees to be told of answers, or takes that back: asks for permission on a click, and hands the browser's
// address for notifications to the server.

const { site, key } = document.documentElement.dataset;
const code = location.pathname.split("/").at(-1);
// Deskbell may live under a path of the shop's own server.
const home = new URL("../../../", location.href);
const scope = new URL("./", location.href).href;
const api = new URL("v1/shopper/notify/subscription", home);
const plain = { createScriptURL: (url) => url };
const policy = window.trustedTypes?.createPolicy("deskbell", plain) ?? plain;

const isKnown = document.documentElement.dataset.known === "true";

function show(name) {
  for (const part of document.querySelectorAll("[data-on]")) part.hidden = part.dataset.on !== name;
}

function isSupported() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function send(method, body) {
  return fetch(api, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ site, ...body }),
    credentials: "omit",
    signal: AbortSignal.timeout(15_000),
  });
}

async function existing() {
  const registration = await navigator.serviceWorker.getRegistration(scope);
  return registration?.scope === scope ? registration.pushManager.getSubscription() : null;
}

async function register() {
  const script = policy.createScriptURL(new URL("w/sw.js", home).href);
  await navigator.serviceWorker.register(script, { scope });
  return navigator.serviceWorker.ready;
}

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

async function subscribe() {
  const { pushManager } = await register();
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    // Agreed to before, for a key that is no more.
    const old = await pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function agree() {
  show("busy");
  try {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return show(permission === "denied" ? "refused" : "ask");
    const subscription = await subscribe();
    const answer = await send("POST", { code, subscription: subscription.toJSON() });
    if (answer.status === 404) {
      await subscription.unsubscribe();
      return show("gone");
    }
    show(answer.ok ? "on" : "failed");
  } catch {
    show("failed");
  }
}

async function stop() {
  show("busy");
  try {
    const subscription = await existing();
    if (subscription) {
      await send("DELETE", { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    show("off");
  } catch {
    show("failed");
  }
}

async function begin() {
  if (!isSupported()) return show("unsupported");
  if (Notification.permission === "denied") return show("refused");
  if (isKnown) return show("ask");
  show((await existing().catch(() => null)) ? "on" : "gone");
}

for (const button of document.querySelectorAll("[data-do=agree]")) button.addEventListener("click", agree);
for (const button of document.querySelectorAll("[data-do=stop]")) button.addEventListener("click", stop);
begin();
