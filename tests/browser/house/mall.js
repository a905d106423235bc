// Storefronts on an origin of their own: real themes from npm, each under one trouble, with the widget (`/with/NAME/`)
// and without it (`/bare/NAME/`). Nothing is fetched from anywhere else.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
const system = "/usr/share/javascript/";

const LIBRARIES = {
  bootstrap: `${modules}bootstrap/dist/js/bootstrap.bundle.min.js`,
  prototype: `${system}prototype/prototype.js`,
  mootools: `${system}mootools/mootools-core-nc.js`,
  "mootools-more": `${system}mootools/mootools-more-nc.js`,
  require: `${modules}requirejs/require.js`,
  zone: `${modules}zone.js/bundles/zone.umd.js`,
  angular: `${modules}angular/angular.js`,
  turbo: `${modules}@hotwired/turbo/dist/turbo.es2017-umd.js`,
  swup: `${modules}swup/dist/Swup.umd.js`,
};
const TYPES = { css: "text/css", js: "text/javascript", ico: "image/x-icon", svg: "image/svg+xml" };
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="450" height="300"><rect width="100%" height="100%" fill="#dee2e6"/></svg>';

const folder = (theme) => `${modules}startbootstrap-${theme}/dist/`;

/** A theme's page with its addresses led to this server. */
function themed(theme, nonce) {
  return readFileSync(`${folder(theme)}index.html`, "utf8")
    .replace(/<link href="https:[^>]*>/g, "")
    .replace(/https:\/\/cdn\.jsdelivr\.net\/npm\/bootstrap@[^"]*/g, "/lib/bootstrap.js")
    .replace(/https:\/\/dummyimage\.com\/[^"]*/g, "/picture.svg")
    .replace(/(href|src)="(css|js|assets)\//g, `$1="/theme/${theme}/$2/`)
    .replace(/<script /g, `<script nonce="${nonce}" `)
    .replace(/href="#!"/g, 'href="#"');
}

const inline = (script, nonce) => (script ? `<script nonce="${nonce}">(${script})();</script>` : "");

export class Mall {
  #server;
  #chat;
  #key;
  #troubles;

  /** `chat` is Deskbell's origin, `key` the site's. */
  static async open(chat, key, troubles) {
    const mall = new Mall();
    mall.#chat = chat;
    mall.#key = key;
    mall.#troubles = new Map(troubles.map((trouble) => [trouble.name, trouble]));
    mall.#server = createServer((asked, answer) => mall.#serve(asked.url, answer));
    await new Promise((resolve) => mall.#server.listen(0, "127.0.0.1", resolve));
    // Another host name, so that the chat's frame is a third party here, as it is in a real shop.
    mall.origin = `http://localhost:${mall.#server.address().port}`;
    return mall;
  }

  #serve(url, answer) {
    const [, kind, name, ...rest] = new URL(url, this.origin).pathname.split("/");
    const trouble = this.#troubles.get(name);
    if (["with", "bare"].includes(kind) && trouble) return this.#page(trouble, kind === "with", rest.join("/"), answer);
    if (kind === "lib") return this.#file(LIBRARIES[name.replace(".js", "")], answer);
    if (kind === "theme" && !url.includes("..")) return this.#file(folder(name) + rest.join("/"), answer);
    answer.setHeader("content-type", TYPES.svg);
    return answer.end(PICTURE);
  }

  #file(path, answer) {
    answer.setHeader("content-type", TYPES[path.split(".").at(-1)]);
    answer.end(readFileSync(path));
  }

  #page(trouble, has, rest, answer) {
    const nonce = randomBytes(16).toString("base64");
    const { theme = "shop-homepage", policy, type = "text/html; charset=utf-8", encode = (text) => text } = trouble;
    if (policy) answer.setHeader("content-security-policy", policy(nonce, this.#chat));
    answer.setHeader("content-type", type);
    const tag = `<script async="async" src="${this.#chat}/w/${this.#key}.js"`;
    const snippet = trouble.snippet ?? (({ nonce: once }) => `${tag}${once ? ` nonce="${once}"` : ""}></script>`);
    const parts = { tag, nonce: trouble.hasNonce && nonce, chat: this.#chat, key: this.#key };
    const { css = "", script, libraries = [], head = "", foot = "" } = trouble;
    const loaded = libraries.map((library) => `<script nonce="${nonce}" src="/lib/${library}.js"></script>`).join("");
    const style = css && `<style>${css}</style>`;
    const html = (trouble.page?.(rest) ?? themed(theme, nonce))
      .replace(/<head>/, () => `<head>${head}${loaded}${inline(script, nonce)}`)
      .replace(/<\/head>/, () => `${style}</head>`)
      .replace(/<\/body>/, () => `${foot}${has ? snippet(parts) : ""}</body>`);
    answer.end(encode((trouble.change?.(html, rest) ?? html).replaceAll("//HOST", this.origin)));
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
