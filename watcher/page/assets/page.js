// SPDX-License-Identifier: MIT
//
// Where the script begins. The map:
//
//   api words dom morph    asking the server; words; elements; making one tree like another
//   views live             the views of the server, kept fresh by its events
//   send                   the Send view: chosen, builder (parameter), preview
//   sending upload drops   the uploads of this tab; one of them; what this browser has sent
import { address, get } from "./api.js";
import { filesOfDrop } from "./chosen.js";
import { tell } from "./dom.js";
import * as drops from "./drops.js";
import { follow } from "./live.js";
import { Send } from "./send.js";
import { decorate, guard, stop } from "./sending.js";
import { onShown, refresh, show, startViews } from "./views.js";

let send = null;

async function startSend() {
    const form = document.getElementById("send");
    if (send || !form) {
        return send?.unsent();
    }
    try {
        const [catalogue, state] = await Promise.all([get("api/catalogue"), get("api/state")]);
        send ??= new Send(form, catalogue, state, () => show(address("now")));
    } catch (error) {
        tell(error.message); // the plain form stays, and works
    }
}

/** After each change of a view. */
function viewShown(view) {
    for (const element of document.querySelectorAll("main :is(.acts, .acts2) > .scripted")) {
        element.hidden = false;
    }
    decorate();
    return view === "send" ? startSend() : null;
}

// ---- dropping

function hasFiles(event) {
    return event.dataTransfer?.types.includes("Files");
}

async function dropped(event) {
    document.body.classList.remove("over");
    if (!hasFiles(event)) {
        return;
    }
    event.preventDefault();
    const found = filesOfDrop(event.dataTransfer); // at once: later the browser has forgotten them
    if (document.body.dataset.view !== "send") {
        await show(address("."));
    }
    await startSend();
    send?.take(await found);
}

function startDropping() {
    document.addEventListener("dragover", event => {
        if (hasFiles(event)) {
            event.preventDefault();
            event.dataTransfer.dropEffect = "copy";
            document.body.classList.add("over");
        }
    });
    document.addEventListener("dragleave", event => {
        if (!event.relatedTarget) {
            document.body.classList.remove("over");
        }
    });
    document.addEventListener("drop", dropped);
}

// ---- keys

const VIEWS = { 1: ".", 2: "now", 3: "problems", 4: "folders", 5: "help", "?": "help" };

function pressed(event) {
    const away = /^(INPUT|SELECT|TEXTAREA|BUTTON|A|SUMMARY)$/.test(event.target.nodeName);
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.nodeName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
        return;
    }
    if (event.key in VIEWS) {
        show(address(VIEWS[event.key]));
    } else if (event.key === "o" && send && document.body.dataset.view === "send") {
        send.choose(false);
    } else if (event.key === "Enter" && !away && send && document.body.dataset.view === "send") {
        send.form.requestSubmit();
    }
}

// ---- telling that a drop is done

async function tellDone(id) {
    const drop = drops.find(id);
    if (!drop?.tell_done || !drop.sent || drop.told) {
        return;
    }
    const there = await get(`api/drops/${id}`);
    if (there.state !== "done" || drops.find(id).told) {
        return;
    }
    drops.remember({ id, told: true });
    const failed = there.failed > 0 ? `, ${there.failed} could not be processed` : "";
    tell(`${drop.title} is done${failed}.`);
    if (Notification.permission === "granted") {
        const note = new Notification(`${drop.title} is done`, {
            body: `${there.done} of ${there.total}${failed}`, tag: id, icon: document.querySelector("link[rel=icon]").href,
        });
        note.addEventListener("click", () => {
            window.focus();
            show(address(`drop/${id}`));
        });
    }
}

function happened(kind, id) {
    refresh();
    if (kind === "drop" && id) {
        tellDone(id).catch(() => {});
    }
}

onShown(viewShown);
startViews(stop);
startDropping();
guard(() => send?.chosen.count > 0);
document.addEventListener("keydown", pressed);
viewShown(document.body.dataset.view);
follow(happened);
