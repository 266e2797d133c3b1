#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A mail for each notice of dropmill, by msmtp. Copy it, write in the copy who gets them, and name that in
# dropmill.conf(5): hooks: { exec = "/usr/local/lib/dropmill-mail"; };
#
#   argument          what kind of notice it is: done, failed, trouble
#   standard input    the notice, dropmill-json(5)
#
# msmtp's configuration (/etc/msmtprc, which the user dropmill has to be able to read) knows the server. An exit
# status that is not 0 has dropmill try again for an hour.
set -eu
TO=office@example.org
FROM=dropmill@example.org

# The texts of the notice, one a line: "drop.path TAB gray/Holiday"; of those in lists, too. A character for each step.
texts() {
    LC_ALL=C awk '
        function unescaped(c) { return c == "n" || c == "r" || c == "t" ? " " : c }
        {
            depth = 0
            key = ""
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                if (c == "{" || c == "[") {
                    depth++ # what is in a list has the name of the list
                    name[depth] = opened[depth - 1] == "[" ? name[depth - 1] : key
                    opened[depth] = c
                }
                if (c == "}" || c == "]") depth--
                if (c != "\"") continue
                text = ""
                while ((c = substr($0, ++i, 1)) != "\"") {
                    if (c == "\\") {
                        c = unescaped(substr($0, ++i, 1))
                        if (c == "u") c = "\\u"
                    }
                    text = text c
                }
                if (substr($0, i + 1, 1) == ":") {
                    key = text
                    continue
                }
                prefix = depth > 1 && name[depth] != "" ? name[depth] "." : ""
                print prefix key "\t" text
            }
        }'
}

found=$(texts)
text_of() {
    printf '%s\n' "$found" | sed -n "s/^$1	//p" | head -n 1
}

{
    printf 'From: dropmill <%s>\nTo: %s\n' "$FROM" "$TO"
    printf 'Subject: dropmill on %s: %s\n' "$(text_of host)" "$1"
    printf 'Message-ID: <%s@%s>\n' "$(text_of id)" "$(text_of host)"
    printf 'Auto-Submitted: auto-generated\nMIME-Version: 1.0\n'
    printf 'Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\n'
    text_of text
    printf '\n'
    printf '%s\n' "$found" | awk -F '\t' '
        $1 == "failures.path" { print $2 }
        $1 == "failures.message" { print "    " $2 }
        $1 == "failures.advice" { print "    " $2 "\n" }
        $1 == "results.path" { print "The results are in    " $2 }
        $1 == "failed.path" { print "What failed is in     " $2 }'
    printf '\nThe share is %s on %s.\n' "$(text_of share)" "$(text_of host)"
} | msmtp -f "$FROM" -- "$TO"
