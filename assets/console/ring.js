// The tones of what calls an agent, and notifications. Loaded when the first is wanted.

/** Each its own, so that they are told apart without looking: two soft strokes up, one, two down, or one deep one. */
const STROKES = { offer: [880, 1318], chat: [988], message: [740, 554], queue: [392] };

function ring(audio, kind) {
  const strike = (at, pitch) => {
    const [tone, gain] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.2, at + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.8);
  };
  STROKES[kind].forEach((pitch, n) => strike(audio.currentTime + n * 0.16, pitch));
}

/** What rings again and again does so in one tab, also where another one's turn comes between two of its tones. */
const APART = 2500;
const RANG = "deskbell-rang";
function isTooSoon(kind) {
  const isSoon = kind === "offer" && Math.abs(Date.now() - Number(localStorage.getItem(RANG))) < APART;
  if (kind === "offer" && !isSoon) localStorage.setItem(RANG, Date.now());
  return isSoon;
}

/** Only one tab rings. */
export function alarm(audio, kind) {
  if (!navigator.locks) return ring(audio, kind);
  navigator.locks.request("deskbell-ring", { ifAvailable: true }, async (lock) => {
    if (!lock || isTooSoon(kind)) return;
    ring(audio, kind);
    await new Promise((done) => setTimeout(done, 1500));
  });
}

/** What has the same tag takes the other's place, also from another tab. */
export async function notify(text, tag, path, go) {
  if (globalThis.Notification?.permission !== "granted") return;
  const icon = document.querySelector("link[rel=icon]").href;
  const worker = await navigator.serviceWorker?.getRegistration("/console");
  // Where there is the worker, what it shows later of the same takes this one's place. Telephones know no other way.
  if (worker?.active) {
    const url = new URL(path, location.href).href;
    return worker.showNotification("Deskbell", { body: text, tag, icon, renotify: true, data: { url } });
  }
  const note = new Notification("Deskbell", { body: text, tag, icon });
  note.addEventListener("click", () => {
    window.focus();
    note.close();
    go();
  });
}
