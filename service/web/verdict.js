// Verdict: what a discriminator says of a picture, in words and bars.

import { element } from "./page.js";

const KINDS = {
  probability: ["Real", "Its probability of being a real image."],
  classes: ["Real", "Its probability of being any of the classes, and not generated."],
  certainty: ["Sure", "How sure the discriminator is of the class: 1 is certain, 0 is a guess."],
  target: ["Score", "Real images were drawn to one value, generated ones to another."],
  critic: ["Critic", "Higher is more real; only differences between pictures mean something."],
  energy: ["Energy", "The error of rebuilding the picture: lower is more real."],
};
const SHARES = ["probability", "classes", "certainty"];

const percent = (share) => `${(100 * share).toFixed(share > 0.0995 && share < 0.9995 ? 0 : 1)} %`;
const figure = (value) => Number(value.toPrecision(4)).toString();

/** Write an answer of `POST /discriminate`. */
export function write(said) {
  return [
    ...(said.realness ? realness(said.realness) : []),
    ...(said.classes ? [bars("Class", Object.entries(said.classes))] : []),
    ...(said.codes ? codes(said.codes) : []),
  ];
}

/** Say the same in a line. */
export function summary({ realness: said, classes }) {
  const [most] = Object.entries(classes ?? {}).sort(([, a], [, b]) => b - a);
  const parts = [
    ...(said ? [`${KINDS[said.kind]?.[0] ?? said.kind} ${written(said)}`] : []),
    ...(most ? [`class ${most[0]}, ${percent(most[1])}`] : []),
  ];
  return parts.join("; ");
}

const written = ({ kind, value }) => (SHARES.includes(kind) ? percent(value) : figure(value));

function realness(said) {
  const { kind, value } = said;
  const [name, meaning] = KINDS[kind] ?? [kind, ""];
  const shown = element("strong", {}, written(said));
  const line = element("p", { class: "realness" }, element("span", {}, name), shown);
  const meter = SHARES.includes(kind) ? [bar(value)] : [];
  return [line, ...meter, element("p", { class: "hint" }, meaning)];
}

function codes({ categorical, continuous }) {
  const means = continuous.map((mean, at) => {
    return [element("dt", {}, `Continuous ${at + 1}`), element("dd", {}, figure(mean))];
  });
  const list = means.length ? [element("dl", { class: "facts" }, ...means.flat())] : [];
  return [
    ...categorical.map((shares, at) => bars(`Category ${at + 1}`, Object.entries(shares))),
    ...list,
  ];
}

/** Draw shares as bars, the largest in colour. */
function bars(title, shares) {
  const most = Math.max(...shares.map(([, share]) => share));
  const rows = shares.map(([name, share]) =>
    element(
      "li",
      { class: share === most ? "most" : "" },
      element("span", {}, name),
      bar(share),
      element("span", { class: "share" }, percent(share)),
    ),
  );
  return element("div", { class: "bars" }, element("h3", {}, title), element("ol", {}, ...rows));
}

function bar(share) {
  const filled = element("i");
  filled.style.inlineSize = `${100 * share}%`;
  return element("span", { class: "bar-of", "aria-hidden": "true" }, filled);
}
