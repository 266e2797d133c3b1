#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A mail for each notice of dropmill, by msmtp; jq reads the notice. Copy it, write in the copy who gets them, and name
# that in dropmill.conf(5): hooks: { exec = "/usr/local/lib/dropmill-mail"; };
#
#   argument          what kind of notice it is: done, failed, trouble
#   standard input    the notice, dropmill-json(5)
#
# msmtp's configuration (/etc/msmtprc, which the user dropmill has to be able to read) knows the server. An exit
# status that is not 0 has dropmill try again for an hour.
set -eu
TO=office@example.org
FROM=dropmill@example.org

letter=$(jq -r --arg to "$TO" --arg from "$FROM" --arg kind "$1" '
    "From: dropmill <\($from)>",
    "To: \($to)",
    "Subject: dropmill on \(.host): \($kind)",
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
