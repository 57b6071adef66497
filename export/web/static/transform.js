// What the model makes of a picture: one that is drawn, one from a file, or a sample.

import { Drawing, example } from "./drawing.js";
import { element, panel, say } from "./elements.js";
import { latest } from "./model.js";
import { paint, pictureCanvas } from "./pictures.js";

const LARGEST = 64; // sides of grey pictures that are drawn by hand

export class Transform {
  /** `names` are the endpoints from pictures to pictures; `onexplore` takes a code of a picture. */
  constructor(model, view, names, onexplore) {
    Object.assign(this, { model, view, onexplore, x: null });
    const hand = view.channels === 1 && Math.max(view.width, view.height) <= LARGEST;
    this.drawing = hand ? new Drawing(view, () => this.drawn()) : null;
    this.input = pictureCanvas(view);
    this.output = pictureCanvas(view);
    this.code = element("div", { className: "code", "aria-hidden": "true" });
    this.message = element("p", { className: "message", role: "status" });
    this.select = this.choice("endpoint", "Endpoint", names);
    this.label = model.page.classes
      ? this.choice(
          "class",
          "Class",
          Array.from({ length: model.page.classes }, (_, i) => i),
        )
      : null;
    this.draw = latest(() => this.computed());
    const title = names.includes("reconstruct") ? "Encode and reconstruct" : "Translate a picture";
    const text = hand
      ? "Draw, and see what the model keeps of it."
      : "Choose a picture, and see what the model keeps of it.";
    this.element = panel(
      "transform",
      title,
      text,
      element("div", { className: "workbench" }, this.left(), this.right()),
      this.message,
    );
  }

  choice(id, text, values) {
    const select = element(
      "select",
      { id },
      ...values.map((value) => element("option", { value }, `${value}`)),
    );
    select.onchange = () => this.draw();
    return {
      select,
      parts:
        values.length > 1
          ? [element("span", { className: "number" }, element("label", { for: id }, text), select)]
          : [],
    };
  }

  left() {
    const file = element("input", {
      type: "file",
      accept: "image/*",
      id: "file",
      className: "hidden",
    });
    file.onchange = () => this.opened(file.files[0]);
    this.centre = element("input", { type: "checkbox", checked: this.view.height >= 20 });
    this.centre.onchange = () => this.drawn();
    const tools = element(
      "div",
      { className: "controls" },
      element("label", { className: "button", for: "file" }, file, "Open a picture"),
      ...this.select.parts,
      ...(this.label?.parts ?? []),
    );
    if (this.model.offers("sample")) {
      tools.prepend(
        element(
          "button",
          { type: "button", onclick: () => this.take(this.sample) },
          "Take sample B",
        ),
      );
    }
    if (!this.drawing) return tools;
    tools.prepend(element("button", { type: "button", onclick: () => this.cleared() }, "Clear"));
    tools.append(element("label", { className: "check" }, this.centre, "Centre the drawing"));
    return element("div", { className: "hand" }, this.drawing.element, tools);
  }

  right() {
    const figure = (canvas, text) =>
      element("figure", {}, canvas, element("figcaption", { className: "caption" }, text));
    const arrow = element("span", { className: "arrow", "aria-hidden": "true" }, "→");
    const pair = element(
      "div",
      { className: "pair" },
      figure(this.input, "What it sees"),
      arrow,
      figure(this.output, "What it makes of it"),
    );
    if (!this.model.offers("encode")) return pair;
    this.explore = element(
      "button",
      { type: "button", disabled: true, onclick: () => this.explored() },
      "Explore this code",
    );
    const rest = this.model.latents ? this.explore : "";
    return element(
      "div",
      { className: "results" },
      pair,
      element("p", { className: "caption" }, "Its code"),
      this.code,
      rest,
    );
  }

  drawn() {
    if (this.drawing.empty) return;
    this.take({ x: example(this.drawing.canvas, this.view, this.centre.checked) });
  }

  cleared() {
    this.drawing.clear();
    for (const canvas of [this.input, this.output])
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    this.code.replaceChildren();
  }

  async opened(file) {
    if (!file) return;
    try {
      const bitmap = await createImageBitmap(file);
      this.take({ x: example(bitmap, this.view, false) });
    } catch {
      say(this.message, `The file ${file.name} is no picture that this browser can open.`, "error");
    }
  }

  /** Takes an example: {x, label}. */
  take({ x, label }) {
    this.x = x;
    if (this.label && label !== undefined) this.label.select.value = label;
    this.draw();
  }

  async computed() {
    if (!this.x) return;
    try {
      paint(this.input, this.x, this.view);
      const labels = this.label ? [this.label.select.value] : null;
      const endpoint = this.select.select.value;
      const [source] = Object.keys(this.model.page.endpoints[endpoint].inputs);
      const [made] = await this.model.rows(endpoint, { [source]: this.x }, labels);
      paint(this.output, made, this.view);
      say(this.message, "");
      if (this.model.offers("encode")) await this.encoded(labels);
    } catch (error) {
      say(this.message, error.message, "error");
    }
  }

  async encoded(labels) {
    [this.z] = await this.model.rows("encode", { x: this.x }, labels);
    const most = Math.max(...this.z.map(Math.abs), 1e-6);
    this.code.replaceChildren(
      ...Array.from(this.z, (value) => {
        const bar = element("span", { title: value.toFixed(3) });
        bar.style.setProperty("--value", Math.abs(value) / most);
        bar.dataset.sign = value < 0 ? "down" : "up";
        return bar;
      }),
    );
    if (this.explore) this.explore.disabled = false;
  }

  explored() {
    this.onexplore({
      z: this.z,
      x: null,
      label: this.label ? Number(this.label.select.value) : null,
      name: "The code of your picture",
    });
  }
}
