// SPDX-License-Identifier: MIT
//
// Sending one drop: three files at once, the smallest first, each tried three times. A file is sent
// whole or not at all. When nobody answers, nothing counts as tried: it waits and goes on by itself.
//
//   sending <-> paused      by the person, or because the server has no room
//   sending <-> waiting     the server does not answer; asked again and again
//   sending  -> sent        all are there
//   sending  -> partly      some could not be sent: named, to be tried again or left out
//   any      -> stopped     by the person
import { ask, address, escapePath, refusal } from "./api.js";

const AT_ONCE = 3;
const TRIES = 3;
const AGAIN_MS = [1000, 4000];
const RATE_MS = 8000; // over how long the rate is taken

async function answers() {
    try {
        await ask("healthz");
    } catch (error) {
        return error.status !== 0;
    }
    return true;
}

/** Whether the file is still there as it was when it was chosen. */
async function isReadable(file) {
    try {
        await file.slice(0, 1).arrayBuffer();
    } catch {
        return false;
    }
    return true;
}

export class Upload {
    /**
     * @drop: {id, title, chain}; @files: {path, file}; @here: path -> bytes of what is there already.
     * @changed is called, often, when something has moved.
     */
    constructor(drop, files, here, changed) {
        this.drop = drop;
        this.changed = changed;
        const is_here = one => here.get(one.path) === one.file.size;
        const there = files.filter(is_here);
        this.queue = files.filter(one => !is_here(one)).sort((a, b) => a.file.size - b.file.size);
        this.total = files.length;
        this.skipped = there.length;
        this.sent = there.length;
        this.bytes = files.reduce((sum, one) => sum + one.file.size, 0);
        this.bytes_done = there.reduce((sum, one) => sum + one.file.size, 0);
        this.active = new Map(); // request -> {one, loaded}
        this.failed = []; // {one, why}
        this.why = ""; // why it is paused or waits
        this.past = []; // {at_ms, bytes}
        this.state = "sending";
    }

    get isOver() {
        return this.state === "sent" || this.state === "stopped";
    }

    get bytesSent() {
        let sum = this.bytes_done;
        for (const { loaded } of this.active.values()) {
            sum += loaded;
        }
        return sum;
    }

    /** Bytes a second over the last seconds; 0 when not known. */
    get rate() {
        const [first, last] = [this.past[0], this.past.at(-1)];
        const ms = first ? last.at_ms - first.at_ms : 0;
        return ms > 500 ? Math.max(0, 1000 * (last.bytes - first.bytes) / ms) : 0;
    }

    get secondsLeft() {
        return this.rate > 0 ? (this.bytes - this.bytesSent) / this.rate : null;
    }

    set(state, why = "") {
        this.state = state;
        this.why = why;
        if (state !== "sending") {
            this.past = [];
        }
        this.changed(this);
    }

    noted() {
        const at_ms = performance.now();
        this.past.push({ at_ms, bytes: this.bytesSent });
        while (this.past[0].at_ms < at_ms - RATE_MS) {
            this.past.shift();
        }
        this.changed(this);
    }

    // ---- what a person does

    start() {
        this.set("sending");
        this.next();
    }

    pause(why = "") {
        this.set("paused", why);
        this.takeBack();
    }

    stop() {
        this.set("stopped");
        this.takeBack();
        this.queue = [];
    }

    /** Try once more what could not be sent; with @replace in the place of what is there. */
    again(replace) {
        this.queue = this.failed.map(({ one }) => ({ ...one, tries: 0, replace }));
        this.failed = [];
        this.start();
    }

    leaveOut() {
        this.total -= this.failed.length;
        this.failed = [];
        this.set("sent");
    }

    takeBack() {
        for (const [request, { one }] of this.active) {
            this.queue.unshift(one);
            this.active.delete(request);
            request.abort();
        }
    }

    // ---- one file

    next() {
        while (this.state === "sending" && this.active.size < AT_ONCE && this.queue.length > 0) {
            this.put(this.queue.shift());
        }
        if (this.state === "sending" && this.active.size === 0 && this.queue.length === 0) {
            this.set(this.failed.length > 0 ? "partly" : "sent");
        }
    }

    put(one) {
        const request = new XMLHttpRequest();
        const query = one.replace ? "?replace=1" : "";
        this.active.set(request, { one, loaded: 0 });
        request.open("PUT", address(`api/drops/${this.drop.id}/files/${escapePath(one.path)}${query}`));
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.upload.addEventListener("progress", event => {
            if (this.active.has(request)) {
                this.active.get(request).loaded = Math.min(event.loaded, one.file.size);
                this.noted();
            }
        });
        request.addEventListener("loadend", () => this.ended(request, one));
        request.send(one.file);
    }

    ended(request, one) {
        if (!this.active.delete(request)) {
            return; // taken back
        }
        const { status } = request;
        if (status >= 200 && status < 300) {
            this.done(one);
        } else if (status === 0) {
            this.broken(one);
        } else {
            this.refused(one, refusal(status, request.responseText));
        }
        this.next();
    }

    done(one) {
        this.sent++;
        this.bytes_done += one.file.size;
        this.noted();
    }

    fail(one, why, status) {
        this.failed.push({ one, why, status });
        this.changed(this);
    }

    refused(one, error) {
        const { status, answer } = error;
        if (status === 409 && answer.bytes === one.file.size) {
            this.done(one);
        } else if (status === 507) {
            this.queue.unshift(one);
            this.pause(error.message);
        } else if (status >= 500 || status === 429) {
            this.later(one, error.message);
        } else {
            this.fail(one, error.message, status);
        }
    }

    /** After a while once more, unless that was the last try. */
    later(one, why) {
        one.tries = (one.tries ?? 0) + 1;
        if (one.tries >= TRIES) {
            return this.fail(one, why, 0);
        }
        const place = {}; // keeps the drop from being over meanwhile
        this.active.set(place, { one, loaded: 0 });
        place.abort = () => clearTimeout(place.timer);
        place.timer = setTimeout(() => {
            this.active.delete(place);
            this.queue.unshift(one);
            this.next();
        }, AGAIN_MS[one.tries - 1]);
    }

    /** The connection broke: the file is gone, this file is not wanted, or nobody is there. */
    async broken(one) {
        const place = { abort() {} };
        this.active.set(place, { one, loaded: 0 });
        const readable = await isReadable(one.file);
        const alive = await answers();
        if (!this.active.delete(place)) {
            return;
        }
        if (!readable) {
            this.fail(one, "It is not there any more as it was chosen.", 0);
        } else if (alive) {
            this.later(one, "The connection broke each time.");
        } else {
            this.queue.unshift(one);
            this.wait();
        }
        this.next();
    }

    async wait() {
        if (this.state !== "sending") {
            return;
        }
        this.set("waiting", "The server does not answer. Sending goes on by itself when it does.");
        this.takeBack();
        for (let ms = 1000; this.state === "waiting"; ms = Math.min(15000, 2 * ms)) {
            await new Promise(good => setTimeout(good, ms));
            if (this.state === "waiting" && await answers() && this.state === "waiting") {
                this.start();
            }
        }
    }
}
