// Key: what opens a service that asks for one. This tab keeps it, and nothing else does.

const NAME = "ganforge-key";

export const key = {
  get value() {
    return sessionStorage.getItem(NAME) ?? "";
  },
  set value(text) {
    sessionStorage.setItem(NAME, text);
  },
  /** The headers that a request needs. */
  get headers() {
    return this.value ? { Authorization: `Bearer ${this.value}` } : {};
  },
};
