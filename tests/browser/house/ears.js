// What a page sounds, shows beside itself and sets, as a test hears it.

/** Runs in each tab: what it sounds, shows and sets is counted, and sound is off until somebody touches the page. */
export function ears() {
  window.heard = { tones: 0, notes: [], badges: [] };
  let isArmed = false;
  window.AudioContext = class {
    currentTime = 0;
    get state() {
      return isArmed ? "running" : "suspended";
    }
    resume() {
      isArmed = navigator.userActivation.hasBeenActive;
      return Promise.resolve();
    }
    createOscillator() {
      window.heard.tones += 1;
      return { frequency: {}, connect: (next) => next, start() {}, stop() {} };
    }
    createGain() {
      return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (next) => next };
    }
  };
  window.Notification = class {
    static permission = "granted";
    static requestPermission = () => Promise.resolve("granted");
    constructor(title, { body, tag }) {
      window.heard.notes.push({ title, body, tag });
    }
    addEventListener() {}
    close() {}
  };
  navigator.setAppBadge = (count) => Promise.resolve(window.heard.badges.push(count));
  navigator.clearAppBadge = () => Promise.resolve();
  // The three tabs of one headless window all believe to be looked at.
  document.hasFocus = () => window.isLookedAt === true;
}
