// Charts: what a page says of each is drawn on a canvas, in a tree of its own that new HTML does not reach, in the
// colours of the theme. A point that is chosen is posted by the button beside the canvas.
import "./echarts.js";

const { echarts } = globalThis;
const drawn = new Map(); // plot → chart
const seen = new WeakSet(); // plots whose table was closed once: from then on it is as the user has it
const SORRY = "This cannot be drawn. Its numbers are below.";
const PALETTE = ["brand", "amber", "green", "blue", "violet", "red", "gray"];
const still = matchMedia("(prefers-reduced-motion: reduce)");

function themeOf(plot) {
  const style = getComputedStyle(plot);
  const color = (name) => style.getPropertyValue("--" + name).trim();
  const text = { color: color("ink"), fontFamily: style.fontFamily };
  const axis = {
    axisLine: { lineStyle: { color: color("edge") } },
    axisTick: { lineStyle: { color: color("edge") } },
    axisLabel: { color: color("muted") },
    splitLine: { lineStyle: { color: color("line") } },
    nameTextStyle: { color: color("muted") },
  };
  const tooltip = { backgroundColor: color("surface"), borderColor: color("line"), textStyle: { color: color("ink") } };
  return {
    color: PALETTE.map(color),
    backgroundColor: "transparent",
    textStyle: text,
    title: { textStyle: { color: color("ink") }, subtextStyle: { color: color("muted") } },
    legend: { textStyle: { color: color("ink") }, inactiveColor: color("edge"), pageTextStyle: { color: color("muted") }, pageIconColor: color("brand-text"), pageIconInactiveColor: color("edge") },
    label: { color: color("ink") },
    tooltip,
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    pie: { label: { color: color("ink"), textBorderColor: "transparent" } },
    bar: { label: { color: color("ink"), textBorderColor: "transparent" } },
    line: { label: { color: color("ink"), textBorderColor: "transparent" } },
    graph: { label: { color: color("ink") } },
    toolbox: { iconStyle: { borderColor: color("muted") } },
  };
}

function draw(plot) {
  const root = plot.shadowRoot ?? plot.attachShadow({ mode: "open" });
  drawn.get(plot)?.dispose();
  const place = document.createElement("div");
  Object.assign(place.style, { position: "absolute", inset: "0" });
  root.replaceChildren(place);
  try {
    const chart = echarts.init(place, themeOf(plot), { renderer: "canvas" });
    drawn.set(plot, chart);
    chart.on("click", (point) => choose(plot, point));
    show(plot, chart);
    plot.classList.add("drawn");
  } catch (error) {
    fail(plot, error);
  }
}

function show(plot, chart) {
  chart.setOption({ animation: !still.matches, ...JSON.parse(plot.dataset.option) }, { notMerge: true });
  // With scripts the picture comes first; whoever wants the table opens it.
  const figures = plot.parentElement.querySelector(".figures");
  if (figures && !seen.has(plot)) figures.open = false;
  seen.add(plot);
}

// What cannot be drawn can still be read.
function fail(plot, error) {
  console.warn("A chart cannot be drawn:", error.message);
  drawn.get(plot)?.dispose();
  drawn.delete(plot);
  const words = document.createElement("p");
  words.textContent = SORRY;
  plot.shadowRoot.replaceChildren(words);
}

function choose(plot, point) {
  const button = plot.parentElement.querySelector("[data-point]");
  if (!button || point.componentType !== "series") return;
  const { seriesIndex: series, dataIndex: index, name, value, seriesName } = point;
  button.value = JSON.stringify({ series, index, name, value, seriesName });
  button.click();
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});

function tidy() {
  for (const [plot, chart] of drawn) {
    if (plot.isConnected) continue;
    sizes.unobserve(plot);
    chart.dispose();
    drawn.delete(plot);
  }
}

function adopt(root) {
  for (const plot of root.querySelectorAll?.(".plot[data-option]") ?? []) {
    if (drawn.has(plot)) continue;
    draw(plot);
    sizes.observe(plot);
  }
}

adopt(document);
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes") redraw(target);
    for (const node of addedNodes) adopt(node.parentElement ?? document);
  }
  tidy();
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-option"] });

function redraw(plot) {
  const chart = drawn.get(plot);
  try {
    if (chart) show(plot, chart);
    else adopt(plot.parentElement);
  } catch (error) {
    fail(plot, error);
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const plot of [...drawn.keys()]) draw(plot);
});
