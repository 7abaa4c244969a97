// The page: its elements, found by their ids, and new ones.

/** Return the element of an id; the page has every one that is asked for. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Make an element; text is never read as markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Fill a list to choose from with [value, text] pairs. */
export function offer(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
  select.value = chosen;
}

/** Say something to those who do not see it. */
export function say(text) {
  const status = byId("status");
  status.textContent = text;
  status.classList.remove("shown");
  void status.offsetWidth; // the class that comes back starts the fading anew
  status.classList.add("shown");
}
