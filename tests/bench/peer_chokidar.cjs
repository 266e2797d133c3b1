// SPDX-License-Identifier: MIT
//
// A peer for watch_peers.py: the hot folder that people script with chokidar and sharp. It takes
// what is renamed in at once, as many files as there are threads of libuv's pool, one thread each;
// a result appears under its name when it is whole, then its original moves away.
//
//   peer_chokidar.cjs THREADS WIDTH INBOX OUTBOX ORIGINALS    prints "ready", runs until killed
'use strict';
const fs = require('fs/promises');
const path = require('path');
const [, , threads, width, inbox, outbox, originals] = process.argv;
process.env.UV_THREADPOOL_SIZE = threads; // before the pool is there
const chokidar = require('chokidar');
const sharp = require('sharp');

async function processOne(file) {
  const name = path.basename(file), part = path.join(outbox, `.${name}.part`);
  await sharp(file).resize(Number(width)).jpeg({ quality: 85 }).toFile(part);
  await fs.rename(part, path.join(outbox, name));
  await fs.rename(file, path.join(originals, name));
}

const queue = [];
let busy = 0;

function takeFiles() {
  while (busy < Number(threads) && queue.length > 0) {
    busy++;
    processOne(queue.shift()).catch((error) => {
      console.error(`peer_chokidar: ${error.message}`);
      process.exit(1);
    }).finally(() => {
      busy--;
      takeFiles();
    });
  }
}

sharp.cache(false);
chokidar.watch(inbox, { ignoreInitial: true })
  .on('add', (file) => {
    queue.push(file);
    takeFiles();
  })
  .on('ready', () => console.log('ready'));
