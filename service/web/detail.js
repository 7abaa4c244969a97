// Detail: one image, large, with all that can be done with it.

import * as api from "./api.js";
import * as curl from "./curl.js";
import { copy, save } from "./file.js";
import { byId, element } from "./page.js";
import { Panel } from "./panel.js";
import { describe } from "./tiles.js";

const MOST = 24; // so many classes are shown

export class Detail {
  #items = [];
  #at = 0;
  #addresses = [];

  constructor(state) {
    this.state = state;
    this.dialog = byId("detail");
    this.classes = new Panel(byId("detail-classes"));
    const on = (id, does) => byId(id).addEventListener("click", does);
    on("detail-close", () => this.dialog.close());
    on("detail-back", () => this.#move(-1));
    on("detail-on", () => this.#move(1));
    on("detail-download", () => save(this.#item.src, this.#file));
    on("detail-curl", () => copy(this.#command(), "the command"));
    on("detail-link", () => copy(state.link(this.#choice), "the link"));
    on("detail-walk", () => this.#leave("walk"));
    on("detail-judge", () => this.#leave("judge"));
    this.dialog.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft") this.#move(-1);
      if (key === "ArrowRight") this.#move(1);
    });
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog) this.dialog.close(); // its backdrop: all else is inside of it
    });
  }

  /** Show one of several images. */
  open(items, at) {
    this.#items = items;
    this.#at = at;
    this.#show();
    this.dialog.showModal();
  }

  get #item() {
    return this.#items[this.#at];
  }

  get #file() {
    const { model, seed, name } = this.#item;
    const named = name === null ? "" : `-${name.replace(/\W+/g, "-")}`;
    return `${model.name}-${seed}${named}.png`;
  }

  /** The class that was asked for or drawn, as an index. */
  get #class() {
    const { model, name } = this.#item;
    return model.indexOf(name);
  }

  get #choice() {
    const { model, seed } = this.#item;
    return { model: model.name, weights: model.weights, seed, class: this.#class };
  }

  #command() {
    const { model, seed, body } = this.#item;
    return curl.posting("generate", body ?? model.fields(seed, this.#class), this.#file);
  }

  #move(step) {
    const to = this.#at + step;
    if (to < 0 || to >= this.#items.length) return;
    this.#at = to;
    this.#show();
  }

  #leave(view) {
    this.dialog.close();
    this.state.set({ view, ...this.#choice }, { step: true });
    byId("panels").focus();
  }

  #show() {
    const item = this.#item;
    const { model, seed, name } = item;
    Object.assign(byId("detail-image"), { src: item.src, alt: describe(item), ...sizeOf(model) });
    byId("detail-title").textContent = `${model.name}, seed ${seed}`;
    byId("detail-at").textContent = `${this.#at + 1} of ${this.#items.length}`;
    byId("detail-back").disabled = this.#at === 0;
    byId("detail-on").disabled = this.#at === this.#items.length - 1;
    byId("detail-facts").replaceChildren(
      ...[
        ["Model", model.name],
        ["Weights", model.weights],
        ["Seed", String(seed)],
        ["Class", name ?? (model.classes.length ? "drawn from the seed" : "none")],
      ].flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]),
    );
    this.#showClasses();
  }

  /** Show what the seed is in each class, each image from its own address. */
  #showClasses() {
    const { model, seed } = this.#item;
    this.classes.root.hidden = model.classes.length === 0;
    if (this.classes.root.hidden) return;
    this.classes.bring([model.digest, seed], async () => {
      const names = model.classes.slice(0, MOST);
      const blobs = await Promise.all(names.map((_, at) => api.image(model, seed, at)));
      this.#addresses.forEach((address) => URL.revokeObjectURL(address));
      this.#addresses = blobs.map((blob) => URL.createObjectURL(blob));
      byId("detail-strip").replaceChildren(
        ...names.map((name, at) => classFigure(model, name, this.#addresses[at])),
      );
    });
  }
}

const sizeOf = ({ size: { width, height } }) => ({ width, height });

function classFigure(model, name, src) {
  const image = element("img", { src, alt: "", ...sizeOf(model) });
  return element("figure", { role: "listitem" }, image, element("figcaption", {}, name));
}
