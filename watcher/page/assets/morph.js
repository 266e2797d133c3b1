// SPDX-License-Identifier: MIT
//
// Makes what is on the page equal to what the server says now, touching only what differs. So focus,
// scroll, selected text and pictures that are already there stay. Elements are known by id, data-drop
// or data-key, else by their place. What carries data-mine belongs to the script and is left alone; so
// is whether a <details> is open.

function key(node) {
    return node.nodeType === Node.ELEMENT_NODE
        ? node.id || node.dataset?.drop || node.dataset?.key || null
        : null;
}

function isMine(node) {
    return node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("data-mine");
}

function skipMine(node) {
    while (node && isMine(node)) {
        node = node.nextSibling;
    }
    return node;
}

function isAlike(one, other) {
    return one.nodeType === other.nodeType && one.nodeName === other.nodeName &&
        key(one) === key(other);
}

function attributes(old, fresh) {
    const keeps = name => name === "open" && old.nodeName === "DETAILS";
    for (const { name } of [...old.attributes]) {
        if (!fresh.hasAttribute(name) && !keeps(name)) {
            old.removeAttribute(name);
        }
    }
    for (const { name, value } of fresh.attributes) {
        if (old.getAttribute(name) !== value && !keeps(name)) {
            old.setAttribute(name, value);
        }
    }
}

function one(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
        if (old.data !== fresh.data) {
            old.data = fresh.data;
        }
    } else if (!old.isEqualNode(fresh)) {
        attributes(old, fresh);
        children(old, fresh);
    }
}

/** The child of @old that will become @fresh: of equal key, else the next one if it is alike. */
function twinOf(fresh, keyed, next) {
    const name = key(fresh);
    if (name) {
        const twin = keyed.get(name);
        return twin && isAlike(twin, fresh) ? twin : null;
    }
    return next && isAlike(next, fresh) ? next : null;
}

function children(old, fresh) {
    const keyed = new Map([...old.children].filter(key).map(child => [key(child), child]));
    let next = skipMine(old.firstChild);
    for (const wanted of [...fresh.childNodes]) {
        const twin = twinOf(wanted, keyed, next);
        if (!twin) {
            old.insertBefore(document.importNode(wanted, true), next);
            continue;
        }
        if (twin === next) {
            next = skipMine(next.nextSibling);
        } else {
            old.insertBefore(twin, next);
        }
        one(twin, wanted);
    }
    while (next) {
        const gone = next;
        next = skipMine(next.nextSibling);
        gone.remove();
    }
}

/** Make @old equal to @fresh; the focus comes back when its element was only moved. */
export function morph(old, fresh) {
    const focused = document.activeElement;
    const had = focused && old.contains(focused);
    one(old, fresh);
    if (had && document.activeElement !== focused) {
        const place = focused.isConnected ? focused : document.getElementById("content");
        place.focus({ preventScroll: true });
    }
}
