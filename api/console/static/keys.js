// Keyboard: j k o r e c u / ? — off while typing, off altogether when the officer says so (WCAG 2.1.4).

const OFF = "homthu-no-shortcuts";

const wishes = {
  get off() {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  },
  set off(value) {
    try {
      value ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF);
    } catch {
      // A browser without storage forgets the wish; nothing else depends on it.
    }
  },
};

const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null;

function rows(page) {
  return [...page.querySelectorAll("[data-rows] .row:not([hidden]) a")];
}

function step(page, by) {
  const links = rows(page);
  const here = links.indexOf(page.activeElement);
  const next = links[here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by];
  next?.focus();
  next?.closest(".row").scrollIntoView({ block: "nearest" });
}

function openClosing(page) {
  const closing = page.querySelector("[data-close]");
  if (closing) {
    closing.open = true;
    closing.querySelector("input[type=radio]").focus();
  }
}

function showHelp(page) {
  const dialog = page.querySelector("dialog[data-shortcuts]");
  dialog ? dialog.showModal() : page.querySelector("[data-help]")?.click();
}

function actions(page) {
  const click = (selector) => () => page.querySelector(selector)?.click();
  const focus = (selector) => () => page.querySelector(selector)?.focus();
  return {
    j: () => step(page, 1),
    k: () => step(page, -1),
    o: () => page.activeElement?.closest(".row")?.querySelector("a").click(),
    r: focus("[data-reply] textarea"),
    e: () => openClosing(page),
    c: click("[data-claim]"),
    u: click("[data-up]"),
    "/": focus("[data-sift] input"),
    "?": () => showHelp(page),
  };
}

function sift(page) {
  const box = page.querySelector("[data-sift]");
  if (!box) return;
  box.hidden = false;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/giu, "d").toLowerCase();
  const input = box.querySelector("input");
  const none = page.querySelector("[data-sift-none]");
  input.addEventListener("input", () => {
    const wanted = plain(input.value);
    for (const row of page.querySelectorAll("[data-rows] .row")) row.hidden = !plain(row.textContent).includes(wanted);
    if (none) none.hidden = rows(page).length > 0;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.value = "";
    if (event.key === "Escape") input.dispatchEvent(new Event("input"));
    if (event.key === "Escape" || event.key === "Enter") rows(page)[0]?.focus();
  });
}

function choice(page) {
  for (const hidden of page.querySelectorAll("[data-shortcuts-choice]")) hidden.hidden = false;
  for (const box of page.querySelectorAll("[data-shortcuts-off]")) {
    box.checked = wishes.off;
    box.addEventListener("change", () => {
      wishes.off = box.checked;
    });
  }
}

export function keys(page) {
  sift(page);
  choice(page);
  const known = actions(page);
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (wishes.off || typing(event.target) || page.querySelector("dialog[open]")) return;
    if (!Object.hasOwn(known, event.key)) return;
    event.preventDefault();
    known[event.key]();
  });
}
