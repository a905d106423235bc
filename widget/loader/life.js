// Everything the loader attaches to the shop's page hangs on one signal, so that destroy() takes all of it away,
// and nothing that goes wrong in here may surface in the page.

/* global __CONFIG__ */
export const config = __CONFIG__;

export const life = new AbortController();

export const guard =
  (fn) =>
  (...args) => {
    try {
      return fn(...args);
    } catch {
      return undefined;
    }
  };

export const listen = (target, type, fn) => target.addEventListener(type, guard(fn), { signal: life.signal });
