// The tone of a chat that comes to this agent, or rings. Loaded when it is first heard.

/** Two soft strokes. Only one tab rings. */
function ring(audio) {
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
  strike(audio.currentTime, 880);
  strike(audio.currentTime + 0.16, 1318);
}

export function alarm(audio) {
  if (audio?.state !== "running") return;
  if (!navigator.locks) return ring(audio);
  navigator.locks.request("deskbell-ring", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    ring(audio);
    await new Promise((done) => setTimeout(done, 1500));
  });
}
