// The files of an archive that tools/build.py has written: stored or deflated, without ZIP64.

import { inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/** @param {Buffer} archive @returns {[path: string, content: Buffer][]} */
export function unzip(archive) {
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== END) throw new Error("This is no archive of segment-jimo.");
  let at = archive.readUInt32LE(end + 16);
  /** @type {[string, Buffer][]} */
  const files = [];
  while (archive.readUInt32LE(at) === ENTRY) {
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(start, start + size);
    files.push([archive.toString("utf8", at + 46, at + 46 + name), method ? inflateRawSync(content) : content]);
    at += 46 + name + extra + comment;
  }
  return files;
}
