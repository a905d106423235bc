// Chats that ring: the seconds that are left, and a tone again and again until somebody answers. Loaded when one does.

const AGAIN = 3000;

let timer = 0;
let rangAt = 0;

function look(say, ring) {
  const left = document.querySelectorAll(".offer [data-left]");
  if (!left.length) {
    timer = clearInterval(timer);
    return;
  }
  for (const time of left) {
    const seconds = Math.ceil((new Date(time.dateTime) - Date.now()) / 1000);
    if (seconds > 0) time.textContent = say("script-seconds", { n: seconds });
    else time.closest(".offer").remove();
  }
  if (Date.now() - rangAt < AGAIN) return;
  rangAt = Date.now();
  ring();
}

export function watch(say, ring) {
  timer ||= setInterval(look, 250, say, ring);
  look(say, ring);
}
