// SPDX-License-Identifier: MIT
//
// One setting of a step: what it looks like follows from its `forms` in the catalogue.
//
//   N kN Npct ...          a slider and a number      W WxH xH Npct    a slider, one or two numbers
//   RRGGBB NAME            a colour                   other words      a choice
//
// A value is always the text that stands in the folder name: "20", "k15", "1600x900", "navy".
import { make } from "./dom.js";

const SIZES = ["W", "Wx", "xH", "WxH"];
const NUMBER = /^[a-z]?N(pct)?$/;
const MOST_PX = 10000; // of a slider; the number beside it takes more

// The same thing in other words: listed once.
const TWINS = {
    centre: "center", middle: "center", top: "north", bottom: "south", left: "west", right: "east",
    topleft: "northwest", topright: "northeast", bottomleft: "southwest", bottomright: "southeast",
    clockwise: "right", counterclockwise: "left",
};
const WORDS = {
    center: "centre", north: "top", south: "bottom", west: "left", east: "right",
    northwest: "top left", northeast: "top right", southwest: "bottom left",
    southeast: "bottom right", smart: "what matters most", around: "upside down",
    otsu: "found by itself", same: "as the original has it",
};

function formsOf(param) {
    return param.forms.split(" ").filter(Boolean);
}

function kindOf(param) {
    const forms = formsOf(param);
    if (forms.some(form => SIZES.includes(form))) {
        return "size";
    }
    if (forms.includes("RRGGBB")) {
        return "colour";
    }
    return forms.some(form => NUMBER.test(form)) ? "number" : "word";
}

function accepts(form, text) {
    const size = { W: /^\d+$/, Wx: /^\d+x$/, xH: /^x\d+$/, WxH: /^\d+x\d+$/ }[form];
    if (size) {
        return size.test(text);
    }
    if (form === "RRGGBB" || form === "NAME") {
        return form === "NAME" ? /^[a-z]+$/.test(text) : /^[0-9a-f]{6}$/.test(text);
    }
    return NUMBER.test(form)
        ? new RegExp(`^${form.replace("N", "[0-9.]+")}$`).test(text)
        : form === text;
}

/** Whether the server would give this text to the parameter, were it free. */
export function takes(param, text) {
    return formsOf(param).some(form => accepts(form, text));
}

// ---- sliders

function roundNicely(value) {
    const grain = value >= 500 ? 10 : value >= 100 ? 5 : 1;
    return Math.round(value / grain) * grain;
}

/** How a slider's way is laid out over a range: wide ranges give small values more room. */
function scaleOf(min, max, step) {
    const cube = max - min > 1000;
    return {
        max: cube ? 1000 : max,
        min: cube ? 0 : min,
        step: cube ? 5 : step,
        to: value => cube ? 1000 * Math.cbrt((Math.min(value, max) - min) / (max - min)) : value,
        from: place => cube
            ? Math.max(min, roundNicely(min + (max - min) * (place / 1000) ** 3))
            : place,
    };
}

/** A slider and a number that say the same. @change is called with the number. */
function slide(label, unit, range, value, change) {
    const scale = scaleOf(range.min, Math.min(range.max, range.most ?? range.max), range.step);
    const slider = make("input", { type: "range", min: scale.min, max: scale.max, step: scale.step,
        "aria-label": label });
    const number = make("input", { type: "number", min: range.min, max: range.max,
        step: range.number_step, inputMode: "decimal", "aria-label": `${label}, number` });
    const show = shown => {
        slider.setAttribute("aria-valuetext", `${shown} ${unit}`.trim());
    };
    slider.value = scale.to(value);
    number.value = value;
    show(value);
    slider.addEventListener("input", () => {
        number.value = scale.from(Number(slider.value));
        show(number.value);
        change(Number(number.value));
    });
    number.addEventListener("input", () => {
        if (number.value !== "") {
            slider.value = scale.to(Number(number.value));
            show(number.value);
            change(Number(number.value));
        }
    });
    return [slider, number];
}

function rangeOf({ min, max, whole, odd }) {
    const step = odd ? 2 : whole ? 1 : max - min > 50 ? 0.5 : 0.1;
    return { min, max, step, number_step: odd ? 2 : whole ? 1 : "any" };
}

function unitOf(param) {
    return { degrees: "\u00b0" }[param.unit] ?? param.unit;
}

function numberSetting(param, label, text, change) {
    const form = formsOf(param)[0];
    const written = number => change(form.replace("N", String(number)));
    const value = parseFloat(text.replace(/^[a-z]/, ""));
    return [...slide(label, unitOf(param), rangeOf(param), value, written),
        make("span", { class: "unit" }, unitOf(param))];
}

// ---- sizes

const MODES = {
    W: "px, longest side", Wx: "px wide", xH: "px high", WxH: "px, a box", Npct: "%",
};
const SQUARE = "px, square"; // what one number means where there is no longest side

function readSize(text) {
    const parts = text.match(/^(\d*)(x?)(\d*)$/);
    if (!parts) {
        return { mode: "Npct", one: parseFloat(text), two: 0 };
    }
    const [, width, by, height] = parts;
    const mode = !by ? "W" : width && height ? "WxH" : width ? "Wx" : "xH";
    return { mode, one: Number(width || height), two: Number(height || width) };
}

function writeSize(size) {
    const { mode, one, two } = size;
    return { W: `${one}`, Wx: `${one}x`, xH: `x${one}`, WxH: `${one}x${two}`, Npct: `${one}pct` }[mode];
}

function sizeChoice(param, size, draw) {
    const modes = formsOf(param).filter(form => form in MODES);
    const words = mode => mode === "W" && !modes.includes("Wx") ? SQUARE : MODES[mode];
    if (modes.length < 2) {
        return make("span", { class: "unit" }, "px");
    }
    const choice = make("select", { "aria-label": "Kind of size" },
        ...modes.map(mode => new Option(words(mode), mode, false, mode === size.mode)));
    choice.addEventListener("change", () => draw(choice.value));
    return choice;
}

function sizeSetting(param, label, text, change) {
    const size = readSize(text);
    const px = { min: param.min, max: param.max, most: MOST_PX, step: 1, number_step: 1 };
    const range = size.mode === "Npct" ? { min: 1, max: 1000, most: 200, step: 1, number_step: "any" } : px;
    const set = name => value => {
        size[name] = value;
        change(writeSize(size));
    };
    const redraw = mode => {
        const was = size.mode;
        size.mode = mode;
        size.one = mode === "Npct" ? 50 : was === "Npct" ? 1600 : size.one;
        size.two = size.two || size.one;
        change(writeSize(size), true);
    };
    const unit = size.mode === "Npct" ? "%" : "px";
    if (size.mode !== "WxH") {
        return [...slide(label, unit, range, size.one, set("one")), sizeChoice(param, size, redraw)];
    }
    const side = (name, words) => slide(words, unit, range, size[name], set(name))[1];
    return [side("one", `${label}, width`), make("span", { class: "soft" }, "\u00d7"),
        side("two", `${label}, height`), sizeChoice(param, size, redraw)];
}

// ---- words and colours

function wordSetting(param, label, text, change) {
    const forms = formsOf(param);
    const choice = make("select", { "aria-label": label },
        ...forms.filter(form => !forms.includes(TWINS[form]) || form === text)
            .map(form => new Option(WORDS[form] ?? form, form, false, form === text)));
    choice.addEventListener("change", () => change(choice.value));
    return forms.length > 0 ? [choice] : [make("span", { class: "unit" }, param.values)];
}

/** "#rrggbb" of a name or of six digits, by the browser's own list of names. */
function hexOf(text) {
    const brush = document.createElement("canvas").getContext("2d");
    brush.fillStyle = /^[0-9a-f]{6}$/.test(text) ? `#${text}` : text;
    return brush.fillStyle;
}

function colourSetting(param, label, text, change) {
    const picker = make("input", { type: "color", value: text === "transparent" ? "#ffffff" : hexOf(text),
        "aria-label": label });
    const named = make("input", { type: "text", value: text, "aria-label": `${label}, name or number`,
        autocomplete: "off", spellcheck: false });
    picker.addEventListener("input", () => {
        named.value = picker.value.slice(1);
        change(named.value);
    });
    named.addEventListener("input", () => {
        const word = named.value.trim().toLowerCase().replace(/^#/, "");
        if (takes(param, word)) {
            picker.value = word === "transparent" ? picker.value : hexOf(word);
            change(word);
        }
    });
    return [picker, named];
}

const SETTINGS = { number: numberSetting, size: sizeSetting, word: wordSetting, colour: colourSetting };

/** What stands in the name when a setting is switched on. */
export function firstText(param) {
    if (param.default) {
        return param.default;
    }
    const forms = formsOf(param);
    const middle = Math.max(param.min, Math.min(param.max, param.unit === "px" ? 100 : param.max / 2));
    const number = Number.isInteger(middle) ? middle : Math.round(middle);
    return {
        number: () => forms[0].replace("N", String(number)),
        size: () => forms.includes("W") ? "800" : "800x600",
        colour: () => "white",
        word: () => forms[0] ?? "",
    }[kindOf(param)]();
}

/**
 * The elements of a setting. @change(text, anew) is called with each new text; @anew: it must be
 * drawn anew.
 */
export function setting(param, label, text, change) {
    return SETTINGS[kindOf(param)](param, label, text, change);
}
