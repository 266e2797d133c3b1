// SPDX-License-Identifier: MIT
//
// The views are HTML of the server. Script fetches them anew when something has happened and changes
// what differs; links between views do the same, so that sending goes on meanwhile. The Send view is
// put aside as it is, with all that was chosen, while another is looked at.
import { post, root } from "./api.js";
import { copyText, tell } from "./dom.js";
import { morph } from "./morph.js";
import { sendAgain } from "./sending.js";
import { count, pictures } from "./words.js";

const main = document.getElementById("content");
const REFRESH_MS = 400;
const HEADER_MS = 3000; // where only the header can change

let shown = () => {}; // called after each change of a view
let kept_send = null; // the nodes of the Send view while another is shown
let fetching = null; // AbortController
let is_going = false; // to another view: nothing is refreshed meanwhile
let is_stale = false;

export function onShown(hook) {
    shown = hook;
}

function viewOf(page) {
    return page.body.dataset.view;
}

async function fetchPage(href) {
    fetching?.abort();
    fetching = new AbortController();
    const response = await fetch(href, { headers: { Accept: "text/html" }, signal: fetching.signal });
    return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** Header, title and what the body says of itself. */
function takeFrame(page) {
    document.title = page.title;
    morph(document.querySelector("header"), page.querySelector("header"));
    document.body.dataset.view = viewOf(page);
    document.body.dataset.root = page.body.dataset.root;
}

function putSendAside() {
    if (document.body.dataset.view === "send") {
        kept_send = document.createDocumentFragment();
        kept_send.append(...main.childNodes);
    }
}

function takeView(page) {
    putSendAside();
    if (viewOf(page) === "send" && kept_send) {
        main.replaceChildren(kept_send);
        kept_send = null;
    } else {
        main.replaceChildren(...page.getElementById("content").childNodes);
    }
    takeFrame(page);
}

function silent(words) {
    const live = document.querySelector(".live");
    live.dataset.state = "gone";
    live.querySelector("b").textContent = words;
    live.querySelector("span")?.remove();
}

/** Go to another view. */
export async function show(href, push = true) {
    let page;
    is_going = true;
    try {
        page = await fetchPage(href);
    } catch (error) {
        if (error.name !== "AbortError") {
            tell("The server does not answer. Wait a moment and try again.");
        }
        return;
    } finally {
        is_going = false;
    }
    if (!page.getElementById("content")) {
        location.href = href;
        return;
    }
    if (push) {
        history.pushState(null, "", href);
    }
    takeView(page);
    shown(viewOf(page));
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
}

async function refreshNow() {
    const href = location.href;
    let page;
    if (is_going) {
        return;
    }
    try {
        page = await fetchPage(href);
    } catch (error) {
        if (error.name !== "AbortError") {
            silent("Not connected");
        }
        return;
    }
    if (href !== location.href || !page.getElementById("content")) {
        return;
    }
    if (viewOf(page) !== "send") {
        morph(main, page.getElementById("content"));
    }
    takeFrame(page);
    shown(viewOf(page));
}

let timer = null;

/** Something has happened: soon look again, at most so often; what nobody sees waits. */
export function refresh() {
    if (document.visibilityState === "hidden") {
        is_stale = true;
    } else {
        timer ??= setTimeout(async () => {
            await refreshNow();
            timer = null;
        }, /^(send|help)$/.test(document.body.dataset.view) ? HEADER_MS : REFRESH_MS);
    }
}

// ---- actions

const ACTIONS = {
    "retry": { path: "api/retry", done: n => `${pictures(n)} ${n === 1 ? "is" : "are"} tried again.` },
    "stop": { path: "api/stop", done: n => n === 0
        ? "Stopped. Nothing was waiting any more."
        : `Stopped. ${pictures(n)} that waited went to failed, and can be tried again there.` },
    "rename": { path: "api/folders/rename", done: () => "Renamed. The pictures in it are processed now." },
    "make-folder": { path: "api/folders", done: () => "The folder is there." },
    "pause": { path: "api/pause", done: () => "Paused. New pictures wait; what has begun is finished." },
    "resume": { path: "api/resume", done: () => "It goes on." },
    "sign-in": { path: "api/sign-in", done: () => "You are signed in." },
};

function bodyOf(form, button) {
    const { action, ...own } = button.dataset;
    const body = { ...Object.fromEntries(new FormData(form)), ...own };
    if (body.rows) {
        body.rows = String(body.rows).split(",").map(Number);
    }
    if (body.all) {
        body.all = true;
    }
    return body;
}

async function act(form, button) {
    const action = ACTIONS[button.dataset.action];
    button.disabled = true;
    try {
        const answer = await post(action.path, bodyOf(form, button));
        const refused = (answer.refused ?? []).map(one => `${one.what}: ${one.why}`);
        const is_all = refused.length === 0 || answer.done > 0;
        tell([...(is_all ? [action.done(answer.done ?? 0)] : []), ...refused.slice(0, 3),
            ...(refused.length > 3 ? [`And ${count(refused.length - 3)} more.`] : [])].join(" "));
    } catch (error) {
        tell(error.message);
    } finally {
        button.disabled = false;
        refresh();
    }
}

// ---- what is pressed

function isView(link) {
    const path = link.pathname.startsWith(root.pathname) && link.pathname.slice(root.pathname.length);
    return link.origin === root.origin && path !== false && !link.hasAttribute("download") &&
        !link.target && /^(|now|problems|folders|help|drop\/[^/]+)$/.test(path);
}

function pressed(event) {
    const copy = event.target.closest("button[data-copy]");
    if (copy) {
        copyText(copy.dataset.copy || location.href);
        tell("Copied.");
        return;
    }
    const again = event.target.closest("button[data-again]");
    if (again) {
        sendAgain(again.dataset.again, again.dataset.path);
        return;
    }
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link && plain && !event.defaultPrevented && isView(link) &&
        !(link.hash && link.pathname === location.pathname)) {
        event.preventDefault();
        show(link.href);
    }
}

/** @stopping is called with a drop before it is stopped at the server. */
export function startViews(stopping) {
    document.addEventListener("click", pressed);
    document.addEventListener("submit", event => {
        const button = event.submitter;
        if (button?.dataset.action in ACTIONS) {
            event.preventDefault();
            if (button.dataset.action === "stop") {
                stopping(bodyOf(event.target, button).drop);
            }
            act(event.target, button);
        }
    });
    addEventListener("popstate", () => show(location.href, false));
    document.addEventListener("visibilitychange", () => {
        if (is_stale && document.visibilityState === "visible") {
            is_stale = false;
            refresh();
        }
    });
}
