// Pad: a canvas of the very pixels that a network sees, to draw on or to put a picture on.

const PEN = 2.4 / 28; // of the pad's width: the strokes of the digits that most models know

export class Pad {
  #at = null; // where the pen is, while it is down
  #cursor = { x: 0.5, y: 0.5, down: false };

  /** `marker` shows where the keyboard's pen is; `drawn` is called whenever a pen has drawn. */
  constructor(canvas, marker, drawn) {
    this.canvas = canvas;
    this.marker = marker;
    this.drawn = drawn;
    this.context = canvas.getContext("2d");
    canvas.addEventListener("pointerdown", (event) => this.#put(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => (this.#at = null));
    }
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => (marker.hidden = true));
    this.clear();
  }

  /** Fit the pad to a model; what is on it is kept. */
  fit({ width, height, channels }) {
    this.grey = channels === 1;
    if (this.canvas.width === width && this.canvas.height === height) return;
    const before = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    before.getContext("2d").drawImage(this.canvas, 0, 0);
    Object.assign(this.canvas, { width, height }); // this empties it
    this.#draw(before);
  }

  clear() {
    this.context.fillStyle = "black";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.empty = true;
  }

  /** Put a picture's centre square on the pad, what is transparent on white. */
  show(picture) {
    this.context.fillStyle = "white";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.#draw(picture);
    this.empty = false;
  }

  /** Return the picture as a file. */
  file() {
    return new Promise((done) => this.canvas.toBlob(done));
  }

  #draw(picture) {
    const { width, height } = this.canvas;
    const side = Math.min(picture.width, picture.height);
    const left = Math.floor((picture.width - side) / 2);
    const top = Math.floor((picture.height - side) / 2);
    this.context.imageSmoothingQuality = "high";
    this.context.filter = this.grey ? "grayscale(1)" : "none";
    this.context.drawImage(picture, left, top, side, side, 0, 0, width, height);
    this.context.filter = "none";
  }

  #put(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#at = place(event, this.canvas);
    this.#line(this.#at, this.#at);
  }

  #move(event) {
    if (!this.#at) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const to = place(one, this.canvas);
      this.#line(this.#at, to);
      this.#at = to;
    }
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    const from = { ...this.#cursor };
    if (!step) this.#cursor.down = !this.#cursor.down;
    else {
      this.#cursor.x = within(from.x + step[0] / this.canvas.width);
      this.#cursor.y = within(from.y + step[1] / this.canvas.height);
    }
    if (this.#cursor.down) this.#line(from, this.#cursor);
    this.#mark();
  }

  #mark() {
    const { x, y, down } = this.#cursor;
    this.marker.hidden = false;
    this.marker.classList.toggle("down", down);
    this.marker.style.insetInlineStart = `${100 * x}%`;
    this.marker.style.insetBlockStart = `${100 * y}%`;
  }

  /** Draw from place to place, both as shares of the pad's sides. */
  #line(from, to) {
    const { width, height } = this.canvas;
    Object.assign(this.context, { strokeStyle: "white", lineWidth: PEN * width, lineCap: "round" });
    this.context.beginPath();
    this.context.moveTo(from.x * width, from.y * height);
    this.context.lineTo(to.x * width, to.y * height);
    this.context.stroke();
    this.empty = false;
    this.drawn();
  }
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (share) => Math.max(0, Math.min(1, share));

function place({ clientX, clientY }, canvas) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return { x: (clientX - left) / width, y: (clientY - top) / height };
}
