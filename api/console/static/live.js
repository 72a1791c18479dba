// Live news for the queue: the server sends ids only; the officer decides when to load the list again.
// It does not reconnect by itself: a page that nobody uses must not look like one that somebody uses.

export function live(page) {
  const bar = page.querySelector("[data-live]");
  if (!bar || !("EventSource" in globalThis)) return;
  const source = new EventSource("/api/v1/events");
  const stop = () => source.close();
  source.addEventListener("tips", () => {
    bar.hidden = false;
  });
  source.addEventListener("ended", stop);
  source.addEventListener("error", stop);
  globalThis.addEventListener("pagehide", stop);
}
