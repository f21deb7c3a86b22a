// Rich text: an editor in the place of the field that holds its HTML. What is typed, pasted or comes from the
// server passes the same sieve; the server cleans once more, and decides.

const KEPT = new Set("A B BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR I LI OL P PRE S STRONG SUB SUP TABLE TBODY TD TH THEAD TR U UL".split(" "));
const GONE = new Set("SCRIPT STYLE TEMPLATE IFRAME OBJECT NOSCRIPT TITLE TEXTAREA SVG MATH HEAD META LINK".split(" "));
const OTHERWISE = { DIV: "p", STRIKE: "s" };
const LINKED = /^(https?:|mailto:)/i;
// Browsers have no other way to change a selection that undo takes back than these commands.
const TOOLS = [
  ["bold", "B", "Bold"],
  ["italic", "I", "Italic"],
  ["underline", "U", "Underline"],
  ["strikeThrough", "S", "Strike through"],
  ["formatBlock:h2", "H", "Heading"],
  ["formatBlock:p", "¶", "Paragraph"],
  ["insertUnorderedList", "•", "Bullets"],
  ["insertOrderedList", "№", "Numbers"],
  ["formatBlock:blockquote", "❝", "Quote"],
  ["link", "Link", "Link"],
  ["removeFormat", "✕", "Clear format"],
];
const native = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
const editors = new WeakMap(); // field → its editor

const make = (tag, fields = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), fields);
  element.append(...inside);
  return element;
};

// Attributes but for addresses are left out before anything is parsed: the policy would complain of them.
const TAG = /<(\/?[a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>/gi;
const HREF = /\shref\s*=\s*(?:"[^"]*"|'[^']*')/i;
const bare = (html) => html.replace(TAG, (_, name, rest) => `<${name}${HREF.exec(rest)?.[0] ?? ""}>`);

// A fragment with what may be in a text, made anew of HTML that is not run or loaded while it is read.
function sieve(html) {
  const to = document.createDocumentFragment();
  const held = make("template", { innerHTML: bare(html) });
  pour(held.content, to);
  return to;
}

function pour(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || GONE.has(node.tagName.toUpperCase())) continue;
    const name = node.tagName.toUpperCase();
    const tag = OTHERWISE[name] ?? (KEPT.has(name) ? name.toLowerCase() : "");
    // A paragraph in a paragraph is two lines of one.
    const element = tag && !(tag === "p" && to.nodeName === "P") ? document.createElement(tag) : to;
    if (name === "A" && LINKED.test(node.getAttribute("href") ?? "")) element.href = node.getAttribute("href");
    pour(node, element);
    if (element !== to) to.append(element);
  }
}

function htmlOf(editor) {
  const box = make("div", {}, sieve(editor.innerHTML));
  return box.textContent.trim() || box.querySelector("hr") ? box.innerHTML : "";
}

function adopt(field) {
  const box = field.parentElement.querySelector(".rich");
  if (!box || editors.has(field)) return;
  const label = document.getElementById("l." + field.id.slice(2));
  const editor = make("div", { className: "editor", tabIndex: 0 });
  editor.setAttribute("role", "textbox");
  editor.setAttribute("aria-multiline", "true");
  if (label) editor.setAttribute("aria-labelledby", label.id);
  else editor.setAttribute("aria-label", field.getAttribute("aria-label") ?? "Text");
  editor.setAttribute("aria-describedby", field.getAttribute("aria-describedby") ?? "");
  box.replaceChildren(...(box.dataset.bare === undefined ? toolbar(editor) : []), editor);
  editors.set(field, editor);
  editor.replaceChildren(sieve(native.get.call(field)));
  // What the server sets is shown.
  Object.defineProperty(field, "value", {
    configurable: true,
    get: () => native.get.call(field),
    set(text) {
      native.set.call(field, text);
      if (!editor.contains(document.activeElement) || htmlOf(editor) !== text) editor.replaceChildren(sieve(text));
    },
  });
  if (field.dataset.live !== undefined) editor.dataset.live = "";
  editor.addEventListener("input", () => tell(field, editor, "input"));
  editor.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.contains(relatedTarget)) tell(field, editor, "change");
  });
  editor.addEventListener("paste", paste);
  label?.addEventListener("click", () => editor.focus());
  state(field, editor);
}

function tell(field, editor, name) {
  native.set.call(field, htmlOf(editor));
  field.dispatchEvent(new Event(name, { bubbles: true }));
}

function paste(event) {
  event.preventDefault();
  const html = event.clipboardData.getData("text/html");
  if (!html) return void document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  const selection = document.getSelection();
  if (!selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  range.deleteContents();
  range.insertNode(sieve(html));
  selection.collapseToEnd();
  event.currentTarget.dispatchEvent(new Event("input", { bubbles: true }));
}

function state(field, editor) {
  editor.contentEditable = String(!field.disabled);
  editor.setAttribute("aria-disabled", String(field.disabled));
  editor.setAttribute("aria-invalid", field.getAttribute("aria-invalid") ?? "false");
  editor.setAttribute("aria-required", String(field.required));
  for (const button of editor.parentElement.querySelectorAll(".toolbar button")) button.disabled = field.disabled;
}

function toolbar(editor) {
  const bar = make("div", { className: "toolbar" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Format");
  const asked = linker(editor);
  for (const [command, sign, name] of TOOLS) {
    const button = make("button", { type: "button", textContent: sign, title: name });
    button.setAttribute("aria-label", name);
    button.dataset.command = command;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    button.addEventListener("click", () => (command === "link" ? asked.open() : run(editor, command)));
    bar.append(button);
  }
  document.addEventListener("selectionchange", () => mark(editor, bar));
  return [bar, asked.row];
}

function run(editor, command, value) {
  editor.focus();
  const [name, tag] = command.split(":");
  document.execCommand("styleWithCSS", false, "false");
  document.execCommand("defaultParagraphSeparator", false, "p");
  document.execCommand(name, false, tag ? `<${tag}>` : value);
}

// Which of the tools hold where the user is.
function mark(editor, bar) {
  if (!editor.isConnected || !editor.contains(document.getSelection()?.anchorNode)) return;
  for (const button of bar.children) {
    const [name, tag] = button.dataset.command.split(":");
    if (name === "link" || name === "removeFormat") continue;
    const on = tag ? document.queryCommandValue("formatBlock").toLowerCase() === tag : document.queryCommandState(name);
    button.setAttribute("aria-pressed", String(on));
  }
}

// An address for what is selected; an empty one takes the link away.
function linker(editor) {
  const address = make("input", { type: "url", placeholder: "https://", className: "address" });
  address.setAttribute("aria-label", "Address of the link");
  const set = make("button", { type: "button", textContent: "Set link" });
  const row = make("div", { className: "linking", hidden: true }, address, set);
  let range;
  const close = () => {
    row.hidden = true;
    editor.focus();
    if (range) {
      document.getSelection().removeAllRanges();
      document.getSelection().addRange(range);
    }
  };
  set.addEventListener("click", () => {
    const text = address.value.trim();
    close();
    if (LINKED.test(text)) run(editor, "createLink", text);
    else if (!text) run(editor, "unlink");
  });
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(), set.click();
    if (event.key === "Escape") close();
  });
  const open = () => {
    const selection = document.getSelection();
    range = selection.rangeCount && editor.contains(selection.anchorNode) ? selection.getRangeAt(0) : undefined;
    const link = selection.anchorNode?.parentElement?.closest("a");
    address.value = link && editor.contains(link) ? link.href : "";
    row.hidden = false;
    address.focus();
  };
  return { row, open };
}

const FIELDS = ".w-rich textarea";
const adoptAll = (root) => root.querySelectorAll?.(FIELDS).forEach(adopt);
adoptAll(document);
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes" && editors.has(target)) state(target, editors.get(target));
    for (const node of addedNodes) adoptAll(node.parentElement ?? document);
  }
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled", "aria-invalid", "required"] });
