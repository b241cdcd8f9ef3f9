// Divides the memory of a module into data segments, and leaves out long rows of zeros.

/** A row of at most so many zeros is smaller than the head of another segment. */
const GAP = 12;

/**
 * @param {import("binaryen").Module} wasm
 * @param {Uint8Array} memory
 */
export function segments(wasm, memory) {
  const found = [];
  for (let at = 0; at < memory.length; at++) {
    if (!memory[at]) continue;
    let end = at + 1;
    for (let zeros = 0, next = end; zeros < GAP && next < memory.length; next++) {
      if (memory[next]) [zeros, end] = [0, next + 1];
      else zeros++;
    }
    found.push({ offset: wasm.i32.const(at), data: memory.slice(at, end), passive: false });
    at = end;
  }
  return found;
}
