// SPDX-License-Identifier: MIT
//
// Numbers, sizes and times as people read them.

const grouped = new Intl.NumberFormat("en");

export function count(number) {
    return grouped.format(number);
}

/** "1 picture", "214 pictures". */
export function pictures(number) {
    return `${count(number)} ${number === 1 ? "picture" : "pictures"}`;
}

/** "310 KB", "1.9 GB": two digits, by thousands. */
export function bytes(number) {
    if (number < 1000) {
        return `${number} bytes`;
    }
    const units = ["KB", "MB", "GB", "TB"];
    let value = number / 1000;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return `${value < 9.95 ? value.toFixed(1).replace(".0", "") : Math.round(value)} ${units[unit]}`;
}

function several(number, word) {
    return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** "7 seconds", "3 minutes", "2 hours". */
export function duration(seconds) {
    if (seconds < 90) {
        return several(Math.max(1, Math.round(seconds)), "second");
    }
    if (seconds < 5400) {
        return several(Math.round(seconds / 60), "minute");
    }
    return several(Math.round(seconds / 3600), "hour");
}

/** "28 November, 14:03": a name for pictures that have no folder. */
export function today() {
    const now = new Date();
    const month = now.toLocaleString("en", { month: "long" });
    const minute = String(now.getMinutes()).padStart(2, "0");
    return `${now.getDate()} ${month} ${now.getHours()}.${minute}`;
}

/** The first few names, and how many more there are. */
export function names(list, most = 5) {
    const more = list.length - most;
    return list.slice(0, most).join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}
