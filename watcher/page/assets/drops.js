// SPDX-License-Identifier: MIT
//
// "Mine": what this browser has sent, or wanted to. It is a list in the browser's own storage; the
// server knows nothing of it, and losing it loses no picture.
import { root } from "./api.js";

const KEY = `dropmill:drops:${root.pathname}`;
const MOST = 100;

function read() {
    try {
        return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
        return [];
    }
}

function write(drops) {
    try {
        localStorage.setItem(KEY, JSON.stringify(drops.slice(0, MOST)));
    } catch {
        // Without storage the page works, and forgets.
    }
}

export function all() {
    return read();
}

export function find(id) {
    return read().find(drop => drop.id === id);
}

/** Remember a drop, the newest first; members that are not given stay as they are. */
export function remember(drop) {
    const rest = read().filter(other => other.id !== drop.id);
    write([{ ...find(drop.id), ...drop }, ...rest]);
}

export function forget(id) {
    write(read().filter(drop => drop.id !== id));
}

/** A word kept between visits: the chain of last time, how fast sending went. */
export function keep(name, value) {
    try {
        localStorage.setItem(`dropmill:${name}:${root.pathname}`, value);
    } catch {
        // As above.
    }
}

export function kept(name) {
    try {
        return localStorage.getItem(`dropmill:${name}:${root.pathname}`);
    } catch {
        return null;
    }
}
