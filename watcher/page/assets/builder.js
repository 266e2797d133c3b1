// SPDX-License-Identifier: MIT
//
// The chain, built by hand: steps from the catalogue, in an order, with their settings; below it the
// folder name that says the same. How a name is read is the server's knowledge alone: ready-made
// chains, recipes, the chain of last time and typed names all come through api/explain.
import { get, sentence } from "./api.js";
import { kept } from "./drops.js";
import { announce, button, copyText, iconButton, later, make, tell } from "./dom.js";
import { firstText, setting, takes } from "./parameter.js";

const GROUPS = {
    geometry: "Size and shape", tone: "Light and dark", colour: "Colour", detail: "Detail",
    output: "File",
};
const NAMES = {
    jpeg: "JPEG", png: "PNG", webp: "WebP", avif: "AVIF", tiff: "TIFF", gif: "GIF", srgb: "sRGB",
    clahe: "CLAHE",
};

function capital(word) {
    return NAMES[word] ?? word.charAt(0).toUpperCase() + word.slice(1);
}

/** One step as it stands in the folder name. A value must not fall to a parameter before its own. */
function textOf(step) {
    const params = step.operation.parameters;
    const texts = params.map(param => step.values.get(param.name));
    params.forEach((param, i) => {
        for (let before = 0; texts[i] !== undefined && before < i; before++) {
            const other = params[before];
            if (texts[before] === undefined && other.default && takes(other, texts[i])) {
                texts[before] = other.default;
            }
        }
    });
    return [step.operation.name, ...texts.filter(text => text !== undefined)].join("-");
}

export class Builder {
    /** @form holds the elements of send.html; @changed is called when the chain means something else. */
    constructor(form, catalogue, changed) {
        this.at = id => form.querySelector(`#${id}`);
        this.operations = new Map(catalogue.operations.map(one => [one.name, one]));
        this.catalogue = catalogue;
        this.changed = changed;
        this.steps = [];
        this.recipe = null; // the name that was chosen, as long as nothing was changed
        this.understood = null; // true, false, or not known yet
        this.explained = new Map();
        this.asked = 0;
        this.askSoon = later(150, () => this.ask());
        this.picks();
        this.adder();
        this.typer();
        this.at("copy").addEventListener("click", () => this.copy());
        this.at("steps").addEventListener("keydown", event => this.keys(event));
    }

    /** The folder name; "copy" is the one that changes nothing. */
    get chain() {
        return this.recipe ?? (this.steps.map(textOf).join("_") || "copy");
    }

    // ---- where chains come from

    picks() {
        const last = kept("chain");
        const chains = [
            ...(last ? [{ name: "Last time", chain: last }] : []),
            ...this.catalogue.recipes.map(recipe => ({ name: recipe.name, chain: recipe.name })),
            ...this.catalogue.ready_made,
        ];
        const shown = chains.map(({ name, chain }) => {
            const pick = button(name, "", () => this.take(chain));
            pick.dataset.chain = chain;
            pick.setAttribute("aria-pressed", "false");
            return pick;
        });
        this.at("picks").replaceChildren(...shown);
        this.at("picks").hidden = shown.length === 0;
        return chains[0]?.chain;
    }

    /** Show the chain that was used last, or nothing yet. */
    async begin() {
        await this.take(kept("chain") ?? "copy");
    }

    /** What the server makes of a name; asked once. */
    async explain(name) {
        if (!this.explained.has(name)) {
            this.explained.set(name, await get(`api/explain?name=${encodeURIComponent(name)}`));
        }
        return this.explained.get(name);
    }

    stepsOf(explained) {
        return explained.steps.filter(step => this.operations.has(step.operation)).map(step => ({
            operation: this.operations.get(step.operation),
            values: new Map(step.parameters.filter(one => one.given).map(one => [one.name, one.value])),
            open: false,
        }));
    }

    /** Take over a whole chain; false when it is not understood, which is then said. */
    async take(name) {
        let explained;
        try {
            explained = await this.explain(name);
        } catch (error) {
            tell(error.message);
            return false;
        }
        if (explained.understood) {
            const steps = this.stepsOf(explained);
            this.steps = name === "copy" ? [] : steps;
            const isRecipe = this.catalogue.recipes.some(recipe => recipe.name === name);
            this.recipe = isRecipe ? name : null;
            this.draw();
        }
        this.says(explained);
        return explained.understood;
    }

    // ---- adding a step

    adder() {
        const select = this.at("add");
        const groups = [...new Set([...Object.keys(GROUPS),
            ...this.catalogue.operations.map(one => one.group)])];
        for (const group of groups) {
            const members = this.catalogue.operations.filter(one => one.group === group);
            if (members.length > 0) {
                select.append(make("optgroup", { label: GROUPS[group] ?? capital(group) },
                    ...members.map(one => new Option(`${capital(one.name)}: ${one.summary}`, one.name))));
            }
        }
        // With the keys a choice passes by many others: there it is added by Enter or the button.
        let by_keys = false;
        const add = () => select.value && this.add(select.value);
        select.addEventListener("pointerdown", () => { by_keys = false; });
        select.addEventListener("keydown", event => {
            by_keys = true;
            if (event.key === "Enter" && select.value) {
                event.preventDefault();
                add();
            }
        });
        select.addEventListener("change", () => {
            this.at("add-it").disabled = !select.value;
            if (!by_keys) {
                add();
            }
        });
        this.at("add-it").addEventListener("click", add);
    }

    async add(name) {
        const operation = this.operations.get(name);
        this.at("add").value = "";
        this.at("add-it").disabled = true;
        let explained;
        try {
            explained = await this.explain(operation.example);
        } catch (error) {
            return tell(error.message);
        }
        const example = explained.understood
            ? this.stepsOf(explained).find(step => step.operation === operation)
            : null;
        this.steps.push(example ?? { operation, values: new Map(), open: true });
        this.touched();
        this.draw();
        announce(`${capital(name)} is step ${this.steps.length}.`);
    }

    // ---- typing a name

    typer() {
        const typed = this.at("typed");
        const type = this.at("type");
        const show = on => {
            typed.hidden = !on;
            this.at("name").hidden = on;
            type.setAttribute("aria-expanded", String(on));
            type.textContent = on ? "Done" : "Type";
        };
        type.addEventListener("click", () => {
            const on = typed.hidden;
            typed.value = this.chain;
            show(on);
            if (on) {
                typed.focus();
                typed.select();
            } else {
                this.askSoon();
            }
        });
        const soon = later(150, () => !typed.hidden && this.take(typed.value.trim() || "copy"));
        typed.addEventListener("input", soon);
        typed.addEventListener("keydown", async event => {
            if (event.key === "Enter") {
                event.preventDefault();
                if (await this.take(typed.value.trim() || "copy")) {
                    show(false);
                    type.focus();
                }
            }
        });
        show(false);
    }

    // ---- moving, removing, changing

    touched() {
        this.recipe = null;
    }

    move(index, by) {
        const to = index + by;
        if (to < 0 || to >= this.steps.length) {
            return;
        }
        const [step] = this.steps.splice(index, 1);
        this.steps.splice(to, 0, step);
        this.touched();
        this.draw();
        const keys = this.at("steps").children[to].querySelectorAll(".keys .move");
        const same = keys[by < 0 ? 0 : 1];
        (same.disabled ? keys[by < 0 ? 1 : 0] : same).focus();
        announce(`${capital(step.operation.name)} is step ${to + 1} of ${this.steps.length}.`);
    }

    remove(index) {
        const [step] = this.steps.splice(index, 1);
        this.touched();
        this.draw();
        const left = this.at("steps").children[Math.min(index, this.steps.length - 1)];
        (left?.querySelector(".remove") ?? this.at("add")).focus();
        announce(`${capital(step.operation.name)} is removed.`);
    }

    keys(event) {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        const item = event.target.closest(".step");
        if (event.altKey && by && item && event.target.nodeName !== "SELECT") {
            event.preventDefault();
            this.move([...this.at("steps").children].indexOf(item), by);
        } else if (event.key === "Enter" && event.target.nodeName === "INPUT") {
            event.preventDefault(); // it would send the form
        }
    }

    set(step, param, text) {
        step.values.set(param.name, text);
        this.touched();
        this.named();
    }

    // ---- what is seen

    row(step, param) {
        const given = step.values.has(param.name);
        const label = `${capital(step.operation.name)}, ${param.name}`;
        const text = step.values.get(param.name) ?? firstText(param);
        const change = (value, anew) => {
            const was_given = step.values.has(param.name);
            this.set(step, param, value);
            if (anew || !was_given) {
                this.redraw(step);
            }
        };
        const set = make("div", { class: "set" });
        if (step.open) {
            set.append(this.switch(step, param, given));
        } else if (step.values.size > 1) {
            set.append(make("span", { class: "label" }, capital(param.name)));
        }
        set.append(...setting(param, label, text, change));
        return step.open ? [set, make("p", { class: "doc" }, sentence(param.doc))] : [set];
    }

    /** Whether a setting stands in the name; what must be there has no switch. */
    switch(step, param, given) {
        if (param.required && given) {
            return make("span", { class: "label" }, capital(param.name));
        }
        const box = make("input", { type: "checkbox", checked: given });
        box.addEventListener("change", () => {
            if (box.checked) {
                step.values.set(param.name, firstText(param));
            } else {
                step.values.delete(param.name);
            }
            this.touched();
            this.redraw(step);
        });
        return make("label", { class: "label" }, box, capital(param.name));
    }

    sets(step) {
        const params = step.operation.parameters;
        const shown = step.open ? params : params.filter(param => step.values.has(param.name));
        const rows = shown.flatMap(param => this.row(step, param));
        const says = make("p", { class: "says" }, step.operation.summary);
        return make("div", { class: "sets" }, ...(rows.length > 0 ? rows : [says]));
    }

    more(step) {
        if (step.operation.parameters.length < 2 && step.values.size > 0 ||
            step.operation.parameters.length === 0) {
            return [];
        }
        const name = capital(step.operation.name);
        const more = iconButton("set", `More settings of ${name}`, () => {
            step.open = !step.open;
            this.redraw(step);
        });
        more.setAttribute("aria-expanded", String(step.open));
        more.classList.add("settings");
        return [more];
    }

    item(step, index) {
        const name = capital(step.operation.name);
        const up = iconButton("up", `${name} earlier`, () => this.move(index, -1));
        const down = iconButton("down", `${name} later`, () => this.move(index, 1));
        const out = iconButton("out", `Remove ${name}`, () => this.remove(index));
        up.disabled = index === 0;
        down.disabled = index === this.steps.length - 1;
        up.classList.add("move");
        down.classList.add("move");
        out.classList.add("remove");
        return make("li", { class: "step" }, make("h3", { title: step.operation.summary }, name),
            this.sets(step), make("div", { class: "keys" }, ...this.more(step), up, down, out));
    }

    /** One step anew; the focus stays on the control in the same place. */
    redraw(step) {
        const index = this.steps.indexOf(step);
        const old = this.at("steps").children[index];
        const controls = "input, select, button";
        const focused = [...old.querySelectorAll(controls)].indexOf(document.activeElement);
        const label = document.activeElement?.getAttribute?.("aria-label");
        const fresh = this.item(step, index);
        old.replaceWith(fresh);
        if (focused >= 0) {
            const all = [...fresh.querySelectorAll(controls)];
            const same = all.find(one => label && one.getAttribute("aria-label") === label);
            (same ?? all[Math.min(focused, all.length - 1)]).focus();
        }
        this.named();
    }

    draw() {
        this.at("steps").replaceChildren(...this.steps.map((step, index) => this.item(step, index)));
        this.named();
    }

    /** The name, broken only between steps; then ask what the server makes of it. */
    named() {
        const chain = this.chain;
        this.understood = null;
        const parts = chain.split("_").map((part, i, all) =>
            make("span", {}, part + (i < all.length - 1 ? "_" : "")));
        this.at("name").replaceChildren(...parts);
        const picks = [...this.at("picks").children];
        const pressed = picks.find(pick => pick.dataset.chain === chain);
        for (const pick of picks) {
            pick.setAttribute("aria-pressed", String(pick === pressed));
        }
        this.askSoon();
        this.changed();
    }

    // ---- what the server says to it

    async ask() {
        const mine = ++this.asked;
        try {
            const explained = await this.explain(this.chain);
            if (mine === this.asked) {
                this.says(explained);
            }
        } catch (error) {
            this.at("says").textContent = error.message;
        }
    }

    says(explained) {
        const place = this.at("says");
        this.understood = explained.understood;
        if (explained.understood) {
            place.textContent = sentence(explained.words);
            place.classList.remove("bad-text");
        } else {
            place.textContent = sentence(explained.why);
            place.classList.add("bad-text");
            if (explained.suggestion) {
                place.append(" ", button(`Use ${explained.suggestion}`, "tiny", () => this.use(explained.suggestion)));
            }
        }
        this.changed();
    }

    async use(name) {
        this.at("typed").value = name;
        await this.take(name);
    }

    async copy() {
        await copyText(this.chain);
        this.at("copy").textContent = "Copied";
        tell(`Copied: ${this.chain}`);
        setTimeout(() => { this.at("copy").textContent = "Copy"; }, 2000);
    }
}
