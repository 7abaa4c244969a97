// Codes: what an InfoGAN's codes do to the image of one seed.

import { WIDEST } from "./address.js";
import * as api from "./api.js";
import * as curl from "./curl.js";
import { copy, save } from "./file.js";
import { dataAddress, frames } from "./npy.js";
import { byId, element, offer } from "./page.js";
import { Panel } from "./panel.js";
import { describe, Tiles } from "./tiles.js";

const STEP = "0.05";
const MOST = 64; // keyframes in a request

export class Codes extends Panel {
  #sliders = []; // what shows the codes, each with how it does it
  #made = null; // the model that they are of

  constructor(state) {
    super(byId("codes"));
    this.state = state;
    const choose = (items, at) => this.#set("categorical", 0, items[at].value);
    this.tiles = new Tiles(byId("codes-tiles"), choose);
    const on = (id, does) => byId(id).addEventListener("click", does);
    on("codes-reset", () => state.set({ categorical: [], continuous: [] }));
    on("codes-download", () => save(byId("codes-image").src, this.#file));
    on("codes-curl", () => copy(curl.posting("generate", this.#body(), this.#file), "the command"));
  }

  show(state, model, models) {
    this.model = model;
    this.#lack(models);
    if (!model.codes) return;
    if (this.#made !== model) this.#build();
    const codes = this.#codes();
    this.#sliders.forEach((showIt) => showIt(codes));
    this.bring([model.digest, this.#body()], async (newest) => {
      const [[image], each] = await Promise.all([
        api.generate(model, this.#body()),
        this.#each(codes),
      ]);
      if (newest()) this.#take(image, each);
    });
  }

  get #file() {
    return `${this.model.name}-${this.state.now.seed}-codes.png`;
  }

  /** Say which models have codes, where this one has none. */
  #lack(models) {
    const lacks = !this.model.codes;
    for (const id of ["codes-body", "codes-actions"]) byId(id).hidden = lacks;
    byId("codes-each").hidden = !this.model.codes?.categorical.length;
    byId("codes-lacking").hidden = !lacks;
    const able = models.filter((one) => one.codes);
    const which = able.length ? "These have:" : "No model that is served has any.";
    byId("codes-lacking").replaceChildren(
      element("p", {}, `${this.model.name} has no codes; an InfoGAN learns some. ${which}`),
      ...able.map(({ name }) => this.#switch(name)),
    );
  }

  #switch(name) {
    const button = element("button", { type: "button" }, name);
    const other = { model: name, weights: "" };
    button.addEventListener("click", () => this.state.set(other, { step: true }));
    return button;
  }

  /** Fit the state's codes to those that the model has: null is what the seed draws. */
  #codes() {
    const { categorical, continuous } = this.state.now;
    const kinds = this.model.codes;
    return {
      categorical: kinds.categorical.map((count, at) => below(categorical[at], count)),
      continuous: Array.from({ length: kinds.continuous }, (_, at) => continuous[at] ?? null),
    };
  }

  #set(kind, at, value) {
    const some = this.#codes()[kind];
    some[at] = value;
    this.state.set({ [kind]: some });
  }

  #body() {
    return { model: this.model.name, seed: this.state.now.seed, codes: this.#codes() };
  }

  /** Make the same seed with each value of the first code: a walk that stands still but for it. */
  async #each(codes) {
    const [count = 0] = this.model.codes.categorical;
    if (!count) return [];
    const keyframes = Array.from({ length: Math.min(count, MOST) }, (_, value) => ({
      seed: this.state.now.seed,
      codes: { ...codes, categorical: [value, ...codes.categorical.slice(1)] },
    }));
    const body = { model: this.model.name, keyframes, steps: keyframes.length, method: "lerp" };
    return frames(await api.walk(this.model, body)).map(dataAddress);
  }

  #take(image, each) {
    const { model } = this;
    const [chosen] = this.#codes().categorical;
    const shown = byId("codes-image");
    const { width, height } = model.size;
    Object.assign(shown, { src: image.src, width, height, hidden: false });
    shown.alt = describe({ ...image, model });
    this.tiles.show(
      each.map((src, value) => ({
        src,
        model,
        value,
        alt: `First code ${value}`,
        caption: String(value),
        pressed: value === chosen,
      })),
    );
  }

  /** Make a control for each code of the model. */
  #build() {
    const { categorical, continuous } = this.model.codes;
    const controls = [
      ...categorical.map((count, at) => this.#choice(count, at)),
      ...Array.from({ length: continuous }, (_, at) => this.#slider(at)),
    ];
    byId("codes-sliders").replaceChildren(...controls.map(({ field }) => field));
    this.#sliders = controls.map(({ showIt }) => showIt);
    this.#made = this.model;
  }

  #choice(count, at) {
    const id = `code-categorical-${at}`;
    const select = element("select", { id });
    const values = Array.from({ length: count }, (_, value) => [String(value), String(value)]);
    offer(select, [["", "Drawn from the seed"], ...values], "");
    select.addEventListener("change", () => {
      this.#set("categorical", at, select.value === "" ? null : Number(select.value));
    });
    const label = element("label", { for: id }, `Category ${at + 1}`);
    const field = element("div", { class: "field" }, label, select);
    return { field, showIt: (codes) => (select.value = String(codes.categorical[at] ?? "")) };
  }

  #slider(at) {
    const id = `code-continuous-${at}`;
    const range = { type: "range", min: String(-WIDEST), max: String(WIDEST), step: STEP, id };
    const input = element("input", range);
    const output = element("span", { id: `${id}-value` });
    input.addEventListener("input", () => this.#set("continuous", at, Number(input.value)));
    const label = element("label", { for: id }, `Continuous ${at + 1}`);
    const head = element("div", { class: "head" }, label, output);
    const showIt = (codes) => {
      const value = codes.continuous[at];
      input.value = value ?? 0;
      output.textContent = value === null ? "drawn from the seed" : value.toFixed(2);
      input.setAttribute("aria-valuetext", output.textContent);
    };
    return { field: element("div", { class: "field" }, head, input), showIt };
  }
}

const below = (value, count) => (value >= 0 && value < count ? (value ?? null) : null);
