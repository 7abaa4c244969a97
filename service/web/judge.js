// Judge: what a model's discriminator says of a picture that is drawn, dropped, pasted or chosen.

import * as api from "./api.js";
import { classOf, offerClasses } from "./controls.js";
import * as curl from "./curl.js";
import { copy, saveBlob } from "./file.js";
import * as notice from "./notice.js";
import { Pad } from "./pad.js";
import { byId, element } from "./page.js";
import { Panel } from "./panel.js";
import * as verdict from "./verdict.js";

const FILE = "picture.png";

export class Judge extends Panel {
  #sample = { of: null, class: null }; // the seed's image, while that is on the pad
  #own = false; // whether the picture is the visitor's
  #version = 0; // of what is on the pad
  #rebuilt = "";

  constructor(state) {
    super(byId("judge"));
    this.state = state;
    this.pad = new Pad(byId("judge-pad"), byId("judge-pen"), () => this.#take());
    const on = (id, what, does) => byId(id).addEventListener(what, does);
    on("judge-clear", "click", () => {
      this.pad.clear();
      this.#take();
    });
    on("judge-sample", "click", () => {
      this.#own = false;
      this.#sample.of = null;
      this.show(state.now, this.model);
    });
    on("judge-download", "click", async () => saveBlob(await this.pad.file(), FILE));
    on("judge-curl", "click", () => copy(curl.sending(this.#path, FILE), "the command"));
    on("judge-class", "change", ({ target }) => state.set({ as: classOf(target) }));
    on("judge-file", "change", ({ target }) => {
      this.open(target.files[0]);
      target.value = ""; // so that the same file may be chosen again
    });
  }

  /** Judge what is on the pad: the image of the seed, until there is another. */
  async show(state, model) {
    this.model = model;
    this.pad.fit(model.size);
    byId("judge-lacking").hidden = model.judges;
    byId("judge-body").hidden = !model.judges;
    byId("judge-lacking").textContent = `${model.name} was saved without its discriminator.`;
    if (!model.judges) return;
    if (this.#own) this.#judge();
    else await this.#bringSample(state);
  }

  /** Put a file's picture on the pad. */
  async open(file) {
    try {
      const picture = await createImageBitmap(file);
      this.pad.show(picture);
      this.#take();
    } catch {
      const found = file?.name ? `${file.name} is` : "That is";
      const why = `${found} no picture that this browser can read: try PNG or JPEG.`;
      notice.show(this.notice, [why]);
    }
  }

  #take() {
    this.#own = true;
    this.#version += 1;
    this.#judge();
  }

  #bringSample({ seed, class: at }) {
    const { model } = this;
    const fields = model.fields(seed, at);
    const of = JSON.stringify([model.digest, fields]);
    if (of === this.#sample.of) return this.#judge();
    return this.attempt(
      async (newest) => {
        const [image] = await api.generate(model, fields);
        const picture = Object.assign(new Image(), { src: image.src });
        await picture.decode();
        if (!newest() || this.#own) return;
        this.pad.show(picture);
        this.#sample = { of, class: model.indexOf(image.name) };
        this.#version += 1;
        this.#judge();
      },
      () => this.show(this.state.now, model),
    );
  }

  /** What the discriminator is told that the picture is to be of, where it is told. */
  get #class() {
    if (!this.model.judgesOfClass) return null;
    const sampled = this.#own ? null : this.#sample.class;
    const { as, class: at } = this.state.now;
    return this.model.classOr(as, this.model.classOr(sampled, this.model.classOr(at, 0)));
  }

  get #path() {
    return `discriminate?${this.model.query({ model: this.model.name }, this.#class)}`;
  }

  #judge() {
    const { model } = this;
    this.#showClass();
    if (this.pad.empty) {
      byId("judge-verdict").replaceChildren(element("p", { class: "hint" }, "Nothing drawn yet."));
      byId("judge-rebuilt").hidden = true;
    }
    const what = [model.digest, this.#class, this.#version];
    this.bring(what, async (newest) => {
      if (this.pad.empty) return;
      const picture = await this.pad.file();
      const [said, rebuilt] = await Promise.all([
        api.discriminate(model, this.#class, picture),
        model.rebuilds ? api.reconstruct(model, picture) : null,
      ]);
      if (newest() && !this.pad.empty) this.#tell(said, rebuilt);
    });
  }

  #showClass() {
    const { model } = this;
    byId("judge-class-field").hidden = !model.judgesOfClass;
    if (!model.judgesOfClass) return;
    offerClasses(byId("judge-class"), model, this.#class, []);
    byId("judge-class-hint").textContent =
      `The discriminator of ${model.name} is told what a picture is to be of.`;
  }

  #tell(said, rebuilt) {
    byId("judge-verdict").replaceChildren(...verdict.write(said));
    byId("judge-said").textContent = verdict.summary(said);
    URL.revokeObjectURL(this.#rebuilt);
    this.#rebuilt = rebuilt ? URL.createObjectURL(rebuilt) : "";
    byId("judge-rebuilt").hidden = !rebuilt;
    if (rebuilt) byId("judge-rebuilt-image").src = this.#rebuilt;
  }
}
