# SPDX-License-Identifier: MIT
# Completion of dropmill(1) for fish. Commands and options come from `dropmill help`, operations from
# `dropmill ops --names`: nothing is listed here.

function __dropmill_command
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or begin
            echo $word
            return
        end
    end
end

function __dropmill_commands
    dropmill help 2>/dev/null | string replace -rf '^  ([a-z0-9]+) +(.*)$' '$1\t$2'
end

function __dropmill_options
    begin
        dropmill help
        dropmill help (__dropmill_command)
    end 2>/dev/null | string replace -rf '^  (?:-[a-z], |    )(--[a-z0-9-]+)(?: [^ ]+)? +(.*)$' '$1\t$2'
end

function __dropmill_wants_operation
    set -l words (commandline -opc)
    test "$words[-1]" = --with; or contains -- (__dropmill_command) ops explain
end

complete -c dropmill -n 'not count (__dropmill_command) >/dev/null' -f -a '(__dropmill_commands)'
complete -c dropmill -n 'contains -- help (__dropmill_command)' -f -a '(__dropmill_commands)'
complete -c dropmill -n __dropmill_wants_operation -f -a '(dropmill ops --names 2>/dev/null)'
complete -c dropmill -n 'contains -- forget (__dropmill_command)' -f -a '(__fish_complete_directories)'
complete -c dropmill -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__dropmill_options)'
complete -c dropmill -l share -s s -x -a '(__fish_complete_directories)'
complete -c dropmill -l config -s c -r -F
