// SPDX-License-Identifier: MIT
//
// usage: node compress.mjs FILE...
//
// Puts beside each FILE what the server sends in its place to a client that
// takes it: FILE.br, FILE.gz, and FILE.zz in the format of zlib.
import { readFileSync, writeFileSync } from "node:fs";
import zlib from "node:zlib";

const level = { level: zlib.constants.Z_BEST_COMPRESSION };

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);

  writeFileSync(`${file}.br`, zlib.brotliCompressSync(bytes, {
    params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }));
  writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, level));
  writeFileSync(`${file}.zz`, zlib.deflateSync(bytes, level));
}
