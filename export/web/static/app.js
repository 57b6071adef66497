// Puts the page together: loads the model, shows what it offers, and checks it.

import { Card, verdict } from "./card.js";
import { say } from "./elements.js";
import { Explore } from "./explore.js";
import { Model } from "./model.js";
import { viewOf } from "./pictures.js";
import { Samples } from "./samples.js";
import { Transform } from "./transform.js";
import { Walk } from "./walk.js";

const place = (id) => document.getElementById(id);
const main = place("main");

async function start() {
  const model = new Model();
  const page = await model.load();
  const name = page.name.replaceAll("_", " ");
  document.title = name;
  place("name").textContent = name;
  place("sentence").textContent = page.sentence;
  const megabytes = Object.values(page.graphs).reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
  say(place("status"), `Loading the model (${megabytes.toFixed(1)} MB)…`, "busy");
  const card = new Card(page);
  const samples = panels(model, page, card);
  await samples?.draw();
  main.removeAttribute("aria-busy");
  say(place("status"), "Checking the model in this browser…", "busy");
  const rows = [];
  for (const endpoint of Object.keys(page.goldens)) {
    rows.push(await model.check(endpoint));
    card.add(rows.at(-1));
  }
  verdict(place("status"), rows, page.tolerance);
  place("footer").textContent =
    "Nothing that you draw, choose or type leaves this device. " +
    `Computed by ONNX Runtime Web ${page.onnxruntime_web} (MIT licence).`;
  return rows;
}

/** Shows the panels of what the model offers; returns the samples, if it draws any. */
function panels(model, page, card) {
  const view = (endpoint) => viewOf(Object.values(page.endpoints[endpoint].outputs)[0], page.layout);
  const made = [];
  let [explore, walk, transform, samples] = [null, null, null, null];
  if (model.latents) {
    explore = new Explore(model, view("generate"));
    walk = new Walk(model, view("generate"));
  }
  const names = Object.keys(page.routes).filter(
    (name) => !["sample", "generate", "encode"].includes(name),
  );
  const pictures = names.filter((name) => view(name).kind === "picture");
  if (pictures.length) {
    transform = new Transform(model, view(pictures[0]), pictures, (code) => {
      explore.start(code, samples.all);
      explore.element.scrollIntoView({ block: "nearest" });
      explore.element.querySelector("input").focus({ preventScroll: true });
    });
  }
  if (model.offers("sample")) {
    samples = new Samples(model, view("sample"), (first, second, all) => {
      explore?.start(second, all);
      walk?.start(first, second, all);
      if (!transform) return;
      transform.sample = second;
      if (!transform.x) transform.take(second);
    });
  }
  made.push(...[samples, explore, walk, transform, card].filter(Boolean));
  main.replaceChildren(...made.map(({ element }) => element));
  return samples;
}

// the result is kept, so that a program that drives the browser can wait for it
window.checked = start().catch((error) => {
  say(place("status"), error.message, "error");
  place("waiting")?.remove();
  main.removeAttribute("aria-busy");
  throw error;
});
