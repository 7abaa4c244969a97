// Walk: the way from one seed to another, frame by frame. All frames come at once, and the slider
// moves among them without asking again.

import * as api from "./api.js";
import { classOf, offerClasses } from "./controls.js";
import * as curl from "./curl.js";
import { copy, saveBlob } from "./file.js";
import { frames } from "./npy.js";
import { byId } from "./page.js";
import { Panel } from "./panel.js";
import { seedField, showSeed } from "./seed.js";

const MILLISECONDS = 80; // a frame, as in the animations that are downloaded
const STOPS = 16; // so many frames are on the film

export class Walk extends Panel {
  #frames = [];
  #timer = 0;

  constructor(state) {
    super(byId("walk"));
    this.state = state;
    this.slider = byId("walk-frame");
    this.slider.addEventListener("input", () => {
      this.#pause();
      this.#draw();
    });
    const on = (id, does) => byId(id).addEventListener("click", does);
    on("walk-play", () => (this.#timer ? this.#pause() : this.#play()));
    on("walk-download", () => this.#download());
    on("walk-curl", () => {
      copy(curl.posting("interpolate", this.#gif(), this.#file), "the command");
    });
    const change = (id, some) => {
      byId(id).addEventListener("change", ({ target }) => state.set(some(target)));
    };
    change("walk-frames", ({ value }) => ({ frames: Number(value) }));
    change("walk-loop", ({ checked }) => ({ loop: checked }));
    change("walk-class", (select) => ({ toClass: classOf(select) }));
    const parts = {
      input: byId("walk-to"),
      shuffle: byId("walk-shuffle"),
      error: byId("walk-to-error"),
    };
    seedField(parts, (to) => state.set({ to }));
  }

  show(state, model) {
    this.model = model;
    byId("walk-title").textContent = `From seed ${state.seed} to seed ${state.to}`;
    showSeed(byId("walk-to"), state.to);
    byId("walk-class-field").hidden = model.classes.length === 0;
    offerClasses(byId("walk-class"), model, state.toClass);
    byId("walk-frames").value = String(state.frames);
    byId("walk-loop").checked = state.loop;
    const body = this.#body();
    return this.bring([model.digest, body], async (newest) => {
      const made = frames(await api.walk(model, body));
      if (newest()) this.#take(made);
    });
  }

  /** Stop what moves, when another view is shown. */
  hide() {
    this.#pause();
  }

  #body() {
    const { seed, class: from, to, toClass, frames: steps, loop } = this.state.now;
    const [first, last] = [this.model.fields(seed, from), this.model.fields(to, toClass)];
    const keyframes = [first, last].map(({ model, ...keyframe }) => keyframe);
    return { model: this.model.name, keyframes, steps, loop };
  }

  #gif() {
    return { ...this.#body(), format: "gif" };
  }

  get #file() {
    const { seed, to } = this.state.now;
    return `${this.model.name}-${seed}-to-${to}.gif`;
  }

  #take(made) {
    this.#frames = made;
    this.slider.max = made.length - 1;
    const screen = byId("walk-screen");
    screen.width = made[0].width;
    screen.height = made[0].height;
    this.#drawFilm();
    this.#draw();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#play();
  }

  #draw() {
    const at = Number(this.slider.value);
    byId("walk-screen").getContext("2d").putImageData(this.#frames[at], 0, 0);
    const text = `Frame ${at + 1} of ${this.#frames.length}`;
    byId("walk-at").textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
  }

  #drawFilm() {
    const film = byId("walk-film");
    const { width, height } = this.#frames[0];
    const stops = Math.min(STOPS, this.#frames.length);
    Object.assign(film, { width: width * stops, height });
    for (let stop = 0; stop < stops; stop++) {
      const at = Math.round((stop * (this.#frames.length - 1)) / (stops - 1));
      film.getContext("2d").putImageData(this.#frames[at], stop * width, 0);
    }
  }

  #play() {
    this.#pause();
    this.#timer = setInterval(() => {
      this.slider.value = (Number(this.slider.value) + 1) % this.#frames.length;
      this.#draw();
    }, MILLISECONDS);
    byId("walk-play").textContent = "Pause";
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = 0;
    byId("walk-play").textContent = "Play";
  }

  #download() {
    return this.attempt(
      async () => saveBlob(await api.make(this.model, "interpolate", this.#gif()), this.#file),
      () => this.#download(),
    );
  }
}
