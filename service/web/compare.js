// Compare: what every model makes of one seed, those of one data set together.

import * as api from "./api.js";
import * as curl from "./curl.js";
import { copy } from "./file.js";
import { byId, element } from "./page.js";
import { Panel } from "./panel.js";
import { Tiles } from "./tiles.js";

export class Compare extends Panel {
  #addresses = [];

  constructor(detail) {
    super(byId("compare"));
    this.detail = detail;
    byId("compare-curl").addEventListener("click", () => copy(this.#command(), "the command"));
  }

  show({ seed, class: chosen }, model, models) {
    const at = model.classOr(chosen);
    this.models = models;
    byId("compare-title").textContent = `Seed ${seed}, every model`;
    byId("compare-hint").textContent =
      at === null
        ? ""
        : "The models that take a class are given it; the others make what the seed gives.";
    this.wanted = { seed, at };
    return this.bring([models.map(({ digest }) => digest), seed, at], async (newest) => {
      const blobs = await Promise.all(models.map((one) => api.image(one, seed, at)));
      if (newest()) this.#take(models, addressesOf(blobs), { seed, at });
    });
  }

  #take(models, addresses, { seed, at }) {
    this.#addresses.forEach((address) => URL.revokeObjectURL(address));
    this.#addresses = addresses;
    const items = models.map((model, place) => ({
      model,
      seed,
      src: addresses[place],
      name: model.classes[at] ?? null,
      caption: model.name,
    }));
    const groups = Map.groupBy(items, ({ model }) => model.card.dataset);
    const sections = [...groups].map((group, place) => this.#group(`compare-${place}`, ...group));
    byId("compare-groups").replaceChildren(...sections);
  }

  #group(id, dataset, items) {
    const title = element("h3", { id }, dataset);
    const tiles = element("div", { class: "tiles named", role: "group", "aria-labelledby": id });
    new Tiles(tiles, (all, at) => this.detail.open(all, at)).show(items);
    return element("section", {}, title, tiles);
  }

  #command() {
    const { seed, at } = this.wanted;
    return curl.fetching(
      this.models.map((model) => [model.address(seed, at, ""), `${model.name}-${seed}.png`]),
    );
  }
}

const addressesOf = (blobs) => blobs.map((blob) => URL.createObjectURL(blob));
