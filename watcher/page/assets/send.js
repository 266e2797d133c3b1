// SPDX-License-Identifier: MIT
//
// The Send view: makes the plain form of send.html into the page that people know. Chosen, Builder and
// Preview each look after their own part; here they are brought together, and sent.
import { get, post } from "./api.js";
import { Builder } from "./builder.js";
import { Chosen, filesOfInput } from "./chosen.js";
import { button, make, tell } from "./dom.js";
import * as drops from "./drops.js";
import { Preview } from "./preview.js";
import { arrived, begin, isElsewhere, isHere } from "./sending.js";
import { bytes, count, duration, pictures } from "./words.js";

export class Send {
    /** @gone is called once sending has begun. */
    constructor(form, catalogue, state, gone) {
        this.form = form;
        this.at = id => form.querySelector(`#${id}`);
        this.state = state;
        this.gone = gone;
        this.resume = null; // the drop that the next choice belongs to
        this.closing = this.at("estimate").textContent; // what the server says of the end
        this.plainToScripted();
        this.chosen = new Chosen(form, catalogue, state.limits ?? {}, () => this.chosenChanged());
        this.builder = new Builder(form, catalogue, () => this.chainChanged());
        this.preview = new Preview(form, this.chosen, this.builder);
        this.inputs();
        form.addEventListener("submit", event => {
            event.preventDefault();
            this.send();
        });
        this.at("title").addEventListener("input", event => {
            event.target.dataset.typed = event.target.value ? "yes" : "";
        });
        this.builder.begin();
        this.estimate();
        this.unsent();
    }

    plainToScripted() {
        for (const element of this.form.querySelectorAll(".plain")) {
            element.hidden = true;
            element.required = false;
        }
        for (const element of this.form.querySelectorAll(".scripted")) {
            element.hidden = false;
        }
        this.at("file").multiple = true;
        this.at("file").removeAttribute("name");
        this.at("tell-me").hidden = !("Notification" in window && isSecureContext);
        this.at("tell-done").checked = drops.kept("tell") === "yes";
    }

    // ---- choosing

    inputs() {
        const files = this.at("file");
        const folder = make("input", { type: "file", id: "folder", hidden: true, webkitdirectory: true,
            "aria-label": "Choose a folder" });
        files.after(folder);
        for (const input of [files, folder]) {
            input.addEventListener("change", () => {
                this.take(filesOfInput(input));
                input.value = ""; // so that the same can be chosen again
            });
        }
        this.at("choose-files").addEventListener("click", () => this.choose(false));
        this.at("choose-folder").addEventListener("click", () => this.choose(true));
    }

    choose(folder, resume = null) {
        this.resume = resume;
        this.at(folder ? "folder" : "file").click();
    }

    /** Pictures have come in, from wherever. */
    take(found) {
        const resume = this.resume;
        this.resume = null;
        if (resume) {
            return this.goOn(resume, found);
        }
        this.chosen.add(found);
    }

    chosenChanged() {
        const title = this.at("title");
        if (!title.dataset.typed) {
            title.value = this.chosen.count > 0 ? this.chosen.title : "";
        }
        this.at("send-says").textContent = "";
        this.estimate();
        this.ready();
        this.preview.chosenChanged();
    }

    chainChanged() {
        this.ready?.();
        this.preview?.chainChanged();
    }

    ready() {
        const { count: number } = this.chosen;
        this.at("go").textContent = number > 0 ? `Send ${pictures(number)}` : "Send";
        this.at("send-says").textContent = "";
    }

    /** How long it will take, as far as it is known. */
    estimate() {
        const rate = Number(drops.kept("rate"));
        const number = this.chosen.count;
        const words = [];
        if (number > 0 && rate > 0) {
            words.push(`About ${duration(this.chosen.bytes / rate)} to send` + (this.state.rate > 0
                ? `, ${duration(number / this.state.rate)} to process.` : "."));
        }
        words.push(this.closing);
        this.at("estimate").textContent = words.join(" ");
    }

    // ---- sending

    /** What is still missing, in words; "" when nothing is. */
    missing() {
        const { drop_bytes } = this.state.limits ?? {};
        if (this.chosen.count === 0) {
            return "Choose pictures first.";
        }
        if (this.builder.understood === false) {
            return "Put the folder name right first.";
        }
        return drop_bytes && this.chosen.bytes > drop_bytes
            ? `They are ${bytes(this.chosen.bytes)}; ${bytes(drop_bytes)} go at once.` : "";
    }

    async send() {
        const says = this.at("send-says");
        says.textContent = this.missing();
        if (says.textContent || this.at("go").disabled) {
            if (this.chosen.count === 0) {
                this.at("choose-files").focus();
            }
            return;
        }
        this.at("go").disabled = true;
        try {
            await this.start();
        } catch (error) {
            this.refused(error);
        } finally {
            this.at("go").disabled = false;
        }
    }

    async start() {
        const { chain } = this.builder;
        const tell_done = !this.at("tell-me").hidden && this.at("tell-done").checked;
        const folder = this.chosen.folder !== null;
        if (tell_done) {
            Notification.requestPermission();
        }
        drops.keep("tell", tell_done ? "yes" : "no");
        const title = this.at("title").value.trim() || this.chosen.title;
        const drop = await begin({ chain, title, files: this.chosen.list, tell_done, folder });
        drops.keep("chain", chain);
        this.begun(drop);
    }

    begun(drop) {
        delete this.at("title").dataset.typed;
        this.chosen.clear();
        this.builder.picks();
        this.builder.named();
        this.gone(drop);
    }

    refused(error) {
        const says = this.at("send-says");
        says.textContent = error.message;
        if (error.answer?.suggestion) {
            const { suggestion } = error.answer;
            says.append(" ", button(`Use ${suggestion}`, "tiny", () => this.builder.use(suggestion)));
        }
    }

    // ---- what was not sent to its end

    async unsent() {
        const open = drops.all().filter(drop => !drop.sent && !isHere(drop.id));
        const busy = open.filter(isElsewhere);
        const notes = await Promise.all(open.filter(drop => !isElsewhere(drop)).map(drop => this.note(drop)));
        this.at("unsent").replaceChildren(...notes.filter(Boolean));
        if (busy.length > 0) {
            setTimeout(() => this.unsent(), 16000);
        }
    }

    async note(drop) {
        let there;
        try {
            there = await get(`api/drops/${drop.id}`);
        } catch (error) {
            if (error.status === 404) {
                drops.forget(drop.id);
            }
            return null;
        }
        if (there.state !== "sending") {
            drops.remember({ ...drop, sent: true });
            return null;
        }
        const again = drop.folder ? "Choose the folder again" : "Choose the pictures again";
        const note = make("article", { class: "card note", "data-unsent": drop.id },
            make("h2", {}, `${drop.title} was not sent to its end`),
            make("p", { class: "soft gap-s" }, `${count(arrived(there))} of ${pictures(drop.files)} are here. ` +
                `Choose the same ${drop.folder ? "folder" : "pictures"} again: what is here already is not sent twice.`),
            make("div", { class: "row gap" },
                button(again, "main tiny", () => this.choose(drop.folder, drop)),
                button("Leave it so", "tiny quiet", () => this.leave(drop, there, note))));
        return note;
    }

    /** No more will come: the drop is as large as what is there. */
    async leave(drop, there, note) {
        try {
            await post("api/drops", { chain: drop.chain, title: drop.title, resume: drop.id,
                files: arrived(there), bytes: there.input_bytes, final: true });
        } catch (error) {
            return tell(error.message);
        }
        drops.remember({ ...drop, sent: true });
        note.remove();
        tell(`${drop.title} stays as it is, with ${pictures(arrived(there))}.`);
    }

    async goOn(drop, found) {
        this.chosen.clear();
        this.chosen.add(found);
        const files = this.chosen.list;
        try {
            if (files.length === 0) {
                return;
            }
            await begin({ chain: drop.chain, title: drop.title, files, resume: drop.id,
                tell_done: drop.tell_done, folder: drop.folder });
            this.begun(drop);
        } catch (error) {
            this.refused(error);
        }
    }
}
