// Samples as a grid of pictures, each of which is a button.

import { element } from "./elements.js";
import { paint, pictureCanvas } from "./pictures.js";

export class Cells {
  /** `onchoose` is called with the number of a sample; null where none can be chosen. */
  constructor(view, onchoose) {
    Object.assign(this, { view, onchoose });
    this.element = element("div", { className: "grid", role: "group", "aria-label": "Samples" });
  }

  show(all, chosen) {
    this.all = all;
    this.element.style.setProperty("--columns", Math.sqrt(all.length));
    if (this.element.children.length !== all.length) {
      this.element.replaceChildren(...all.map((_, i) => this.cell(i)));
    }
    all.forEach((sample, i) => paint(this.element.children[i].firstChild, sample.x, this.view));
    this.mark(chosen);
  }

  cell(i) {
    return element(
      "button",
      {
        type: "button",
        className: "cell",
        disabled: !this.onchoose,
        onclick: () => this.onchoose(i),
      },
      pictureCanvas(this.view),
    );
  }

  /** Marks the two chosen samples as A and B. */
  mark(chosen) {
    this.all.forEach(({ label, seed }, i) => {
      const button = this.element.children[i];
      const mark = this.onchoose ? ("AB"[chosen.lastIndexOf(i)] ?? "") : "";
      const kind = label === null ? "" : `, class ${label}`;
      button.dataset.mark = mark;
      button.title = `Seed ${seed}${kind}`;
      button.setAttribute("aria-label", `Sample ${i + 1}${kind}${mark && `, ${mark}`}`);
      if (this.onchoose) button.setAttribute("aria-pressed", String(mark !== ""));
    });
  }
}
