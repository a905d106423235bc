// The console's worker: shows what the server pushes while nobody looks, leads to it, and says so when a page cannot be
// reached. It keeps no page and no file. The server puts `told` before it: the language it was registered in.

const { lang, dir, words } = told;

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** Only pages of the console. */
function own(path) {
  try {
    const url = new URL(path, location.origin);
    return url.origin === location.origin && url.pathname.startsWith("/console/") ? url.href : "";
  } catch {
    return "";
  }
}

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  const said = read(event.data);
  // A browser that is woken must show something.
  const notice = self.registration.showNotification(said.title ?? words["alert-plain"], {
    body: said.body ?? "",
    tag: said.tag ?? "deskbell",
    renotify: true,
    lang: said.lang ?? lang,
    dir: said.dir ?? dir,
    data: { url: own(said.url ?? "/console/inbox/mine") },
  });
  event.waitUntil(notice);
});

/** The tab that shows it; else one that can show it without losing what is being typed; else a new one. */
async function open(url) {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const path = new URL(url).pathname;
  const at = (tab) => new URL(tab.url).pathname;
  const there = tabs.find((tab) => at(tab) === path);
  const near = there ?? tabs.find((tab) => /^\/console\/(inbox|c)\//.test(at(tab)));
  if (!near) return self.clients.openWindow(url);
  // A browser may refuse to bring it to the front; it shows it all the same.
  await near.focus().catch(() => {});
  if (!there) near.postMessage({ open: url });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data ?? {};
  if (url) event.waitUntil(open(url));
});

function offline() {
  const nonce = crypto.randomUUID();
  const text = (key) => words[key].replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const page = `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${text("offline-title")} · Deskbell</title><style nonce="${nonce}">
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100dvh;display:grid;place-items:center;background:light-dark(#eef1f5,#0c1016);color:light-dark(#16202e,#e8edf4)}
main{max-width:30rem;padding:24px}h1{font-size:1.25rem}
a{display:inline-block;padding:10px 20px;border-radius:8px;background:light-dark(#0f5fd7,#7cb0ff);color:light-dark(#fff,#06152b);text-decoration:none}
</style></head><body><main><h1>${text("offline-title")}</h1><p>${text("offline-lead")}</p><p><a href="">${text("offline-again")}</a></p></main></body></html>`;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`,
  };
  return new Response(page, { status: 503, headers });
}

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(offline));
});
