#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page as people use it: a browser on dropmill-page and a daemon that run.

page_test.py BASE SHARE WORK SHOTS AXE [NAME...]

BASE is the address with a slash at the end, SHARE the share below it, WORK a directory for pictures and
profiles, SHOTS where pictures of the views are kept, AXE the file axe.min.js ("" where there is none).
With NAMEs only those tests are made; those called stage_NAME are made by name alone.
"""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))

from browser import Browser, Keys, TooLate, wait  # noqa: E402
from photos import photo  # noqa: E402
from tap import Tap  # noqa: E402

import cv2  # noqa: E402

MANY = 250
SLOW = 150000  # bytes a second: time to do something meanwhile


class World:
    """What the tests share."""

    def __init__(self, base, share, work, shots, axe):
        self.base, self.share, self.work, self.shots = base, share, work, shots
        self.axe = open(axe, encoding="utf-8").read() if axe else None
        self.count = 0
        os.makedirs(shots, exist_ok=True)

    def kill_page(self):
        """End dropmill-page without a word; its number is in page.pid, its command in PAGE_COMMAND."""
        with open(os.path.join(self.work, "page.pid"), encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)

    def start_page(self):
        with open(os.path.join(self.work, "page.log"), "ab") as log:
            page = subprocess.Popen(shlex.split(os.environ["PAGE_COMMAND"]), stdout=log, stderr=log)
        with open(os.path.join(self.work, "page.pid"), "w", encoding="ascii") as file:
            file.write(str(page.pid))

    def browser(self):
        self.count += 1
        return Browser(self.base, self.shots, os.path.join(self.work, f"profile-{self.count}"))

    def get(self, path):
        with urllib.request.urlopen(self.base + path) as answer:
            return json.load(answer)

    def drop(self, drop_id):
        try:
            return self.get(f"api/drops/{drop_id}")
        except urllib.error.HTTPError:
            return dict.fromkeys(("total", "waiting", "processing", "done", "failed"), 0) | {"state": "none"}

    def arrived(self, drop_id):
        """How many of a drop the server has."""
        drop = self.drop(drop_id)
        return sum(drop[state] for state in ("waiting", "processing", "done", "failed"))

    def wait_done(self, drop_id, done, failed=0):
        """Until so many are done and so many failed."""
        right = lambda one: (one["done"], one["failed"], one["total"]) == (done, failed, done + failed)
        try:
            wait(lambda: right(self.drop(drop_id)), f"{done} done, {failed} failed", 120)
        except TooLate as late:
            raise TooLate(f"{late}; there is {self.drop(drop_id)}") from None

    def results(self, chain, title):
        """The paths below the drop's folder in outbox/."""
        top = os.path.join(self.share, "outbox", chain, title)
        return sorted(os.path.relpath(os.path.join(folder, name), top)
                      for folder, _, names in os.walk(top) for name in names)


def write(path, image):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    cv2.imwrite(path, image)


def make_folder(path, count, width=160, height=120):
    """A folder of pictures, some in folders below, no two alike; their paths in it."""
    paths = []
    for i in range(count):
        below = ("", "day 1/", "day 2/", "day 2/evening/")[i % 4]
        paths.append(f"{below}IMG_{i:04d}.jpg")
        write(os.path.join(path, paths[-1]), photo(width, height, i))
    return sorted(paths)


def with_strangers(path):
    """Beside the pictures, what stays behind."""
    for name in ("packing list.docx", "Thumbs.db", "day 1/.DS_Store"):
        with open(os.path.join(path, name), "wb") as file:
            file.write(b"no picture")
    with open(os.path.join(path, "day 2/empty.jpg"), "wb"):
        pass


# ---- choosing, sending


def send_many(world, take, title):
    """Take a folder of many, send it, see it through; @take(browser, folder)."""
    folder = os.path.join(world.work, title)
    paths = make_folder(folder, MANY)
    with_strangers(folder)
    browser = world.browser()
    browser.open()
    browser.ready()
    take(browser, folder)
    browser.see(f"{MANY} pictures", "#chosen-count")
    browser.see(f"from the folder {title}", "#chosen-from")
    browser.see("and 244 more", "#chosen-strip")
    browser.see("3 files stay behind because they are not pictures", "#left-out")
    for name in ("packing list.docx", "Thumbs.db", ".DS_Store"):
        browser.see(name, "#left-out")
    browser.see("1 file stays behind because it is empty: empty.jpg", "#left-out")
    browser.chain("gray_jpeg-80")
    browser.see(f"Send {MANY} pictures", "#go")
    assert browser.run("return document.getElementById('title').value") == title
    browser.send()
    browser.see(title)
    drop = browser.drop_id(title)
    world.wait_done(drop, MANY)
    browser.see(f"{MANY} of {MANY}", f'[data-drop="{drop}"]')
    assert world.results("gray_jpeg-80", title) == paths
    browser.collect()
    assert browser.messages == [], browser.messages
    browser.close()


def test_chosen(world):
    """a folder of 250, chosen: all of it arrives, with its folders; what stays behind is named"""
    send_many(world, lambda browser, folder: browser.choose(folder), "Holiday chosen")


def test_dropped(world):
    """a folder of 250, dropped: the same"""
    send_many(world, lambda browser, folder: browser.drop(folder), "Holiday dropped")


def test_dropped_elsewhere(world):
    """dropped on another view: Send takes it; files and folders together keep their folders"""
    folder = os.path.join(world.work, "Mixed")
    make_folder(folder, 8)
    write(os.path.join(world.work, "alone.png"), photo(100, 80, 99))
    browser = world.browser()
    browser.open("help")
    browser.view("help")
    browser.drop(folder, os.path.join(world.work, "alone.png"))
    browser.view("send")
    browser.see("9 pictures", "#chosen-count")
    browser.chain("invert")
    browser.title("Two kinds")
    browser.send()
    world.wait_done(browser.drop_id("Two kinds"), 9)
    results = world.results("invert", "Two kinds")
    assert "alone.png" in results and "Mixed/day 2/evening/IMG_0003.jpg" in results, results
    browser.close()


# ---- the builder


def steps_of(browser):
    return [one.text for one in browser.all(".step h3")]


def test_builder(world):
    """the builder: add, set, move, remove; the folder name says the same all the time"""
    browser = world.browser()
    browser.open()
    browser.ready()
    for operation in ("resize", "gray", "contrast"):
        browser.add(operation)
    assert browser.name() == "resize-1600_gray_contrast-20", browser.name()
    number = browser.one('input[aria-label="Contrast, percent, number"]')
    number.clear()
    number.send_keys("35")
    wait(lambda: browser.name() == "resize-1600_gray_contrast-35", "35 in the name")
    assert browser.one('input[type=range][aria-label="Contrast, percent"]').get_attribute("value") == "35"
    browser.click('[aria-label="Gray earlier"]')
    assert steps_of(browser) == ["Gray", "Resize", "Contrast"]
    assert browser.run("return document.activeElement.closest('.step').querySelector('h3').textContent") == "Gray"
    browser.chord(Keys.ALT, Keys.ARROW_DOWN)
    assert browser.name() == "resize-1600_gray_contrast-35"
    browser.click('[aria-label="Remove Gray"]')
    assert browser.name() == "resize-1600_contrast-35"
    browser.click('[aria-label="More settings of Contrast"]')
    browser.click(browser.all(".step:nth-child(2) input[type=checkbox]")[-1])
    wait(lambda: browser.name() == "resize-1600_contrast-35-more", "the direction in the name")
    browser.run("""const one = document.querySelector('select[aria-label="Contrast, direction"]');
                   one.value = 'less'; one.dispatchEvent(new Event('change'))""")
    wait(lambda: browser.name() == "resize-1600_contrast-35-less", "less")
    browser.collect()
    assert browser.messages == [], browser.messages
    browser.close()


def test_every_operation(world):
    """every operation of the catalogue can be added, and its folder name is understood"""
    browser = world.browser()
    browser.open()
    browser.ready()
    wrong = []
    for operation in world.get("api/catalogue")["operations"]:
        if operation["name"] == "watermark":
            continue  # there is none configured
        browser.add(operation["name"])
        wait(lambda: browser.text("#says"), "words")
        said = world.get(f"api/explain?name={browser.name()}")
        if not said["understood"]:
            wrong.append(f"{browser.name()}: {said['why']}")
        browser.click(".step .remove")
    assert not wrong, wrong
    browser.close()


def test_misspelt(world):
    """a misspelt name: what is meant is offered, one press takes it"""
    browser = world.browser()
    browser.open()
    browser.ready()
    browser.click("#type")
    browser.chord(Keys.CONTROL, "a")
    browser.keys("rotat-90")
    browser.click_words("Use rotate-90")
    wait(lambda: browser.name() == "rotate-90", "the right name")
    assert steps_of(browser) == ["Rotate"]
    browser.close()


def test_last_time(world):
    """the chain of last time is there again, pressed"""
    browser = world.browser()
    browser.open()
    browser.choose(os.path.join(world.work, "alone.png"))
    browser.chain("rotate-90_gray")
    browser.title("Last time")
    browser.send()
    browser.open()
    browser.ready()
    assert browser.text('#picks [aria-pressed="true"]') == "Last time"
    assert browser.name() == "rotate-90_gray"
    browser.close()


def test_preview(world):
    """the preview before anything is sent: whole and detail, with the size that the result has"""
    path = os.path.join(world.work, "large.jpg")
    write(path, photo(2400, 1800, 7))
    browser = world.browser()
    browser.open()
    browser.choose(path)
    browser.chain("resize-1200_gray")
    shown = lambda: browser.run("""const look = document.getElementById('look');
        return !look.hasAttribute('aria-busy') && look.classList.contains('both') && look.querySelector('.after').naturalWidth""")
    wait(shown, "the preview")
    browser.see("2400 × 1800", "#size-before")
    browser.see("1200 × 900", "#size-after")
    browser.click('[data-mode="detail"]')
    wait(lambda: shown() == 640, "the detail, 640 wide")
    browser.shot("send-detail")
    browser.see("1 of 1", "#nth")
    browser.collect()
    assert browser.messages == [], browser.messages
    browser.close()


# ---- what interrupts


def slowly(browser, bytes_a_second):
    browser.cdp("Network.enable")
    browser.cdp("Network.emulateNetworkConditions", offline=False, latency=0,
                downloadThroughput=-1, uploadThroughput=bytes_a_second)


def sent_now(browser):
    """How many are sent, by the header; 0 before the first."""
    found = re.search(r"([0-9,]+) of", browser.text(".bar .sending"))
    return int(found[1].replace(",", "")) if found else 0


def test_reload(world):
    """reloaded in the middle: a warning; the same folder again sends only what is not here"""
    folder = os.path.join(world.work, "Reload")
    paths = make_folder(folder, 40, 500, 400)
    browser = world.browser()
    browser.open()
    browser.choose(folder)
    browser.chain("gray")
    slowly(browser, SLOW)
    browser.send()
    drop = browser.drop_id("Reload")
    wait(lambda: sent_now(browser) >= 5, "five to be sent")
    assert browser.asks_before_leaving()
    browser.open()
    browser.ready()
    assert not browser.asks_before_leaving()
    slowly(browser, -1)
    browser.see("Reload was not sent to its end", "#unsent")
    here = world.arrived(drop)
    assert 5 <= here < 40, here
    browser.see(f"{here} of 40 pictures are here", "#unsent")
    browser.shot("send-unsent")
    browser.no_dialogs()
    browser.click_words("Choose the folder again")
    browser.choose(folder)
    browser.view("now")
    world.wait_done(drop, 40)
    assert world.results("gray", "Reload") == paths
    puts = browser.run("return performance.getEntriesByType('resource').filter(one => one.name.includes('/files/')).length")
    assert puts == 40 - here, (puts, here)
    browser.close()


def test_page_killed(world):
    """the page is killed while pictures are sent: that is said; when it is back, sending goes on by itself"""
    folder = os.path.join(world.work, "Killed")
    paths = make_folder(folder, 30, 500, 400)
    browser = world.browser()
    browser.open()
    browser.choose(folder)
    browser.chain("invert")
    slowly(browser, SLOW)
    browser.send()
    drop = browser.drop_id("Killed")
    wait(lambda: sent_now(browser) >= 3, "three to be sent")
    browser.see("Killed")
    world.kill_page()
    try:
        browser.see("The server does not answer", f'[data-drop="{drop}"]')
        browser.see("Waiting for the server", ".bar")
        browser.see("Not connected", ".live")
        browser.shot("now-page-gone")
    finally:
        slowly(browser, -1)
        world.start_page()
    browser.see("30 of 30", f'[data-drop="{drop}"]')
    world.wait_done(drop, 30)
    assert world.results("invert", "Killed") == paths
    browser.close()


def test_pause(world):
    """sending is paused, goes on, and lives through a walk over all views"""
    folder = os.path.join(world.work, "Paused")
    make_folder(folder, 30, 500, 400)
    browser = world.browser()
    browser.open()
    browser.choose(folder)
    browser.chain("flip")
    slowly(browser, SLOW)
    browser.send()
    drop = browser.drop_id("Paused")
    browser.see("Keep this page open while sending", f'[data-drop="{drop}"]')
    browser.shot("now-sending")
    browser.click_words("Pause sending")
    browser.see("Sending is paused", f'[data-drop="{drop}"]')
    at = sent_now(browser)
    for words, view in (("Problems", "problems"), ("Folders", "folders"), ("Help", "help"), ("Send", "send"), ("Now", "now")):
        browser.click(next(one for one in browser.all("nav a") if one.text.startswith(words)))
        browser.view(view)
    assert sent_now(browser) == at
    slowly(browser, -1)
    browser.click_words("Go on sending")
    world.wait_done(drop, 30)
    browser.close()


def test_two_tabs(world):
    """two tabs: one stream of events for both, both follow; the other goes on when one is closed"""
    folder = os.path.join(world.work, "Tabs")
    make_folder(folder, 12)
    browser = world.browser()
    browser.open()
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.open("now")
    locks = lambda: browser.driver.execute_async_script("""navigator.locks.query().then(all =>
        arguments[0]([all.held, all.pending].map(list => list.filter(one => one.name === 'dropmill-events').length)))""")
    wait(lambda: locks() == [1, 1], "one to listen and one to wait")
    second = browser.driver.current_window_handle
    browser.driver.switch_to.window(first)
    browser.choose(folder)
    browser.chain("mirror")
    browser.send()
    drop = browser.drop_id("Tabs")
    browser.driver.switch_to.window(second)
    browser.see("12 of 12", f'[data-drop="{drop}"]')
    browser.driver.switch_to.window(first)
    wait(lambda: not browser.all(".bar .sending"), "all to be sent")
    browser.driver.close()
    browser.driver.switch_to.window(second)
    wait(lambda: locks() == [1, 0], "the second tab to listen")
    copy_in(world, "mirror", "Over the network", 3)
    browser.see("Over the network")
    browser.see("3 of 3")
    browser.close()


def copy_in(world, chain, title, count):
    """Pictures put into the share, as over the network."""
    made = os.path.join(world.work, "put", title)
    make_folder(made, count)
    os.makedirs(os.path.join(world.share, "inbox", chain), exist_ok=True)
    shutil.move(made, os.path.join(world.share, "inbox", chain, title))


# ---- what goes wrong, and is mended


def test_problems(world):
    """a broken picture and a misspelt folder: both said, both mended by a press"""
    folder = os.path.join(world.work, "Broken")
    make_folder(folder, 2)
    with open(os.path.join(folder, "torn.jpg"), "wb") as file:
        file.write(cv2.imencode(".jpg", photo(800, 600, 3))[1].tobytes()[:4000])
    browser = world.browser()
    browser.open()
    browser.choose(folder)
    browser.chain("sharpen")
    browser.send()
    drop = browser.drop_id("Broken")
    world.wait_done(drop, 2, 1)
    copy_in(world, "rotat-90", "Wrong", 2)
    browser.open("problems")
    browser.see("torn.jpg")
    browser.see("What to do")
    browser.see("rotat-90")
    browser.see("2", "nav .count")
    browser.shot("problems-1440-light")
    browser.click_words("Rename to rotate-90")
    wait(lambda: len(world.results("rotate-90", "Wrong")) == 2, "the folder to be done")
    wait(lambda: "rotat-90" not in browser.text().replace("rotate-90", ""), "the folder to be no problem")
    browser.click_words("Try again")
    browser.see("1 picture is tried again", "#tell")
    world.wait_done(drop, 2, 1)
    browser.open("problems")
    whole = os.path.join(world.work, "whole", "torn.jpg")
    write(whole, photo(800, 600, 3))
    browser.no_dialogs()
    browser.click_words("Send again")
    browser.all("#again")[0].send_keys(whole)
    world.wait_done(drop, 3)
    browser.see("No problems")
    browser.close()


def test_stopped(world):
    """stop: what waited goes to failed/, what is there is said, nothing is lost"""
    folder = os.path.join(world.work, "Stopped")
    make_folder(folder, 30, 500, 400)
    browser = world.browser()
    browser.open()
    browser.choose(folder)
    browser.chain("median-5")
    slowly(browser, SLOW)
    browser.send()
    drop = browser.drop_id("Stopped")
    wait(lambda: sent_now(browser) >= 3, "three to be sent")
    browser.click(f'[data-drop="{drop}"] [data-action="stop"]')
    browser.see("Stopped", "#tell")
    wait(lambda: not browser.all(".bar .sending"), "sending to end")
    slowly(browser, -1)
    wait(lambda: world.drop(drop)["state"] == "done", "it to end")
    assert 3 <= world.arrived(drop) < 30
    browser.close()


# ---- how it is looked at


def test_keyboard(world):
    """with the keys alone: every control is reached and seen, a picture is sent"""
    browser = world.browser()
    browser.open()
    browser.choose(os.path.join(world.work, "alone.png"))
    reach = lambda css, most=60: reach_by_tab(browser, css, most)
    browser.run("document.activeElement.blur()")
    reach("#add")
    browser.keys("r", "o", "t")  # the browser finds "Rotate: ..." by its letters
    wait(lambda: browser.run("return document.getElementById('add').value") == "rotate", "the choice")
    assert not browser.all(".step"), "a choice in passing was added"
    browser.keys(Keys.ENTER)
    wait(lambda: steps_of(browser) == ["Rotate"], "the step")
    reach("#title")
    browser.chord(Keys.CONTROL, "a")
    browser.keys("By keys", Keys.ENTER)
    browser.view("now")
    world.wait_done(browser.drop_id("By keys"), 1)
    for key, view in (("1", "send"), ("2", "now"), ("3", "problems"), ("4", "folders"), ("5", "help"), ("?", "help")):
        browser.run("document.activeElement.blur()")
        browser.keys(key)
        browser.view(view)
    browser.close()


def reach_by_tab(browser, css, most):
    """Press Tab until the focus is there; each place on the way must be seen."""
    for _ in range(most):
        browser.keys(Keys.TAB)
        seen = browser.run("""const one = document.activeElement;
            if (one === document.body) { return true; }
            const style = getComputedStyle(one), box = one.getBoundingClientRect();
            return style.outlineStyle !== 'none' && box.width > 0 || one.outerHTML.slice(0, 100)""")
        assert seen is True, f"not seen: {seen}"
        if browser.run("return document.activeElement.matches(arguments[0])", css):
            return
    raise AssertionError(f"Tab does not reach {css}")


def filled(browser, world):
    """A Send view with something on it."""
    browser.open()
    browser.choose(os.path.join(world.work, "Holiday chosen"))
    chain = "resize-1600_gray_contrast-20_jpeg-85"
    browser.chain(chain)
    wait(lambda: browser.one("#look").get_attribute("data-chain") == chain, "the preview")
    wait(lambda: len(browser.all("#chosen-strip canvas")) == 6, "the small pictures")


def test_looks(world):
    """360 and 1440 px, light and dark, forced colours: nothing too wide; axe-core finds nothing"""
    browser = world.browser()
    drop = next(one["id"] for one in world.get("api/state")["drops"] if one["title"] == "Broken")
    wrong = []
    looks = [(width, {"prefers_color_scheme": scheme}) for width in (1440, 360) for scheme in ("light", "dark")]
    for width, features in [*looks, (1440, {"forced_colors": "active"})]:
        browser.look(width, 900, **features)
        for view in ("", "now", f"drop/{drop}", "problems", "folders", "help"):
            if view:
                browser.open(view)
            else:
                filled(browser, world)
            name = f"{view.split('/')[0] or 'send'}-{width}-{next(iter(features.values()))}"
            wrong += [f"{name} is too wide: {one}" for one in browser.too_wide()]
            wrong += [f"{name}: {one}" for one in (browser.axe(world.axe) if world.axe else [])]
            browser.shot(name)
    dark = "return getComputedStyle(document.body).backgroundColor"
    browser.look(1440, 900, prefers_color_scheme="dark")
    assert browser.run(dark) == "rgb(18, 21, 23)", browser.run(dark)
    browser.collect()
    assert not wrong, "\n".join(wrong)
    assert browser.messages == [], browser.messages
    browser.close()


def test_no_script(world):
    """without script: every view is whole, and a form with one field sends a picture"""
    browser = world.browser()
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    for view in ("now", "problems", "folders", "help"):
        browser.driver.get(world.base + view)
        assert len(browser.one("main").text) > 20, view
    browser.driver.get(world.base)
    assert not browser.all("#picks button")
    assert not browser.one("#preview").is_displayed()
    browser.one("#file").send_keys(os.path.join(world.work, "alone.png"))
    chain = browser.one("#typed")
    chain.clear()
    chain.send_keys("solarize")
    browser.one("#title").send_keys("Without script")
    browser.one("#go").click()
    wait(lambda: world.results("solarize", "Without script") == ["alone.png"], "the result")
    browser.close()


def test_weight(world):
    """the Send view: at most 60 KB on the way, nothing asked of other servers"""
    browser = world.browser()
    browser.open()
    browser.ready()
    entries = browser.run("""return performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .map(one => [one.name, one.transferSize])""")
    total = sum(size for _, size in entries)
    strangers = [name for name, _ in entries if not name.startswith(world.base)]
    assert not strangers, strangers
    assert 10000 < total <= 60000, (total, sorted(entries, key=lambda one: -one[1])[:5])
    browser.close()


def stage_daemon_gone(world):
    """the daemon is gone: the page says so, pictures still go in"""
    browser = world.browser()
    browser.open()
    wait(lambda: browser.text(".live b") not in ("", "Working", "Idle"), "words about the daemon")
    browser.choose(os.path.join(world.work, "alone.png"))
    browser.chain("gray")
    browser.title("Nobody there")
    browser.send()
    browser.see("Nobody there")
    browser.shot("now-daemon-gone")
    browser.close()


def stage_daemon_back(world):
    """the daemon is back: what went in meanwhile is done"""
    wait(lambda: world.results("gray", "Nobody there") == ["alone.png"], "the result")


def main():
    world = World(*sys.argv[1:6])
    wanted = sys.argv[6:]
    kinds = ("test_", "stage_") if wanted else ("test_",)
    tests = [function for name, function in globals().items() if name.startswith(kinds)]
    tap = Tap()
    for function in tests:
        if not wanted or function.__name__.split("_", 1)[1] in wanted:
            tap.call(function.__doc__, function, world)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
