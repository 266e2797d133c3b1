// SPDX-License-Identifier: MIT
//
// The uploads of this tab: what the other views show of them (the server knows the drop, this tab
// alone knows how fast it goes and can pause it), and the warning when the page is left meanwhile.
import { ask, escapePath, get, post } from "./api.js";
import { button, make, tell } from "./dom.js";
import * as drops from "./drops.js";
import { Upload } from "./upload.js";
import { bytes, count, duration, names, pictures } from "./words.js";

const BEAT_MS = 5000;
const uploads = new Map(); // id -> Upload

/** Another tab sends this drop, or did so a moment ago. */
export function isElsewhere(drop) {
    return !uploads.has(drop.id) && Date.now() - (drop.beat ?? 0) < 3 * BEAT_MS;
}

export function isHere(id) {
    return uploads.has(id) && !uploads.get(id).isOver;
}

export function isBusy() {
    return [...uploads.values()].some(upload => !upload.isOver);
}

/** How many of a drop have arrived, by what api/drops/ID says. */
export function arrived({ waiting, processing, done, failed }) {
    return waiting + processing + done + failed;
}

/** Path -> bytes of all that the server has of a drop. */
async function whatIsThere(id) {
    const here = new Map();
    for (let next = "first"; next;) {
        const page = await get(`api/drops/${id}/files${next === "first" ? "" : `?after=${next}`}`);
        for (const file of page.files) {
            here.set(file.path, file.original_bytes ?? file.bytes);
        }
        next = page.next;
    }
    return here;
}

/**
 * Make a drop, or go on with the one that @resume names, and send it. @files: {path, file}.
 * Throws Refused.
 */
export async function begin({ chain, title, files, resume, tell_done, folder }) {
    const size = files.reduce((sum, one) => sum + one.file.size, 0);
    const body = { chain, title, files: files.length, bytes: size, ...(resume ? { resume } : {}) };
    const drop = await post("api/drops", body);
    const here = resume ? await whatIsThere(drop.id) : new Map();
    const known = { id: drop.id, title: drop.title ?? title, chain };
    drops.remember({ ...known, files: files.length, sent: false, tell_done, folder, when: Date.now(),
        beat: Date.now() });
    const upload = new Upload(known, files, here, changed);
    uploads.set(drop.id, upload);
    if (upload.skipped > 0) {
        tell(`${pictures(upload.skipped)} are here already and are not sent again.`);
    }
    upload.start();
    return known;
}

/** Have a file chosen and send it in the place of one that was spoilt. */
export function sendAgain(id, path) {
    const input = make("input", { type: "file", hidden: true, id: "again" });
    document.body.append(input);
    input.addEventListener("cancel", () => input.remove());
    input.addEventListener("change", async () => {
        const [file] = input.files;
        input.remove();
        try {
            tell(`${path} is being sent. Keep this page open.`);
            await ask(`api/drops/${id}/files/${escapePath(path)}?replace=1`, { method: "PUT", body: file });
            tell(`${path} is sent again.`);
        } catch (error) {
            tell(error.message);
        }
    });
    input.click();
}

// ---- when something has moved

function remember(upload) {
    const beat = upload.isOver ? 0 : Date.now();
    drops.remember({ id: upload.drop.id, sent: upload.isOver, beat });
}

function over(upload) {
    const { title } = upload.drop;
    if (upload.state === "sent") {
        tell(`${title}: all ${count(upload.total)} are sent. You may close this page now.`);
    }
    uploads.delete(upload.drop.id);
    remember(upload);
}

let last_rate = 0;

function changed(upload) {
    if (upload.rate > 0) {
        last_rate = upload.rate;
    }
    if (upload.isOver) {
        if (last_rate > 0) {
            drops.keep("rate", String(Math.round(last_rate)));
        }
        over(upload);
    }
    show();
}

const show = (() => {
    let waiting = false;
    return () => {
        if (!waiting) {
            waiting = true;
            setTimeout(() => {
                waiting = false;
                decorate();
            }, 200);
        }
    };
})();

// ---- what the views show of it

function progressWords(upload) {
    const left = upload.secondsLeft;
    const words = [];
    if (upload.state === "sending" && upload.rate > 0) {
        words.push(`${bytes(Math.round(upload.rate))} a second`);
        words.push(`${duration(left)} left to send`);
    }
    return words.join(", ");
}

function hintWords(upload) {
    const states = {
        paused: upload.why || "Sending is paused",
        waiting: upload.why,
        partly: `${pictures(upload.failed.length)} could not be sent`,
    };
    return states[upload.state] ?? "Keep this page open while sending";
}

function pressPause(upload) {
    return upload.state === "sending" || upload.state === "waiting" ? upload.pause() : upload.start();
}

function pauseWords(upload) {
    const is_on = upload.state === "sending" || upload.state === "waiting";
    return is_on ? "Pause sending" : "Go on sending";
}

async function leaveOut(upload) {
    const { id, chain, title } = upload.drop;
    upload.leaveOut();
    await post("api/drops", { chain, title, resume: id, files: upload.total, bytes: upload.bytes, final: true })
        .catch(error => tell(error.message));
}

/** Which could not be sent and why, and what can be done about it. */
function failureNote(upload) {
    const whys = new Map();
    for (const { one, why } of upload.failed) {
        whys.set(why, [...whys.get(why) ?? [], one.path]);
    }
    const taken = upload.failed.every(({ status }) => status === 409);
    return make("div", { class: "gap small", role: "alert" },
        ...[...whys].map(([why, paths]) => make("p", {}, make("strong", {}, names(paths)), `: ${why}`)),
        make("div", { class: "row gap-s" },
            button(taken ? "Send them in its place" : "Try again", "tiny", () => upload.again(taken)),
            button("Leave them out", "tiny quiet", () => leaveOut(upload))));
}

/** The piece of ours with this name below @place, before @before; made by @make_it if it is not there. */
function ours(place, name, make_it, before) {
    let piece = place.querySelector(`:scope > [data-mine="${name}"]`);
    if (!piece) {
        piece = make_it();
        piece.dataset.mine = name;
        place.insertBefore(piece, before ? place.querySelector(`:scope > ${before}`) : null);
    }
    return piece;
}

function write(piece, words) {
    if (piece.textContent !== words) {
        piece.textContent = words;
    }
}

function decorateCard(card, upload) {
    const told = card.querySelector(".progress + .row");
    const acts = card.querySelector(".acts, .acts2");
    if (told) {
        write(ours(told, "rate", () => make("span", { class: "soft small" })), progressWords(upload));
        write(ours(told, "hint", () => make("span", { class: "soft small push" })), hintWords(upload));
    }
    if (acts) {
        const pause = ours(acts, "pause", () => button("", "", () => pressPause(upload)), "form");
        write(pause, pauseWords(upload));
        pause.hidden = upload.state === "partly";
    }
    const failed = upload.state === "partly" ? String(upload.failed.length) : "";
    const note = card.querySelector(':scope > [data-mine="failed"]');
    if (note && note.dataset.count !== failed) {
        note.remove();
    }
    if (failed) {
        ours(card, "failed", () => failureNote(upload)).dataset.count = failed;
    }
}

const STATE_WORDS = { paused: "Paused at", waiting: "Waiting for the server at" };

function headLink() {
    const bar = document.querySelector(".bar .live");
    const running = [...uploads.values()].filter(upload => !upload.isOver);
    let link = document.querySelector(".bar .sending");
    if (running.length === 0) {
        link?.remove();
        return;
    }
    link ??= make("a", { class: "sending", "data-mine": "sending" });
    const sent = running.reduce((sum, upload) => sum + upload.sent, 0);
    const total = running.reduce((sum, upload) => sum + upload.total, 0);
    const failed = running.reduce((sum, upload) => sum + upload.failed.length, 0);
    const rest = failed > 0 ? `, ${count(failed)} not sent` : "";
    link.href = `${document.body.dataset.root}now`;
    const state = STATE_WORDS[running[0].state] ?? "Sending";
    write(link, `${state} ${count(sent)} of ${count(total)}${rest}`);
    if (!link.isConnected) {
        bar.before(link);
    }
}

/** Add to the view what only this tab knows. */
export function decorate() {
    for (const card of document.querySelectorAll("main [data-drop]")) {
        const upload = uploads.get(card.dataset.drop);
        if (upload && !upload.isOver) {
            decorateCard(card, upload);
        } else {
            card.querySelectorAll("[data-mine]").forEach(old => old.remove());
        }
    }
    headLink();
}

/** Stop sending a drop; what has arrived stays. */
export function stop(id) {
    uploads.get(id)?.stop();
}

/** Watch over leaving: ask while something is unsent, here or by @isUnsent; let other tabs know who sends. */
export function guard(isUnsent) {
    addEventListener("beforeunload", event => {
        if (isBusy() || isUnsent()) {
            event.preventDefault();
            event.returnValue = "Not all pictures are sent.";
        }
    });
    addEventListener("pagehide", () => {
        for (const upload of uploads.values()) {
            drops.remember({ id: upload.drop.id, beat: 0 });
        }
    });
    setInterval(() => uploads.forEach(remember), BEAT_MS);
}
