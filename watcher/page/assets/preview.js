// SPDX-License-Identifier: MIT
//
// What the chain makes of a picture, before any is sent. "Whole": a copy of 1,280 px, drawn here, goes
// to the server. "Detail": the middle of the picture, at exact pixels, as large a piece as its result
// fills the window. What this browser cannot open goes as it is, up to 8 MB. An answer that a newer
// question has overtaken is dropped.
import { ask } from "./api.js";
import { later } from "./dom.js";
import { bytes, count } from "./words.js";

const COPY_PX = 1280;
const LOOK_WIDTH = 640;
const LOOK_HEIGHT = 420;
const MOST_BYTES = 8000000;
const EXACT_PX = 3000000; // a piece up to this goes without loss

function blobOf(canvas, type, quality) {
    return new Promise((good, bad) =>
        canvas.toBlob(blob => blob ? good(blob) : bad(new Error("no blob")), type, quality));
}

/** Draw a part of @bitmap, as white where it is transparent, into @canvas of another size. */
function draw(canvas, bitmap, part, width, height) {
    canvas.width = width;
    canvas.height = height;
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, width, height);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(bitmap, part.x, part.y, part.width, part.height, 0, 0, width, height);
}

function sizeWords({ width, height }) {
    return `${width} \u00d7 ${height}`;
}

export class Preview {
    /** @chosen gives the pictures, @builder the chain; both say when they have changed. */
    constructor(form, chosen, builder) {
        this.at = id => form.querySelector(`#${id}`);
        this.chosen = chosen;
        this.builder = builder;
        this.index = 0;
        this.mode = "whole";
        this.picture = null; // {file, bitmap or null, width, height}
        this.result = null; // {chain, width, height, ratio to the original, bytes}, once the server said it
        this.soon = later(250, () => this.ask());
        this.look = this.at("look");
        this.before = this.look.querySelector(".before");
        this.after = this.look.querySelector(".after");
        this.controls();
    }

    controls() {
        this.at("previous").addEventListener("click", () => this.go(-1));
        this.at("next").addEventListener("click", () => this.go(1));
        this.at("cmp").addEventListener("input", () => this.divide(this.at("cmp").value));
        this.look.addEventListener("pointermove", event => event.buttons && this.drag(event));
        this.look.addEventListener("pointerdown", event => this.drag(event));
        for (const choice of this.at("modes").children) {
            choice.addEventListener("click", () => this.setMode(choice.dataset.mode));
        }
    }

    divide(percent) {
        this.look.style.setProperty("--at", `${percent}%`);
        this.at("cmp").setAttribute("aria-valuetext", `${percent} % of the picture as it was`);
    }

    drag(event) {
        const box = this.look.getBoundingClientRect();
        const percent = Math.round(100 * (event.clientX - box.left) / box.width);
        this.at("cmp").value = percent;
        this.divide(this.at("cmp").value);
    }

    setMode(mode) {
        this.mode = mode;
        for (const choice of this.at("modes").children) {
            choice.setAttribute("aria-pressed", String(choice.dataset.mode === mode));
        }
        this.soon();
    }

    // ---- which picture

    go(by) {
        this.index += by;
        this.open();
    }

    /** Other pictures were chosen. */
    chosenChanged() {
        this.index = Math.min(this.index, Math.max(0, this.chosen.count - 1));
        this.open();
    }

    /** The chain is another one; what is not understood is not asked for. */
    chainChanged() {
        if (this.picture && this.builder.understood) {
            this.soon();
        } else if (this.picture && this.builder.understood === false) {
            this.question?.abort();
            this.failed("As soon as the name is understood, the result is shown here.");
        }
    }

    async open() {
        const file = [...this.chosen.files.values()][this.index];
        const total = this.chosen.count;
        this.at("nth").textContent = file ? `${count(this.index + 1)} of ${count(total)}` : "";
        this.at("previous").disabled = this.index === 0;
        this.at("next").disabled = this.index >= total - 1;
        if (!file) {
            this.picture?.bitmap?.close();
            this.picture = null;
            return this.empty("Choose pictures, and see here what will happen to them.");
        }
        if (this.picture?.file === file) {
            return;
        }
        this.picture?.bitmap?.close();
        this.picture = { file, bitmap: null, width: 0, height: 0 };
        this.result = null;
        try {
            const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
            if (this.picture.file !== file) {
                return bitmap.close();
            }
            Object.assign(this.picture, { bitmap, width: bitmap.width, height: bitmap.height });
        } catch {
            // It may still be one that the server can open.
        }
        this.ask();
    }

    empty(words) {
        this.question?.abort();
        this.before.hidden = this.after.hidden = this.at("facts").hidden = true;
        this.at("cmp").disabled = true;
        this.look.classList.remove("both", "seen");
        this.say(words);
    }

    say(words) {
        this.at("look-says").textContent = words;
    }

    // ---- what goes to the server

    /** The piece whose result fills the window, in pixels of the original. */
    piece() {
        const { width, height } = this.picture;
        const scale = Math.max(1 / 16, 1 / this.result.ratio);
        const wide = Math.min(width, Math.round(LOOK_WIDTH * scale));
        const high = Math.min(height, Math.round(LOOK_HEIGHT * scale));
        return { x: (width - wide) >> 1, y: (height - high) >> 1, width: wide, height: high };
    }

    async copyOf(mode) {
        const { bitmap, width, height } = this.picture;
        if (mode === "detail") {
            const part = this.piece();
            draw(this.before, bitmap, part, part.width, part.height);
            const is_small = part.width * part.height <= EXACT_PX;
            return blobOf(this.before, is_small ? "image/png" : "image/jpeg", 0.95);
        }
        const scale = Math.min(1, COPY_PX / Math.max(width, height));
        const whole = { x: 0, y: 0, width, height };
        draw(this.before, bitmap, whole, Math.max(1, Math.round(width * scale)),
            Math.max(1, Math.round(height * scale)));
        return blobOf(this.before, "image/jpeg", 0.9);
    }

    async send(mode, body, chain, signal) {
        const { width, height } = this.picture;
        const query = new URLSearchParams({ chain, mode, type: this.picture.file.type });
        if (width > 0) {
            query.set("width", width);
            query.set("height", height);
        }
        const response = await ask(`api/preview?${query}`, { method: "POST", body, signal,
            headers: { "Content-Type": "application/octet-stream" } });
        const size = response.headers.get("X-Result-Size")?.match(/^(\d+)x(\d+)$/);
        if (size && mode === "whole") {
            this.result = { chain, width: Number(size[1]), height: Number(size[2]),
                ratio: Number(response.headers.get("X-Result-Ratio")) || 1,
                bytes: Number(response.headers.get("X-Result-Bytes")) || 0 };
        }
        return response.blob();
    }

    async ask() {
        this.question?.abort();
        const question = this.question = new AbortController();
        const picture = this.picture;
        const { chain } = this.builder;
        const wanted = `${this.mode} ${chain}`;
        if (!picture || !this.builder.understood || picture.shown === wanted) {
            return; // asked again when it is understood
        }
        picture.shown = null;
        if (!picture.bitmap && picture.file.size > MOST_BYTES) {
            return this.empty("This browser cannot show this kind of picture, and it is too large to " +
                "try it beforehand. It is processed all the same.");
        }
        this.look.setAttribute("aria-busy", "true");
        try {
            const made = await this.answer(chain, question.signal);
            if (!question.signal.aborted) {
                picture.shown = wanted;
                this.look.dataset.chain = chain;
                this.show(made);
            }
        } catch (error) {
            if (error.name !== "AbortError" && !question.signal.aborted) {
                this.failed(error.message);
            }
        } finally {
            if (!question.signal.aborted) {
                this.look.removeAttribute("aria-busy");
            }
        }
    }

    async answer(chain, signal) {
        if (!this.picture.bitmap) {
            return this.send("whole", this.picture.file, chain, signal);
        }
        if (this.mode === "whole" || this.result?.chain !== chain) {
            const made = await this.send("whole", await this.copyOf("whole"), chain, signal);
            if (this.mode === "whole" || !this.result) {
                return made;
            }
        }
        signal.throwIfAborted();
        return this.send("detail", await this.copyOf("detail"), chain, signal);
    }

    // ---- what is seen

    show(made) {
        const old = this.after.src;
        this.after.src = URL.createObjectURL(made);
        if (old) {
            URL.revokeObjectURL(old);
        }
        const both = this.picture.bitmap !== null;
        this.before.hidden = !both;
        this.after.hidden = false;
        this.at("cmp").disabled = !both;
        this.divide(both ? this.at("cmp").value : 0);
        this.look.classList.toggle("both", both);
        this.look.classList.add("seen");
        this.say("");
        this.facts();
    }

    facts() {
        const { file, width } = this.picture;
        this.at("facts").hidden = false;
        this.at("size-before").textContent = width > 0 ? sizeWords(this.picture) : "not known here";
        this.at("size-after").textContent = this.result ? sizeWords(this.result) : "";
        this.at("file-before").textContent = bytes(file.size);
        this.at("file-after").textContent = this.result?.bytes ? `about ${bytes(this.result.bytes)}` : "";
        this.after.alt = this.result ? `Preview of the result, ${sizeWords(this.result)} pixels` : "Preview of the result";
    }

    /** The picture as it is stays in sight; the reason stands below it. */
    failed(words) {
        if (!this.picture.bitmap) {
            return this.empty(words);
        }
        this.before.hidden = false;
        this.after.hidden = true;
        this.look.classList.remove("both");
        this.look.classList.add("seen");
        this.at("cmp").disabled = true;
        this.at("size-after").textContent = this.at("file-after").textContent = "";
        this.say(words);
    }
}
