// SPDX-License-Identifier: MIT
//
// Making elements without writing HTML: text is text, so no name can become markup.

/** An element with properties and children; "class", "aria-..." and "data-..." are attributes. */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name === "class" || name.includes("-")) {
            element.setAttribute(name, value);
        } else {
            element[name] = value;
        }
    }
    element.append(...children);
    return element;
}

/** An icon of the sprite in the shell. */
export function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(space, "use");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
}

/** A button that is an icon, named for those who do not see it. */
export function iconButton(name, label, pressed) {
    const button = make("button", { type: "button", class: "icon", "aria-label": label, title: label },
        icon(name));
    button.addEventListener("click", pressed);
    return button;
}

export function button(words, classes, pressed) {
    const made = make("button", { type: "button", class: classes }, words);
    made.addEventListener("click", pressed);
    return made;
}

let taking;

/** Say something at the foot of the window, for those who see and those who listen. */
export function tell(words) {
    const place = document.getElementById("tell");
    place.textContent = words;
    clearTimeout(taking);
    taking = setTimeout(() => { place.textContent = ""; }, 4000 + 60 * words.length);
}

/** Say to those who listen what others see for themselves. */
export function announce(words) {
    document.getElementById("heard").textContent = words;
}

/** Call @act once, @delay_ms after the last of many calls. */
export function later(delay_ms, act) {
    let timer;
    return (...arguments_) => {
        clearTimeout(timer);
        timer = setTimeout(() => act(...arguments_), delay_ms);
    };
}

/** Put text where "Copy" can fetch it, also where the page is not served as secure. */
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        const area = make("textarea", { value: text, class: "hide" });
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
    }
}
