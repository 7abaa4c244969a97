// Notice: an error where it belongs, with a way on.

import { element } from "./page.js";

/** Show paragraphs, each a text or a list of its parts; `again` is what the button does. */
export function show(place, paragraphs, again = null, label = "Try again") {
  const button = element("button", { type: "button" }, label);
  button.addEventListener("click", () => again?.());
  const said = paragraphs.map((parts) => element("p", {}, ...[parts].flat()));
  place.replaceChildren(element("div", {}, ...said), ...(again ? [button] : []));
  place.hidden = false;
}

export function clear(place) {
  place.hidden = true;
  place.replaceChildren();
}
