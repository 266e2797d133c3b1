# SPDX-License-Identifier: MIT
"""What others say is one line of ours."""
COMMAND = ["put", "k", "x"]
EXPECT = "object Odd 400 known put: 'k' is answered with 400 Odd (one two)"


def serve(c):
    c.body()
    c.reply(400, "<Error><Code>Odd</Code><Message>one\r\ntwo</Message></Error>")
