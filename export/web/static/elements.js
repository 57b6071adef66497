// Makes elements: element("button", { className: "quiet", onclick }, "Next").

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Returns a section with a heading and a line of explanation, as a panel of the page. */
export function panel(id, title, text, ...children) {
  return element(
    "section",
    { id, className: "panel", "aria-labelledby": `${id}-title` },
    element("header", {}, element("h2", { id: `${id}-title` }, title), element("p", {}, text)),
    ...children,
  );
}

/** Says a sentence in an element that screen readers follow. */
export function say(place, sentence, kind = "") {
  place.textContent = sentence;
  place.dataset.kind = kind;
}
