// Quick exit: leaves at once and takes this page's place in the browser's history.
// Without this file the link still works; only the way back stays.
const leave = () => globalThis.location.replace("/thoat-nhanh");

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.leave") : null;
  if (!link) return;
  event.preventDefault();
  document.documentElement.hidden = true;
  leave();
});

const keys = document.getElementById("phim-thoat");
if (keys) keys.hidden = false; // true only where this file runs

let lastEscape = -Infinity;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (event.timeStamp - lastEscape < 800) {
    document.documentElement.hidden = true;
    leave();
  }
  lastEscape = event.timeStamp;
});
