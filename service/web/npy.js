// Npy: an array of NumPy's, (n, height, width, channels) of bytes, as frames for a canvas.

const HEAD = 10; // the magic, the version, and the length of what describes the array

/** Read the frames of a file. */
export function frames(buffer) {
  const length = new DataView(buffer).getUint16(8, true);
  const text = new TextDecoder("latin1").decode(new Uint8Array(buffer, HEAD, length));
  const [count, height, width, channels] = /\(([\d, ]+)\)/.exec(text)[1].split(",").map(Number);
  const size = height * width * channels;
  return Array.from({ length: count }, (_, at) => {
    const pixels = new Uint8Array(buffer, HEAD + length + at * size, size);
    return new ImageData(opaque(pixels, channels), width, height);
  });
}

/** Spread grey, or red, green and blue, to four channels. */
function opaque(pixels, channels) {
  const spread = new Uint8ClampedArray((pixels.length / channels) * 4).fill(255);
  for (let at = 0, to = 0; at < pixels.length; at += channels, to += 4) {
    spread[to] = pixels[at];
    spread[to + 1] = pixels[at + (channels > 1)];
    spread[to + 2] = pixels[at + 2 * (channels > 1)];
  }
  return spread;
}

/** Turn a frame into an address to show it from. */
export function dataAddress(frame) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: frame.width, height: frame.height });
  canvas.getContext("2d").putImageData(frame, 0, 0);
  return canvas.toDataURL();
}
