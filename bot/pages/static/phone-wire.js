// Talks with the demo phone's routes. Everything travels in request bodies; nothing is kept but the
// phone's random name, for this browser tab.
const KEY = "dien-thoai";
const language = document.documentElement.lang;

async function post(path, told) {
  const answer = await fetch(`/dien-thoai/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...told, lang: language }),
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export class Wire {
  phone = sessionStorage.getItem(KEY);
  seen = 0;
  #turn = 0;

  // A new phone, as if the old one had been put away.
  async renew() {
    const { phone } = await post("may", {});
    this.phone = phone;
    this.seen = 0;
    sessionStorage.setItem(KEY, phone);
  }

  say(text, edits) {
    return post("noi", { phone: this.phone, text, edits });
  }

  tap(token) {
    return post("noi", { phone: this.phone, choice: token });
  }

  offer(kind, label) {
    return post("noi", { phone: this.phone, kind, label });
  }

  // The demo's moment, after some days have gone by.
  async time(days = 0) {
    const { now } = await post("gio", { days });
    return new Date(now);
  }

  // An invite for a part in the demo: "leader" or "ward".
  async invite(role) {
    const { code } = await post("vai", { role });
    return code;
  }

  async pictures(files, caption) {
    const form = new FormData();
    form.append("phone", this.phone);
    form.append("lang", language);
    form.append("text", caption);
    for (const file of files) form.append("photo", file);
    const answer = await fetch("/dien-thoai/anh", { method: "POST", body: form });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // Calls `hear` with every change, for ever; `lost` when the phone or the line is gone.
  async listen(hear, lost) {
    const turn = ++this.#turn;
    let wait = false;
    while (turn === this.#turn) {
      try {
        const told = await post("nghe", { phone: this.phone, seen: this.seen, wait });
        if (turn !== this.#turn) return;
        this.seen = told.seen;
        hear(told.changes);
        wait = true;
      } catch (error) {
        if (turn !== this.#turn) return;
        if (!(await lost(error))) return;
        wait = false;
      }
    }
  }
}
