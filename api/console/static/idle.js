// Keeps the session alive while the officer really types or clicks, and clears the screen when it ends.

const MINUTE = 60_000;
const SAY_EVERY = 4 * MINUTE;

export function watchIdle(page) {
  const minutes = Number(page.body.dataset.idleMinutes);
  if (!minutes) return;
  let used = Date.now();
  let said = Date.now();
  const say = async () => {
    said = Date.now();
    await fetch("/api/v1/session", { cache: "no-store" }).catch(() => undefined);
  };
  const use = () => {
    used = Date.now();
    if (used - said > SAY_EVERY) say();
  };
  for (const kind of ["keydown", "pointerdown"]) page.addEventListener(kind, use, { passive: true });
  setInterval(() => {
    if (Date.now() - used > minutes * MINUTE) location.replace("/dang-nhap?vi=het-phien");
  }, MINUTE / 4);
}
