// Draws the chat: bubbles, buttons, pictures, and what was deleted. Texts become text nodes only.
const chat = document.getElementById("chat");
const words = chat.dataset;
const bubbles = new Map();
const previews = new Map();

// A sentence with **bold** marks, as nodes.
function rich(text) {
  const piece = document.createDocumentFragment();
  text.split(/\*\*(?=\S)(.+?)(?<=\S)\*\*/gu).forEach((part, at) => {
    if (!part) return;
    if (at % 2 === 0) return piece.append(part);
    const strong = document.createElement("strong");
    strong.textContent = part;
    if (/^\d{4}( \d{4}){5}$/.test(part)) strong.className = "code";
    return piece.append(strong);
  });
  return piece;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function banner(text) {
  const [first, ...rest] = text.split("\n");
  return { first, rest: rest.join("\n") };
}

function botBubble(message, onTap) {
  const bubble = element("div", "bubble bot");
  const { first, rest } = banner(message.text);
  bubble.append(element("p", "mark", first));
  const body = element("div", "text");
  body.append(rich(rest));
  bubble.append(body);
  if (message.file) bubble.append(sentFile(message.file));
  if (message.buttons.length) bubble.append(buttonRow(message, onTap));
  return bubble;
}

// A picture that the bot sent is shown, anything else is a link to save it.
function sentFile({ address, name, picture }) {
  const link = element("a", "file", picture ? "" : name);
  link.href = address;
  link.download = name;
  if (picture) {
    const image = element("img", "sent");
    image.src = address;
    image.alt = name;
    link.append(image);
  }
  return link;
}

function buttonRow(message, onTap) {
  const row = element("div", "buttons");
  for (const { token, label } of message.buttons) {
    const button = element("button", label.length > 11 ? "wide" : "", label);
    button.type = "button";
    button.addEventListener("click", () => onTap(token, row, button));
    row.append(button);
  }
  return row;
}

function myBubble(message, onEdit) {
  const bubble = element("div", "bubble me");
  if (message.picture) {
    const canvas = previews.get(message.id);
    bubble.append(canvas ?? element("p", "text", words.picture));
  }
  if (message.text) bubble.append(element("div", "text", message.text));
  if (message.edited) bubble.append(element("span", "small", words.edited));
  if (message.text && !message.picture && !message.text.startsWith("/")) {
    const edit = element("button", "edit", words.edit);
    edit.type = "button";
    edit.addEventListener("click", () => onEdit(message));
    bubble.append(edit);
  }
  return bubble;
}

export function put(message, { onTap, onEdit }) {
  const made = message.from === "bot" ? botBubble(message, onTap) : myBubble(message, onEdit);
  const old = bubbles.get(message.id);
  if (old) old.replaceWith(made);
  else chat.append(made);
  bubbles.set(message.id, made);
}

// Takes deleted messages off the screen and says how many went.
export function drop(ids) {
  for (const id of ids) {
    const bubble = bubbles.get(id);
    if (!bubble) continue;
    const line = element("p", "erased");
    line.dataset.count = "1";
    bubble.replaceWith(line);
    bubbles.delete(id);
    previews.delete(id);
  }
  joinErasedLines();
}

// Neighbouring "deleted" lines become one that counts them all.
function joinErasedLines() {
  for (const line of [...chat.querySelectorAll(".erased")]) {
    const before = line.previousElementSibling;
    if (before?.classList.contains("erased")) {
      line.dataset.count = String(Number(line.dataset.count) + Number(before.dataset.count));
      before.remove();
    }
    line.textContent = words.erased.replace("{n}", line.dataset.count);
  }
}

// A small drawing of a picked picture, made here and never fetched from anywhere.
export async function preview(file) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words.picture);
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, 480 / bitmap.width);
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  } catch {
    return null;
  }
  return canvas;
}

export function keepPreview(id, canvas) {
  if (!canvas) return;
  previews.set(id, canvas);
  const text = bubbles.get(id)?.querySelector("p.text");
  if (text) text.replaceWith(canvas);
}

export function empty() {
  chat.replaceChildren();
  bubbles.clear();
  previews.clear();
}
