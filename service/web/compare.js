// Compare: what every model makes of one seed, those of one data set together.

import * as api from "./api.js";
import * as curl from "./curl.js";
import { copy } from "./file.js";
import { byId, element } from "./page.js";
import { Panel } from "./panel.js";
import { Tiles } from "./tiles.js";

export class Compare extends Panel {
  #addresses = [];

  constructor(state, detail) {
    super(byId("compare"));
    this.state = state;
    this.detail = detail;
    byId("compare-curl").addEventListener("click", () => copy(this.#command(), "the command"));
  }

  show(state, model, models) {
    this.models = models;
    byId("compare-title").textContent = `Seed ${state.seed}, every model`;
    const what = [models.map(({ digest }) => digest), state.seed, state.class];
    return this.bring(what, async (newest) => {
      const blobs = await Promise.all(models.map((one) => api.image(one, state.seed, state.class)));
      if (newest()) this.#take(blobs.map((blob) => URL.createObjectURL(blob)), state);
    });
  }

  #take(addresses, { seed, class: at }) {
    this.#addresses.forEach(URL.revokeObjectURL);
    this.#addresses = addresses;
    const items = this.models.map((model, place) => ({
      model,
      seed,
      src: addresses[place],
      name: model.classes[at] ?? null,
      caption: model.name,
    }));
    const groups = Map.groupBy(items, ({ model }) => model.card.dataset);
    byId("compare-groups").replaceChildren(...[...groups].map((group) => this.#group(...group)));
  }

  #group(dataset, items) {
    const id = `compare-${dataset}`;
    const title = element("h3", { id }, dataset);
    const tiles = element("div", { class: "tiles named", role: "group", "aria-labelledby": id });
    new Tiles(tiles, (all, at) => this.detail.open(all, at)).show(items);
    return element("section", {}, title, tiles);
  }

  #command() {
    const { seed, class: at } = this.state.now;
    return curl.fetching(
      this.models.map((model) => [model.address(seed, at, ""), `${model.name}-${seed}.png`]),
    );
  }
}
