// Notice: an error where it belongs, with a way on.

import { element } from "./page.js";

/** Show a message; `again` is what its button does. */
export function show(place, message, again = null, label = "Try again") {
  const button = element("button", { type: "button" }, label);
  button.addEventListener("click", () => again?.());
  place.replaceChildren(element("p", {}, message), ...(again ? [button] : []));
  place.hidden = false;
}

export function clear(place) {
  place.hidden = true;
  place.replaceChildren();
}
