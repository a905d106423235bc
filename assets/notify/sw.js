// Shows that a shop has answered, and leads to its page. It serves no page and keeps nothing.

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** Only the web: nothing that would run here. */
function web(address) {
  try {
    const url = new URL(address);
    return ["https:", "http:"].includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  const { title, body, url, tag, lang, dir } = read(event.data);
  const options = { body: body ?? "", tag: tag ?? "answer", renotify: true, lang: lang ?? "en", dir: dir ?? "auto" };
  // A browser that is woken must show something.
  event.waitUntil(self.registration.showNotification(title ?? "New answer", { ...options, data: { url: web(url) } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data ?? {};
  if (url) event.waitUntil(self.clients.openWindow(url));
});
