# SPDX-License-Identifier: MIT
"""A Chromium without a window, and what a person does in it. Nothing here sleeps: it waits for what is seen."""
import base64
import json
import os
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

DEADLINE = float(os.environ.get("DEADLINE", 60))
POLL = 0.05

VIEWS = ("", "now", "problems", "folders", "help")


class TooLate(AssertionError):
    pass


def wait(condition, what, deadline=DEADLINE):
    """What @condition returns, as soon as that is true."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except StaleElementReferenceException:
            pass
        time.sleep(POLL)  # between two looks, as WebDriverWait does
    raise TooLate(f"waited {deadline:.0f} s for: {what}")


class Browser:
    """One window on the page at @base, which ends in a slash."""

    def __init__(self, base, shots, profile):
        options = webdriver.ChromeOptions()
        for word in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu",
                     "hide-scrollbars", f"user-data-dir={profile}"):
            options.add_argument(f"--{word}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.base, self.shots, self.messages = base, shots, []
        self.look()

    def close(self):
        self.driver.quit()

    # ---- how it is looked at

    def look(self, width=1440, height=900, **features):
        """Set size and what the person prefers: look(360, 740, prefers_color_scheme="dark")."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)
        wanted = {"prefers_color_scheme": "light", "prefers_reduced_motion": "reduce",
                  "forced_colors": "none", **features}
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": name.replace("_", "-"), "value": value}
                           for name, value in wanted.items()])

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def open(self, path=""):
        self.driver.get(self.base + path)
        self.collect()

    def collect(self):
        """Keep what the console said."""
        self.messages += [f"{one['level']} {one['message']}" for one in self.driver.get_log("browser")
                          if not one["message"].startswith("chrome://")]

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        return wait(lambda: self.all(css), f"an element {css}")[0]

    def text(self, css="main"):
        """What is written there now; "" where there is nothing."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css)

    def see(self, words, css="main", deadline=DEADLINE):
        """Wait until @words stand there."""
        try:
            wait(lambda: words in self.text(css), words, deadline)
        except TooLate as late:
            raise TooLate(f"{late}, but there is: {self.text(css)[:500]!r}") from None

    def view(self, name):
        """Wait until the body says that it shows this view."""
        wait(lambda: self.run("return document.body.dataset.view") == name, f"the view {name}")

    def shot(self, name):
        """The whole page as a picture, kept for people to look at."""
        assert self.all("#tell"), f"{name}: {self.text('body')[:300]}"
        self.run("document.getElementById('tell').textContent = ''; scrollTo(0, 0)")
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return innerWidth")
        was = self.run("return innerHeight")
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=max(height, was),
                 deviceScaleFactor=1, mobile=False)
        data = self.cdp("Page.captureScreenshot", format="png")["data"]
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=was,
                 deviceScaleFactor=1, mobile=False)
        with open(os.path.join(self.shots, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(data))

    # ---- what a person does

    def click(self, target):
        element = self.one(target) if isinstance(target, str) else target
        self.run("arguments[0].scrollIntoView({ block: 'center' })", element)
        element.click()

    def click_words(self, words, css="button, a"):
        """The button or link with exactly these words."""
        find = lambda: [one for one in self.all(css) if one.text.strip() == words]
        self.click(wait(find, f"a button or link '{words}'")[0])

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, holding, key):
        ActionChains(self.driver).key_down(holding).send_keys(key).key_up(holding).perform()

    def ready(self):
        """The Send view with its script at work."""
        wait(lambda: self.all("#picks button"), "the builder")
        wait(lambda: self.text("#says"), "the words below the folder name")

    def choose(self, *paths):
        """As in the dialog of "Choose pictures", or of "Choose a folder" when a folder is given."""
        self.ready()
        is_folder = len(paths) == 1 and os.path.isdir(paths[0])
        field = self.all("#folder" if is_folder else "#file")[0]
        field.send_keys("\n".join(paths))

    def no_dialogs(self):
        """From here on what asks for files opens no dialog: there is nobody to close it."""
        self.run("HTMLInputElement.prototype.click = function () {}")

    def drop(self, *paths):
        """From the desktop onto the page."""
        data = {"items": [], "files": list(paths), "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.cdp("Input.dispatchDragEvent", type=kind, x=300, y=300, data=data)

    def chain(self, name):
        """Type a folder name into the builder."""
        self.ready()
        if not self.one("#typed").is_displayed():
            self.click("#type")
        self.chord(Keys.CONTROL, "a")
        self.keys(name, Keys.ENTER)
        wait(lambda: self.name() == name, f"the folder name {name}")

    def name(self):
        return self.run("return document.getElementById('name').textContent")

    def add(self, operation):
        """Add a step by its name, as with the mouse."""
        before = len(self.all(".step"))
        select = self.one("#add")
        self.run("""arguments[0].dispatchEvent(new PointerEvent('pointerdown'));
                    arguments[0].value = arguments[1];
                    arguments[0].dispatchEvent(new Event('change'))""", select, operation)
        wait(lambda: len(self.all(".step")) == before + 1, f"a step {operation}")

    def title(self, words):
        field = self.one("#title")
        field.clear()
        field.send_keys(words)

    def send(self):
        self.click("#go")
        self.view("now")

    def drop_id(self, title):
        """The id of the newest drop of this title that this browser has sent."""
        stored = self.run("return Object.entries(localStorage).find(([k]) => k.startsWith('dropmill:drops:'))[1]")
        return next(drop["id"] for drop in json.loads(stored) if drop["title"] == title)

    def asks_before_leaving(self):
        """Whether the person would be asked; chromedriver answers such questions by itself."""
        return self.run("""const leaving = new Event('beforeunload', { cancelable: true });
                           dispatchEvent(leaving);
                           return leaving.defaultPrevented""")

    # ---- what is checked everywhere

    def axe(self, script):
        """What axe-core finds wrong, a line each."""
        if not self.run("return 'axe' in window"):
            self.run(script)
        found = self.driver.execute_async_script("""
            const done = arguments[0];
            axe.run(document, { resultTypes: ['violations'] }).then(result =>
                done(result.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 120)).join(' | '))))""")
        return found

    def too_wide(self):
        """What is wider than the window."""
        return self.run("""
            if (document.documentElement.scrollWidth <= innerWidth) { return []; }
            return [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
                .map(one => one.outerHTML.slice(0, 120)).slice(0, 5)""")
