// Model: one that is served, and what its card says it can do.

export const SHORT = 12; // of a digest's 64 digits, so many are shown

export class Model {
  constructor({ model, digest, card }) {
    this.name = model;
    this.digest = digest;
    this.card = card;
  }

  get classes() {
    return this.card.class_names;
  }

  get codes() {
    return this.card.codes;
  }

  get size() {
    return this.card.image;
  }

  get weights() {
    return this.digest.slice(0, SHORT);
  }

  get judges() {
    return this.card.discriminator !== null;
  }

  /** Whether its discriminator is told what an image is to be a picture of. */
  get judgesOfClass() {
    return Boolean(this.card.discriminator?.arguments.classes);
  }

  get rebuilds() {
    return this.card.heads.includes("energy");
  }

  /** Keep a class's index only where there is such a class. */
  classOr(at, otherwise = null) {
    return at !== null && at < this.classes.length ? at : otherwise;
  }

  /** Find a class by its name; null is no class. */
  indexOf(name) {
    return name === null ? null : this.classes.indexOf(name);
  }

  /** Write a query with a class by its name, which no index is taken for. */
  query(fields, at) {
    const named = this.classOr(at) === null ? {} : { class: this.classes[at] };
    return new URLSearchParams({ ...fields, ...named });
  }

  /** Return the address of one image, relative to the page. */
  address(seed, at, weights = this.digest) {
    const query = this.query({}, at).toString();
    const name = encodeURIComponent(this.name) + (weights ? `@${weights}` : "");
    return `images/${name}/${seed}.png${query && `?${query}`}`;
  }

  /** Write the fields that ask for images of a seed and a class. */
  fields(seed, at) {
    const body = { model: this.name };
    if (this.classOr(at) !== null) body.class = at;
    return { ...body, seed };
  }
}
