// Main: the parts of the page, and who is told what.

import { complaint } from "./address.js";
import * as advice from "./advice.js";
import * as api from "./api.js";
import { Codes } from "./codes.js";
import { Compare } from "./compare.js";
import { Controls } from "./controls.js";
import { Detail } from "./detail.js";
import { Grid } from "./grid.js";
import { Judge } from "./judge.js";
import { key } from "./key.js";
import { Model } from "./model.js";
import * as notice from "./notice.js";
import { byId } from "./page.js";
import { State } from "./state.js";
import { Tabs } from "./tabs.js";
import { Walk } from "./walk.js";

const page = byId("page-notice");
const state = new State(show);
const controls = new Controls(state);
const detail = new Detail(state);
const tabs = new Tabs((view) => state.set({ view }, { step: true }));
const judge = new Judge(state);
const views = {
  grid: new Grid(state, detail),
  walk: new Walk(state),
  codes: new Codes(state),
  compare: new Compare(detail),
  judge,
};
let models = [];

/** Show the state; what it names and is not there is said, and something else shown. */
function show(now) {
  tabs.show(now.view);
  for (const [name, view] of Object.entries(views)) {
    const shown = name === now.view && models.length > 0;
    if (!shown && !view.root.hidden) view.hide?.();
    view.root.hidden = !shown;
  }
  if (!models.length) return;
  const model = models.find(({ name }) => name === now.model) ?? chosen(now);
  state.fit(model);
  warn(now, model);
  controls.show(state.now, model);
  views[now.view].show(state.now, model, models);
}

/** Choose a model where the address names none that is served: one that takes a class, if any. */
function chosen(now) {
  const model = models.find(({ classes }) => classes.length) ?? models[0];
  state.now = { ...now, model: model.name, weights: model.weights };
  return model;
}

/** Say when a link will not show what it showed. */
function warn(now, model) {
  const wrong = state.wrong.map((one) => complaint(one, model));
  if (now.model && now.model !== model.name) {
    notice.show(page, [`No model is called ${now.model} here: this is ${model.name}.`, ...wrong]);
  } else if (now.weights && now.weights !== model.weights) {
    const others =
      `The link was made with the weights ${now.weights} of ${model.name}, which by now has ` +
      `${model.weights}: these images are others.`;
    const accept = () => state.set({ weights: model.weights });
    notice.show(page, [others, ...wrong], accept, "All right");
  } else {
    state.now.weights = model.weights;
    if (wrong.length) notice.show(page, wrong);
    else notice.clear(page);
  }
}

/** Ask what is served, at first and whenever a model has changed. */
async function load() {
  try {
    take((await api.cards()).map((one) => new Model(one)));
  } catch (problem) {
    if (problem.status === 401) return; // the key's form says it
    notice.show(page, [problem.message], load);
  }
}

/** Take up what is served; where nothing is new, a view that failed must not start again. */
function take(served) {
  const digests = (some) => some.map(({ name, digest }) => name + digest).join();
  if (served.length && digests(served) === digests(models)) return;
  models = served;
  byId("work").disabled = models.length === 0;
  controls.offerModels(models);
  notice.clear(page);
  if (!models.length) notice.show(page, advice.withoutModels(), load);
  show(state.now);
  state.settle();
}

api.events.addEventListener("changed", load);
api.events.addEventListener("refused", () => {
  byId("key-form").hidden = false;
  byId("key-hint").textContent = key.value
    ? "The service does not know this key."
    : "It stays in this tab and is forgotten when the tab closes.";
  byId("key").focus();
});
byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.value = byId("key").value.trim();
  byId("key-form").hidden = true;
  models = []; // so that all is asked for again
  load();
});

for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => event.preventDefault()); // a file must not replace the page
}
addEventListener("drop", ({ dataTransfer }) => receive(dataTransfer.files));
addEventListener("paste", ({ clipboardData }) => receive(clipboardData.files));

/** Judge a picture that came from elsewhere, whatever is shown. */
function receive([file]) {
  if (!file || !models.length || byId("detail").open) return;
  if (state.now.view !== "judge") state.set({ view: "judge" }, { step: true });
  judge.open(file);
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address holds the state
  byId("panels").focus();
});

load();
