// A quarter of a second of sound, made on the spot; a browser that refuses it shows the badge all the same.

let audio = null;

function tone() {
  const start = audio.currentTime;
  const gain = audio.createGain();
  const voice = audio.createOscillator();
  gain.gain.setValueAtTime(0.08, start);
  gain.gain.exponentialRampToValueAtTime(0.001, start + 0.25);
  voice.frequency.setValueAtTime(660, start);
  voice.frequency.setValueAtTime(880, start + 0.1);
  voice.connect(gain).connect(audio.destination);
  voice.start(start);
  voice.stop(start + 0.25);
}

export function ring() {
  try {
    audio ??= new AudioContext();
    tone();
  } catch {
    audio = null;
  }
}
