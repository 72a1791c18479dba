// The slider: lets the demo's days go by one at a time, so that each day's messages are seen coming.
import { Wire } from "./phone-wire.js";

const [bar, slider, shown] = ["time", "days", "moment"].map((id) => document.getElementById(id));
const wire = new Wire();
const PAUSE = 350; // between two days, for the eye
const written = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: "Asia/Ho_Chi_Minh",
  weekday: "short",
  day: "numeric",
  month: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
let gone = 0;
let moving = false;

function show(moment) {
  shown.textContent = written.format(moment);
}

// Goes on until the slider is reached, wherever it is pulled meanwhile; it never goes back.
async function follow() {
  if (moving) return;
  moving = true;
  bar.classList.add("moving");
  try {
    while (gone < Number(slider.value)) {
      show(await wire.time(1));
      gone += 1;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  } catch {
    // What the server could not do now is tried again with the next pull.
  }
  slider.value = String(gone);
  moving = false;
  bar.classList.remove("moving");
}

slider.addEventListener("input", () => {
  if (Number(slider.value) < gone) slider.value = String(gone);
  else follow();
});
for (const button of bar.querySelectorAll("[data-role]")) {
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("play", { detail: button.dataset.role }));
  });
}

// A demo without a slider shows none. Time goes on by itself, too.
async function begin() {
  try {
    show(await wire.time());
  } catch {
    return;
  }
  bar.hidden = false;
  setInterval(async () => {
    if (!moving) show(await wire.time().catch(() => Date.now()));
  }, 20_000);
}
begin();
