// Draws the shopper back: a title that alternates while the tab is hidden, and one tab of all that may ring.

let title;
let label = 0;
let timer;

// The lock belongs to the message: the first tab to ask rings, and holds it long enough for the slowest other tab.
export const ringOnce =
  (sound) =>
  ({ id }) =>
    navigator.locks.request(`deskbell.${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return;
      sound();
      return new Promise((done) => setTimeout(done, 5000));
    });

export function alternate(text = label) {
  label = text;
  if (timer) document.title = title;
  timer = clearInterval(timer);
  if (!text || !document.hidden) return;
  title = document.title;
  timer = setInterval(() => {
    document.title = document.title === label ? title : label;
  }, 1500);
}
