#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A mail for each notice of dropmill, by msmtp; jq reads the notice. Copy it, write in the copy who gets them, and name
# that in dropmill.conf(5): hooks: { exec = "/usr/local/lib/dropmill-mail"; };
#
#   standard input    the notice, dropmill-json(5)
#
# msmtp's configuration (/etc/msmtprc, which the user dropmill has to be able to read) knows the server. An exit
# status that is not 0 has dropmill try again for an hour.
set -eu
TO=office@example.org
FROM=dropmill@example.org

letter=$(jq -r --arg to "$TO" --arg from "$FROM" '
    # As a header may have it (RFC 2047).
    def word: "=?UTF-8?B?" + @base64 + "?=";
    def header: .[:120] | if test("^[ -~]*$") then . else
        . as $text | [range(0; length; 11) | $text[.:. + 11] | word] | join("\n ") end;
    "From: dropmill <\($from)>",
    "To: \($to)",
    "Subject: \(.text | header)",
    "Message-ID: <\(.id)@\(.host)>",
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    .text,
    "",
    (.failures[]? | .path, "    \(.message)", "    \(.advice)\n"),
    (.results.path // empty | "The results are in    \(.)"),
    (.failed.path // empty | "What failed is in     \(.)"),
    "",
    "The share is \(.share) on \(.host)."')
printf '%s\n' "$letter" | msmtp -f "$FROM" -- "$TO"
