// Sends an answer without leaving the page, so that a conflict or an ended session loses no typed word.

// The session may be another one than when the page was opened; its form token goes into the form, for `showAnew`.
async function send(form, ask) {
  const session = await fetch("/api/v1/session", { cache: "no-store" });
  if (!session.ok) return session;
  const token = (await session.json()).form_token;
  form.elements.form_token.value = token;
  const body = JSON.stringify({ version: Number(form.elements.version.value), text: form.elements.text.value, ask });
  const headers = { "Content-Type": "application/json", "X-Form-Token": token };
  return fetch(`/api/v1/tips/${form.dataset.reply}/replies`, { method: "POST", headers, body });
}

async function why(answer) {
  const kept = " Chữ đồng chí gõ vẫn còn ở đây.";
  if (answer.status === 401) return `Phiên đã hết. Đăng nhập lại ở một thẻ khác, rồi bấm gửi lần nữa.${kept}`;
  const told = await answer.json().catch(() => ({}));
  return `${told.title ?? "Chưa gửi được"}. ${told.detail ?? ""}${kept}`;
}

// A page that is out of date stays so: posted as a form, it is answered with the new page and the words in it.
function showAnew(form, ask) {
  const act = document.createElement("input");
  Object.assign(act, { type: "hidden", name: "act", value: ask ? "ask" : "answer" });
  form.append(act);
  form.submit();
}

export function reply(page) {
  const form = page.querySelector("[data-reply]");
  if (!form) return;
  const refusal = form.querySelector("[data-refusal]");
  const say = (words) => {
    refusal.textContent = words;
    refusal.hidden = !words;
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ask = event.submitter?.value === "ask";
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    say("");
    try {
      const answer = await send(form, ask);
      if (answer.ok) location.assign(`/tin/${form.dataset.reply}?vi=${ask ? "hoi-them" : "tra-loi"}`);
      else if (answer.status === 409) showAnew(form, ask);
      else say(await why(answer));
    } catch {
      say("Mất mạng, chưa gửi được. Chữ đồng chí gõ vẫn còn ở đây.");
    }
    for (const button of buttons) button.disabled = false;
  });
}
