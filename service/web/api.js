// The service: every request of the page, and its errors in the service's own words.

import { key } from "./key.js";

/** Tells who listens: `refused`, no key or a wrong one; `changed`, a model has other weights. */
export const events = new EventTarget();

/** What the service, or the way to it, has against a request. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const PAUSE = 300; // milliseconds

/** Send a request, and once more where its connection breaks, as when a phone changes networks. */
async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    await new Promise((done) => setTimeout(done, PAUSE));
    return fetch(path, options);
  }
}

/** Send a request; an answer that is not 2xx is thrown as a Problem. */
async function ask(path, { headers = {}, ...options } = {}) {
  let answer;
  try {
    answer = await reach(path, { ...options, headers: { ...headers, ...key.headers } });
  } catch {
    throw new Problem(0, "The service does not answer: is it running, and can it be reached?");
  }
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.status === 401) events.dispatchEvent(new Event("refused"));
  throw problem;
}

async function problemOf(answer) {
  const wait = answer.headers.get("retry-after");
  const said = await answer.json().catch(() => ({}));
  const detail = said.detail ?? `The service answered ${answer.status}.`;
  return new Problem(answer.status, wait ? `${detail} (in ${wait} s)` : detail);
}

/** Send a request to a model, and notice if it has other weights than the page knows. */
async function askModel(model, path, options) {
  try {
    const answer = await ask(path, options);
    const digest = answer.headers.get("x-model-digest");
    if (digest && digest !== model.digest) events.dispatchEvent(new Event("changed"));
    return answer;
  } catch (problem) {
    if (problem.status === 404) events.dispatchEvent(new Event("changed"));
    throw problem;
  }
}

function post(model, path, body) {
  return askModel(model, path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function cards() {
  return (await (await ask("models")).json()).models;
}

/** Make images: each has a seed, a class's name or null, and an address to show it from. */
export async function generate(model, body) {
  const answer = await (await post(model, "generate", { ...body, format: "json" })).json();
  return answer.images.map(({ seed, class: name, png }) => ({
    seed,
    name,
    src: `data:image/png;base64,${png}`,
  }));
}

/** Make a file in a format of the request's. */
export async function make(model, path, body) {
  return (await post(model, path, body)).blob();
}

export async function walk(model, body) {
  return (await post(model, "interpolate", { ...body, format: "npy" })).arrayBuffer();
}

/** Fetch one image from the address that a cache may keep. */
export async function image(model, seed, at) {
  return (await askModel(model, model.address(seed, at))).blob();
}

export async function discriminate(model, at, picture) {
  const path = `discriminate?${model.query({ model: model.name }, at)}`;
  return (await askModel(model, path, { method: "POST", body: picture })).json();
}

export async function reconstruct(model, picture) {
  const path = `reconstruct?${model.query({ model: model.name, format: "png" }, null)}`;
  return (await askModel(model, path, { method: "POST", body: picture })).blob();
}
