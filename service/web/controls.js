// Controls: which model, class and seed, and what the model's card says.

import { byId, element, offer } from "./page.js";
import { seedField, showSeed } from "./seed.js";

export const DRAWN = [["", "Drawn from the seed"]];

/** List a model's classes to choose from, first what no class means. */
export function offerClasses(select, model, at, first = DRAWN) {
  const named = model.classes.map((name, index) => [String(index), name]);
  offer(select, [...first, ...named], String(model.classOr(at) ?? first[0]?.[0] ?? 0));
}

/** Read the class that is chosen: its index, or null. */
export const classOf = (select) => (select.value === "" ? null : Number(select.value));

export class Controls {
  constructor(state) {
    this.model = byId("model");
    this.class = byId("class");
    this.seed = byId("seed");
    const step = (some) => state.set(some, { step: true });
    this.model.addEventListener("change", () => step({ model: this.model.value, weights: "" }));
    this.class.addEventListener("change", () => step({ class: classOf(this.class) }));
    const parts = { input: this.seed, shuffle: byId("shuffle"), error: byId("seed-error") };
    seedField(parts, (seed) => state.set({ seed }));
  }

  /** Offer the models that are served, those of one data set together. */
  offerModels(models) {
    const sets = Map.groupBy(models, (model) => model.card.dataset);
    const groups = [...sets].map(([dataset, some]) => {
      const options = some.map(({ name }) => element("option", { value: name }, name));
      return element("optgroup", { label: dataset }, ...options);
    });
    this.model.replaceChildren(...groups);
    this.class.replaceChildren(); // this and the card are of the one that is shown next, if any
    byId("card").replaceChildren();
  }

  show(state, model) {
    this.model.value = model.name;
    showSeed(this.seed, state.seed);
    const conditional = model.classes.length > 0;
    this.class.disabled = !conditional;
    byId("class-hint").textContent = conditional
      ? ""
      : `The generator of ${model.name} takes no class.`;
    offerClasses(this.class, model, state.class, conditional ? DRAWN : [["", "None"]]);
    byId("card").replaceChildren(
      ...facts(model).map(([term, text]) =>
        element("div", {}, element("dt", {}, term), element("dd", {}, text)),
      ),
    );
  }
}

/** List what is worth knowing of a model. */
function facts(model) {
  const { variant, dataset, metrics, image } = model.card;
  const fid = metrics.in_domain_fid;
  const floor = fid && fid.floor !== null ? ` (real images ${fid.floor.toFixed(3)})` : "";
  const measured = fid ? [["FID", `${fid.value.toFixed(3)}${floor}`]] : [];
  return [
    ["Variant", variant],
    ["Data", dataset],
    ["Size", `${image.width} × ${image.height}${image.channels === 3 ? ", colour" : ""}`],
    ...measured,
    ["Weights", model.weights],
  ];
}
