// Keeps what was just said in sight: from its beginning, and above the keyboard.
const chat = document.getElementById("chat");

// Whatever is said soon after this belongs to one answer, which is read from its beginning.
const SOON = 15_000;
let before = null;
let since = 0;
export function answerStarts(isRead = true) {
  before = isRead ? (chat.lastElementChild ?? chat) : null;
  since = Date.now();
}

function firstOfAnswer() {
  if (!before?.isConnected || Date.now() - since > SOON) return null;
  let next = before === chat ? chat.firstElementChild : before.nextElementSibling;
  while (next && !next.matches(".bot")) next = next.nextElementSibling;
  return next;
}

// Shows the end, but never hides the beginning of what the bot has just said. At once: a slow
// scroll would be overtaken by the next message.
export function toEnd() {
  const first = firstOfAnswer();
  const end = chat.scrollHeight - chat.clientHeight;
  const start = first ? first.offsetTop - chat.offsetTop - 8 : end;
  chat.scrollTop = Math.min(end, start);
  hint();
}

// A shadow over the writing line says that there is more below.
function hint() {
  const below = chat.scrollHeight - chat.clientHeight - chat.scrollTop;
  chat.classList.toggle("more", below > 24);
}
chat.addEventListener("scroll", hint, { passive: true });

// The keyboard or a longer line of writing makes the chat shorter: its end stays in sight.
let height = chat.clientHeight;
new ResizeObserver(() => {
  const lost = height - chat.clientHeight;
  height = chat.clientHeight;
  if (lost > 0) chat.scrollTop += lost;
  hint();
}).observe(chat);

// Some keyboards cover the page instead of making it smaller.
const seen = globalThis.visualViewport;
seen?.addEventListener("resize", () => {
  if (seen.scale === 1) document.body.style.height = `${seen.height}px`;
});
