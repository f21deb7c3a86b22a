// Alerts: five seconds, wherever they are seen

const LIFE = 5000;
const alerts = new Map(); // element → when it goes

function toast(message, style = "info", life = LIFE) {
  const known = ["success", "warning", "error"].includes(style);
  const element = make("div", { className: "alert " + (known ? style : "info"), textContent: message });
  const role = style === "error" || style === "warning" ? "alert" : "status";
  document.querySelector(`#alerts [role=${role}]`)?.append(element);
  hold(element, life);
}

function hold(element, life) {
  const text = make("span", {}, ...element.childNodes);
  const close = make("button", { type: "button", textContent: "×" });
  close.setAttribute("aria-label", "Dismiss");
  element.append(text, close);
  let timer;
  let left = life;
  const go = () => {
    clearTimeout(timer);
    alerts.delete(element);
    element.remove();
  };
  const run = () => {
    clearTimeout(timer);
    alerts.set(element, Date.now() + left);
    timer = setTimeout(go, left);
  };
  const stop = () => {
    clearTimeout(timer);
    left = Math.max(alerts.get(element) - Date.now(), 500);
  };
  close.addEventListener("click", go);
  for (const event of ["mouseenter", "focusin"]) element.addEventListener(event, stop);
  for (const event of ["mouseleave", "focusout"]) element.addEventListener(event, run);
  run();
}

// What a new action sets out to do makes the complaints about the one before it stale.
function dismissComplaints() {
  for (const element of [...alerts.keys()])
    if (element.matches(".error, .warning")) element.querySelector("button").click();
}

function packAlerts() {
  const packed = [...alerts].map(([element, until]) => [
    element.firstChild.textContent,
    element.className.slice(6),
    until,
  ]);
  try {
    sessionStorage.setItem("portico.alerts", JSON.stringify(packed));
  } catch {
    // Without storage they end here.
  }
}

function unpackAlerts() {
  let packed = [];
  try {
    packed = JSON.parse(sessionStorage.getItem("portico.alerts")) || [];
    sessionStorage.removeItem("portico.alerts");
  } catch {
    return;
  }
  for (const [message, style, until] of packed) {
    const left = until - Date.now();
    if (left > 0 && left <= LIFE) toast(message, style, Math.max(left, 2000));
  }
}
