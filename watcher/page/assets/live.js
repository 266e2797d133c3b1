// SPDX-License-Identifier: MIT
//
// One event stream a browser: six of them would silently block the seventh tab. Who holds the lock
// listens and tells the other tabs over a channel. Where there are no locks (plain http from another
// machine), only the tab that is looked at listens. A stream that is refused is replaced by asking
// again and again, and tried anew after a minute.
import { address } from "./api.js";

const KINDS = ["state", "drop", "problem", "folder", "log", "resync"];
const POLL_MS = 3000;
const AGAIN_MS = 60000;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("dropmill") : null;
let heard = () => {};

function pass(kind, id) {
    heard(kind, id);
    channel?.postMessage({ kind, id });
}

function idOf(data) {
    try {
        return JSON.parse(data).id;
    } catch {
        return undefined;
    }
}

/** Listen until the function that it returns is called. */
function listen() {
    let source;
    let timer;
    const poll = left_ms => {
        pass("resync");
        timer = left_ms > 0 ? setTimeout(poll, POLL_MS, left_ms - POLL_MS) : setTimeout(open, 0);
    };
    const open = () => {
        source = new EventSource(address("api/events"));
        for (const kind of KINDS) {
            source.addEventListener(kind, event => pass(kind, idOf(event.data)));
        }
        source.addEventListener("open", () => pass("resync"));
        source.addEventListener("error", () => {
            pass("lost");
            if (source.readyState === EventSource.CLOSED) {
                timer = setTimeout(poll, POLL_MS, AGAIN_MS);
            }
        });
    };
    open();
    return () => {
        clearTimeout(timer);
        source.close();
    };
}

function listenWhileSeen() {
    let end = null;
    const turn = () => {
        if (document.visibilityState === "visible") {
            end ??= listen();
        } else {
            end?.();
            end = null;
        }
    };
    document.addEventListener("visibilitychange", turn);
    turn();
}

/** Call @act with the kind of each change and the drop that it is about, from now on. */
export function follow(act) {
    heard = act;
    channel?.addEventListener("message", event => heard(event.data.kind, event.data.id));
    if (channel && navigator.locks) {
        navigator.locks.request("dropmill-events", () => new Promise(() => { listen(); }));
    } else {
        listenWhileSeen();
    }
}
