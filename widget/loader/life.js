// Everything the loader attaches to the shop's page hangs on one signal, so that destroy() takes all of it away,
// and nothing that goes wrong in here may surface in the page.

// A page may have an element that is named currentScript.
const script = document.currentScript;
const { src, dataset } = script instanceof HTMLScriptElement && script;

/* global __CONFIG__ */
export const config = { ...__CONFIG__, ...dataset };

// Deskbell as this page reaches it: where the script came from, be it a path of the shop's own; from a copy, the address it was made at.
export const base = /.+\/(?=w\/[^/]+$)/.exec(src)?.[0] ?? `${config.origin}/`;

export const life = new AbortController();

export const guard =
  (fn) =>
  (...args) => {
    try {
      return fn(...args);
    } catch {}
  };

export const listen = (target, type, fn) => target.addEventListener(type, guard(fn), { signal: life.signal });
