// Files: each is sent as soon as it is chosen, and the page is told once all have arrived. The button that tells
// it posts their ids, like any button that sets a value.

const page = document.documentElement.dataset;
const sending = new WeakSet(); // pickers whose files are on their way

document.addEventListener("change", (event) => {
  if (event.target.matches("input.file-input")) send(event.target);
});

async function send(picker) {
  const files = [...picker.files];
  if (!files.length || sending.has(picker)) return;
  const path = picker.id.slice(2);
  const most = Number(picker.dataset.most);
  const large = files.filter((file) => file.size > Number(picker.dataset.bytes));
  const fits = files.filter((file) => !large.includes(file)).slice(0, most);
  const failures = large.map((file) => `${file.name} is too large.`);
  if (files.length - large.length > most) failures.push(`At most ${most} ${most === 1 ? "file" : "files"}.`);
  const ids = [];
  sending.add(picker);
  complain(path, "");
  try {
    for (const [number, file] of fits.entries()) {
      say(path, fits.length > 1 ? `Sending ${number + 1} of ${fits.length}: ${file.name}` : `Sending ${file.name}`);
      const { id, message } = await upload(file);
      if (id) ids.push(id);
      else failures.push(`${file.name}: ${message}`);
    }
  } finally {
    sending.delete(picker);
    say(path, "");
    picker.value = "";
  }
  const told = document.getElementById("u." + path);
  if (ids.length && told) {
    told.value = JSON.stringify(ids);
    told.click();
  }
  complain(path, failures.join("\n"));
}

async function upload(file) {
  const headers = {
    "Content-Type": "application/octet-stream",
    "Portico-Event": "1",
    "Portico-Visit": page.visit,
    "Portico-Name": encodeURIComponent(file.name.slice(-200)),
  };
  try {
    const response = await fetch(location.pathname + "/_uploads", { method: "POST", headers, body: file });
    const answer = await response.json();
    return response.ok ? answer : { message: answer.problem?.message ?? "It could not be sent." };
  } catch {
    return { message: "It could not be sent. Is there a connection?" };
  }
}

function say(path, text) {
  const status = document.getElementById("s." + path);
  if (status) status.textContent = text;
  const field = status?.closest(".w-files");
  if (text) field?.setAttribute("aria-busy", "true");
  else field?.removeAttribute("aria-busy");
}

function complain(path, text) {
  const place = document.getElementById("e." + path);
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}
