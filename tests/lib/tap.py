# SPDX-License-Identifier: MIT
"""What prove reads: a line a test, what is to be known of it behind a #, the count at the end."""
import traceback


class Tap:
    """Counts what it prints."""

    def __init__(self):
        self.count = self.failures = 0

    def test(self, what, good, notes=()):
        """One line; @notes are printed below it, whatever came of it."""
        self.count += 1
        self.failures += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}")
        for note in notes:
            print(f"#   {note}", flush=True)

    def none(self, what, breaches):
        """A test of which no breach may be found; the first of them are printed."""
        self.test(what, not breaches, breaches[:10])

    def call(self, what, function, *arguments):
        """A test that fails by any exception: one that breaks must not hide the others."""
        try:
            function(*arguments)
        except Exception:
            self.test(what, False, traceback.format_exc().splitlines())
        else:
            self.test(what, True)

    def done(self):
        """Print the plan; returns the exit status; no test at all is no success."""
        print(f"1..{self.count}")
        return int(self.failures > 0 or self.count == 0)
