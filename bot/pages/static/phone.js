// The demo phone: joins the wire, the chat and the writing line.
import { drop, empty, keepPreview, preview, put } from "./phone-chat.js";
import { answerStarts, toEnd } from "./phone-scroll.js";
import { Wire } from "./phone-wire.js";

const find = (id) => document.getElementById(id);
const [status, begin, write, text, editing, attach] = [
  "status", "begin", "write", "words", "editing", "attach",
].map(find);
const wire = new Wire();
let editedId = null;
let typing = 0;

function show(state) {
  status.textContent = status.dataset[state];
  status.className = state;
}

// Shows "typing" until the bot has answered, or for a moment when it says nothing.
function busy() {
  show("typing");
  clearTimeout(typing);
  typing = setTimeout(() => show("online"), 4000);
}

async function act(work, isRead = true) {
  busy();
  answerStarts(isRead);
  try {
    return await work();
  } catch {
    show("offline");
    return null;
  }
}

function hear(changes) {
  for (const change of changes) {
    if (change.gone) drop(change.gone);
    else put(change.put, { onTap, onEdit });
    if (change.put?.from === "bot") show("online");
  }
  if (changes.length === 0) return;
  begin.hidden = true;
  write.hidden = false;
  toEnd();
}

async function lost(error) {
  if (error.message === "404") {
    empty();
    begin.hidden = false;
    write.hidden = true;
    return false;
  }
  show("offline");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return true;
}

async function onTap(token, row, button) {
  const all = [...row.querySelectorAll("button")];
  all.forEach((one) => { one.disabled = true; });
  button.classList.add("tapped");
  const done = await act(() => wire.tap(token));
  if (done) return;
  all.forEach((one) => { one.disabled = false; });
  button.classList.remove("tapped");
}

function onEdit(message) {
  editedId = message.id;
  editing.hidden = false;
  text.value = message.text;
  text.focus();
}

function stopEdit() {
  editedId = null;
  editing.hidden = true;
  text.value = "";
}

async function send() {
  const words = text.value.trim();
  if (!words) return;
  const edits = editedId;
  stopEdit();
  const done = await act(() => wire.say(words, edits));
  if (!done) text.value = words;
}

async function sendPictures(files) {
  attach.open = false;
  const drawings = await Promise.all(files.map(preview));
  const caption = text.value.trim();
  text.value = "";
  const done = await act(() => wire.pictures(files, caption), false);
  done?.ids.forEach((id, at) => keepPreview(id, drawings[at]));
  toEnd();
}

async function start(first) {
  const poster = new URLSearchParams(location.search).get("q");
  empty();
  await act(async () => {
    await wire.renew();
    wire.listen(hear, lost);
    await wire.say(first ?? (poster ? `/start ${poster}` : "/start"));
  });
}

begin.querySelector("button").addEventListener("click", () => start());
find("again").addEventListener("click", () => start());
document.addEventListener("play", async ({ detail: role }) => {
  const code = await act(() => wire.invite(role));
  if (code) start(`moi ${code}`);
});
find("stop-edit").addEventListener("click", stopEdit);
write.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
find("picture").addEventListener("change", (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length) sendPictures(files);
});
for (const item of attach.querySelectorAll("[data-kind]")) {
  item.addEventListener("click", () => {
    attach.open = false;
    act(() => wire.offer(item.dataset.kind, item.textContent));
  });
}
if (wire.phone) wire.listen(hear, lost);
