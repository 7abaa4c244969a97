// Tiles: small images that can be chosen. Those that stay in their place keep the focus.

import { element } from "./page.js";
import { rest, rove } from "./roving.js";

/** Describe an image in words. */
export function describe({ model, seed, name }) {
  return `${model.name}, seed ${seed}${name === null ? "" : `, ${name}`}`;
}

export class Tiles {
  #items = [];

  /** Fill a group; `chosen` is called with all items and the place of the one chosen. */
  constructor(group, chosen) {
    this.group = group;
    this.chosen = chosen;
    rove(group);
  }

  /** Show items: each has a `model` and a `src`, and perhaps a `caption` and whether `pressed`. */
  show(items) {
    this.#items = items;
    const { children } = this.group;
    while (children.length > items.length) this.group.lastChild.remove();
    while (children.length < items.length) this.group.append(this.#tile(children.length));
    items.forEach((item, at) => paint(children[at], item));
    if (!this.group.querySelector('[tabindex="0"]')) rest(this.group, children[0]);
  }

  #tile(at) {
    const button = element("button", { type: "button", class: "tile", tabindex: "-1" });
    button.append(element("img"), element("span"));
    button.addEventListener("click", () => this.chosen(this.#items, at));
    return button;
  }
}

function paint(button, item) {
  const [image, caption] = button.children;
  const { width, height } = item.model.size;
  Object.assign(image, { width, height, src: item.src, alt: item.alt ?? describe(item) });
  caption.textContent = item.caption ?? "";
  if (item.pressed !== undefined) button.setAttribute("aria-pressed", String(item.pressed));
}
