import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DEFLATED = 8;

/** Unpacks a zip archive as Netlify's bundler writes them, and names its files. */
export async function unzip(archive: string, folder: string): Promise<string[]> {
  const zip = await readFile(archive);
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const target = join(folder, name);
    if (!target.startsWith(folder + sep)) throw new Error(`${name} leads out of the archive.`);
    if (!name.endsWith('/')) {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content(zip, at));
      names.push(name);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** The bytes of the file whose entry in the central directory begins at `at`. */
function content(zip: Buffer, at: number): Buffer {
  const method = zip.readUInt16LE(at + 10);
  const length = zip.readUInt32LE(at + 20);
  const local = zip.readUInt32LE(at + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const data = zip.subarray(start, start + length);
  return method === DEFLATED ? inflateRawSync(data) : data;
}
