// SPDX-License-Identifier: MIT
//
// A peer for bench_ops.py: sharp, one process with a thread of libuv's pool a core, warm. An image
// has one thread, which is sharp's own choice on Debian (glibc), and best for many images at once.
//
//   peer_sharp.cjs THREADS OPERATION OUTDIR FILE...    prints wall and CPU seconds and peak MB
'use strict';
const path = require('path');
const [, , threads, operation, outdir, ...files] = process.argv;
process.env.UV_THREADPOOL_SIZE = threads; // before the pool is there
const sharp = require('sharp');

// Rotated, the canvas has grown: its middle of the old size.
function rotateAndKeep(image, { width, height }) {
  const sin = Math.sin(Math.PI / 6), cos = Math.cos(Math.PI / 6);
  return image.rotate(30, { background: '#000' }).extract({
    left: Math.floor((width * cos + height * sin - width) / 2),
    top: Math.floor((width * sin + height * cos - height) / 2),
    width,
    height,
  });
}

const operations = {
  'copy': (image) => image,
  'invert': (image) => image.negate(),
  'brighten': (image) => image.linear(1.2, 0),
  'blur-k5': (image) => image.blur(1.1),
  'median-3': (image) => image.median(3),
  'sharpen': (image) =>
    image.convolve({ width: 3, height: 3, kernel: [0, -1, 0, -1, 5, -1, 0, -1, 0] }),
  'rotate-30-keep': rotateAndKeep,
  'resize-400': (image) => image.resize(400),
};

async function processOne(file, size) {
  const image = operations[operation](sharp(file), size);
  await image.jpeg({ quality: 85 }).toFile(path.join(outdir, path.basename(file)));
}

async function takeFiles(queue, size) {
  for (let file; (file = queue.pop()) !== undefined;) {
    await processOne(file, size);
  }
}

async function main() {
  const size = await sharp(files[0]).metadata();
  await processOne(files[0], size);
  const queue = [...files], cpu = process.cpuUsage(), begin = process.hrtime.bigint();
  await Promise.all(Array.from({ length: Number(threads) }, () => takeFiles(queue, size)));
  const wall = Number(process.hrtime.bigint() - begin) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  console.log(wall.toFixed(6), ((user + system) / 1e6).toFixed(6),
    (process.resourceUsage().maxRSS / 1e3).toFixed(1));
}

if (!(operation in operations)) {
  process.exit(64);
}
sharp.cache(false);
main().catch((error) => {
  console.error(`peer_sharp: ${error.message}`);
  process.exit(1);
});
