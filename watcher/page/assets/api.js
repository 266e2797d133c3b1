// SPDX-License-Identifier: MIT
//
// Asking the server. Whatever sub-path the page lives under, addresses begin at `root`.

export const root = new URL(document.body.dataset.root || "./", location.href);

export function address(path) {
    return new URL(path, root).href;
}

/** A path of files with each part escaped, slashes between. */
export function escapePath(path) {
    return path.split("/").map(encodeURIComponent).join("/");
}

/** An answer that is no success; status 0: nobody answered. */
export class Refused extends Error {
    constructor(status, answer) {
        super([answer.what, answer.why, answer.todo].filter(Boolean).map(sentence).join(" "));
        this.status = status;
        this.answer = answer;
    }
}

/** "the disk is full" -> "The disk is full." */
export function sentence(words) {
    const text = words.trim();
    return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

export const SILENT = {
    error: "silent",
    what: "The server does not answer",
    todo: "Wait a moment, or see whether this computer still has a network",
};

/** What a refusal says of itself, also when a proxy wrote it. */
export function refusal(status, text) {
    try {
        return new Refused(status, JSON.parse(text));
    } catch {
        return new Refused(status, { what: `The server could not do this (${status})` });
    }
}

/** fetch() that throws Refused unless the answer is a success. */
export async function ask(path, options = {}) {
    let response;
    try {
        response = await fetch(address(path), options);
    } catch (error) {
        if (error.name === "AbortError") {
            throw error;
        }
        throw new Refused(0, SILENT);
    }
    if (!response.ok) {
        throw refusal(response.status, await response.text());
    }
    return response;
}

export async function get(path, options) {
    return (await ask(path, options)).json();
}

export async function post(path, body) {
    const response = await ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
    });
    return response.json();
}
