// Grid: the images of many seeds in a row.

import { MOST, SEEDS } from "./address.js";
import * as api from "./api.js";
import * as curl from "./curl.js";
import { copy, saveBlob } from "./file.js";
import { byId } from "./page.js";
import { Panel } from "./panel.js";
import { Tiles } from "./tiles.js";

const PAGE = 48;

export class Grid extends Panel {
  constructor(state, detail) {
    super(byId("grid"));
    this.state = state;
    this.tiles = new Tiles(byId("grid-tiles"), (items, at) => detail.open(items, at));
    const on = (id, does) => byId(id).addEventListener("click", does);
    on("grid-back", () => this.#turn(-1));
    on("grid-on", () => this.#turn(1));
    on("grid-more", () => state.set({ n: Math.min(MOST, this.#shown(state.now).n + PAGE) }));
    on("grid-download", () => this.#download());
    on("grid-curl", () => copy(curl.posting("generate", this.#body(), this.#file), "the command"));
  }

  /** Show images; how many is what a link says, as far as there are such seeds. */
  show(state, model) {
    this.model = model;
    const { seed, n } = this.#shown(state);
    byId("grid-title").textContent = `Seeds ${seed} to ${seed + n - 1}`;
    byId("grid-back").disabled = seed === 0;
    byId("grid-on").disabled = seed + n >= SEEDS;
    byId("grid-more").hidden = n >= MOST;
    byId("grid-more").disabled = seed + n >= SEEDS;
    const body = this.#body();
    return this.bring([model.digest, body], async (newest) => {
      const made = await api.generate(model, body);
      if (newest()) this.tiles.show(made.map((image) => ({ ...image, model })));
    });
  }

  #shown({ seed, n }) {
    return { seed, n: Math.min(n, SEEDS - seed) };
  }

  #body() {
    const { seed, n } = this.#shown(this.state.now);
    return { ...this.model.fields(seed, this.state.now.class), n };
  }

  get #file() {
    return `${this.model.name}-${this.state.now.seed}.png`;
  }

  #turn(step) {
    const { seed, n } = this.state.now;
    this.state.set({ seed: Math.max(0, Math.min(SEEDS - 1, seed + step * n)) }, { step: true });
  }

  #download() {
    const body = { ...this.#body(), format: "grid" };
    return this.attempt(
      async () => saveBlob(await api.make(this.model, "generate", body), this.#file),
      () => this.#download(),
    );
  }
}
