// SPDX-License-Identifier: MIT
//
// The pictures that were chosen or dropped: whole folders with all that is below them, what is left
// out named with its reason, the first few shown small. Nothing is read but the few that are shown.
import { icon, make } from "./dom.js";
import { bytes, count, names, pictures, today } from "./words.js";

const SHOWN = 6;
const NOT_PICTURES = "not pictures";

function promised(call) {
    return new Promise((good, bad) => call(good, bad));
}

/** Every file below an entry of a drop. A browser gives 100 entries a call: ask until it has none. */
async function walk(entry, above, found) {
    const path = above + entry.name;
    try {
        if (entry.isFile) {
            found.push({ path, file: await promised((good, bad) => entry.file(good, bad)) });
            return;
        }
        const reader = entry.createReader();
        for (;;) {
            const some = await promised((good, bad) => reader.readEntries(good, bad));
            if (some.length === 0) {
                return;
            }
            for (const one of some) {
                await walk(one, `${path}/`, found);
            }
        }
    } catch {
        found.push({ path, why: "not to be read" });
    }
}

/** All files of a drop; the entries must be taken before anything is awaited. */
export async function filesOfDrop(transfer) {
    const items = [...transfer.items].filter(item => item.kind === "file");
    const entries = items.map(item => item.webkitGetAsEntry?.());
    const files = items.map(item => item.getAsFile());
    const found = [];
    for (let i = 0; i < items.length; i++) {
        if (entries[i]) {
            await walk(entries[i], "", found);
        } else if (files[i]) {
            found.push({ path: files[i].name, file: files[i] });
        }
    }
    return found;
}

/** All files of an <input type=file>. */
export function filesOfInput(input) {
    return [...input.files].map(file => ({ path: file.webkitRelativePath || file.name, file }));
}

function nameOf(path) {
    return path.slice(path.lastIndexOf("/") + 1);
}

export class Chosen {
    /** @form holds the elements of send.html; @changed is called when other pictures are chosen. */
    constructor(form, catalogue, limits, changed) {
        this.at = id => form.querySelector(`#${id}`);
        this.endings = new Set(catalogue.extensions);
        this.limits = limits;
        this.changed = changed;
        this.files = new Map(); // path -> file
        this.left = []; // {path, why}
        this.shown = 0; // which showing is the newest
        this.at("clear").addEventListener("click", () => this.clear());
        this.draw();
    }

    get count() {
        return this.files.size;
    }

    get bytes() {
        let sum = 0;
        for (const file of this.files.values()) {
            sum += file.size;
        }
        return sum;
    }

    /** The one folder that all of them came in, or null. */
    get folder() {
        const tops = new Set([...this.files.keys()].map(path =>
            path.includes("/") ? path.slice(0, path.indexOf("/")) : null));
        return tops.size === 1 ? [...tops][0] : null;
    }

    /** A name for the drop: the folder's, else the day's. */
    get title() {
        return this.folder ?? `Pictures ${today()}`;
    }

    /** {path, file} as they will lie in the drop: the one folder is the drop itself. */
    get list() {
        const cut = this.folder === null ? 0 : this.folder.length + 1;
        return [...this.files].map(([path, file]) => ({ path: path.slice(cut), file }));
    }

    /** Why this one stays behind, or null. */
    refusal({ path, file, why }) {
        const name = nameOf(path);
        const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
        const { file_bytes, name_bytes, drop_files } = this.limits;
        if (why) {
            return why;
        }
        if (name.startsWith(".") || !name.includes(".") || !this.endings.has(ending)) {
            return NOT_PICTURES;
        }
        if (file.size === 0) {
            return "empty";
        }
        if (file_bytes && file.size > file_bytes) {
            return `larger than ${bytes(file_bytes)}`;
        }
        if (name_bytes && new TextEncoder().encode(name).length > name_bytes) {
            return "of too long a name";
        }
        const full = drop_files && this.files.size >= drop_files && !this.files.has(path);
        return full ? `more than the ${count(drop_files)} that go at once` : null;
    }

    add(found) {
        for (const one of found) {
            const path = one.path.normalize("NFC");
            const why = this.refusal({ ...one, path });
            if (why) {
                this.left.push({ path, why });
            } else {
                this.files.set(path, one.file);
            }
        }
        this.draw();
        this.changed();
    }

    clear() {
        this.files.clear();
        this.left = [];
        this.draw();
        this.changed();
        this.at("choose-files").focus();
    }

    // ---- what is seen

    draw() {
        this.at("chosen").hidden = this.files.size === 0;
        this.at("chosen-count").textContent =
            this.files.size > 0 ? `${pictures(this.files.size)}, ${bytes(this.bytes)}` : "";
        this.at("chosen-from").textContent = this.folder ? `from the folder ${this.folder}` : "";
        this.at("left-out").replaceChildren(...this.leftOut());
        this.strip();
    }

    /** A sentence a reason; all names of a long list behind it. */
    leftOut() {
        const reasons = new Map();
        for (const { path, why } of this.left) {
            reasons.set(why, [...reasons.get(why) ?? [], path]);
        }
        return [...reasons].map(([why, paths]) => {
            const one = paths.length === 1;
            const words = `${count(paths.length)} ${one ? "file stays" : "files stay"} behind because ` +
                `${one ? "it is" : "they are"} ${one && why === NOT_PICTURES ? "not a picture" : why}: `;
            if (paths.length <= 5) {
                return make("p", {}, `${words}${paths.map(nameOf).join(", ")}.`);
            }
            return make("details", { class: "plainly" },
                make("summary", {}, `${words}${names(paths.map(nameOf))}.`),
                make("p", {}, `${paths.join(", ")}.`));
        });
    }

    async strip() {
        const mine = ++this.shown;
        const first = [...this.files.values()].slice(0, SHOWN);
        const places = first.map(() => make("span", { class: "t" }));
        const more = this.files.size - first.length;
        this.at("chosen-strip").replaceChildren(...places,
            ...(more > 0 ? [make("span", { class: "more" }, `and ${count(more)} more`)] : []));
        for (let i = 0; i < first.length && mine === this.shown; i++) {
            places[i].replaceWith(await thumbnail(first[i]));
        }
    }
}

/** A small canvas of a picture, or a blank where the browser cannot open it. */
async function thumbnail(file) {
    try {
        const small = await createImageBitmap(file, { resizeWidth: 144, resizeQuality: "medium" });
        const canvas = make("canvas", { class: "t", width: small.width, height: small.height });
        canvas.getContext("2d").drawImage(small, 0, 0);
        small.close();
        return canvas;
    } catch {
        return make("span", { class: "t blank" }, icon("picture"));
    }
}
