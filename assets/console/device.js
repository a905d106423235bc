// This browser as one that is notified while the console is closed: agrees on a click, and the console's worker. Loaded by
// the page of one's settings, and by the console where it is installed as an app.
import { workerAddress } from "./html.js";

const SCOPE = "/console";
const part = document.querySelector("[data-device]");

/** The worker speaks the page's language: another one is another address, which replaces it. */
export async function register() {
  const address = workerAddress(`/console/sw.js?lang=${document.documentElement.lang}`);
  await navigator.serviceWorker.register(address, { scope: SCOPE, updateViaCache: "none" });
  return navigator.serviceWorker.getRegistration(SCOPE);
}

function show(name) {
  for (const line of part.querySelectorAll("[data-on]")) line.hidden = line.dataset.on !== name;
}

function isSupported() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/** Until the worker is there: nobody subscribes without one. */
async function active() {
  const registration = await register();
  const worker = registration.installing ?? registration.waiting;
  if (!registration.active && worker)
    await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
  return registration;
}

async function subscribe() {
  const { pushManager } = await active();
  const options = { userVisibleOnly: true, applicationServerKey: bytes(part.dataset.device) };
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
  const button = part.querySelector("button[data-on]");
  button.disabled = true;
  try {
    const permission = await Notification.requestPermission();
    if (permission === "denied") return show("denied");
    if (permission !== "granted") return;
    const subscription = await subscribe();
    const answer = await fetch("/console/me/browsers", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ subscription }),
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new Error(answer.statusText);
    location.hash = "browsers";
    location.reload();
  } catch {
    part.querySelector("[role=alert]").hidden = false;
  } finally {
    button.disabled = false;
  }
}

/** What the browser has of its own goes with the line in the list. */
async function forget() {
  const registration = await navigator.serviceWorker?.getRegistration(SCOPE);
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

async function leave(event) {
  event.preventDefault();
  await Promise.race([forget().catch(() => {}), new Promise((done) => setTimeout(done, 2000))]);
  event.target.submit();
}

async function state() {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  if (part.dataset.isOn !== "true") return "off";
  const registration = await register();
  return (await registration.pushManager.getSubscription()) ? "on" : "off";
}

export async function start() {
  part.querySelector("button[data-on]").addEventListener("click", agree);
  part.querySelector("form[data-this]")?.addEventListener("submit", leave);
  show(await state().catch(() => "off"));
}
