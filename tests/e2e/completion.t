#!/bin/bash
# SPDX-License-Identifier: MIT
# bash, zsh and fish complete what `dropmill help` and `dropmill ops --names` say, and no list of their own.
. "$(dirname "$0")/lib.sh"

export PATH=$BUILD:$PATH
COMPLETION=$ROOT/packaging/completion

in_bash() { # WORD... the last of which is being written
    bash -c '. "$1"; shift
        COMP_WORDS=(dropmill "$@") COMP_CWORD=$#
        _dropmill; printf "%s\n" "${COMPREPLY[@]}"' bash "$COMPLETION/dropmill.bash" "$@"
}

in_fish() {
    # shellcheck disable=SC2016 # fish expands it
    fish --no-config -c 'source $argv[1]; complete -C "dropmill $argv[2..-1]"' "$COMPLETION/dropmill.fish" "$@" | cut -f 1
}

# A real zsh on a terminal of its own: the line after a tab.
cat >"$WORK/.zshrc" <<ZSH
fpath=($COMPLETION \$fpath)
autoload -Uz compinit
compinit -u -D
complete-and-tell() { zle complete-word; print -r -- "<\${BUFFER% }>"; exit }
zle -N complete-and-tell
bindkey '^T' complete-and-tell
ZSH
in_zsh() {
    /usr/bin/python3 -B "$ROOT/tests/lib/in_terminal.py" "<dropmill.*>" "$(printf 'dropmill %s\024' "$*")" \
        env ZDOTDIR="$WORK" HOME="$WORK" zsh -i | sed 's/^<dropmill.* \(.*\)>$/\1/'
}

for shell in bash fish zsh; do
    if ! command -v $shell >/dev/null; then
        skip 5 "there is no $shell here"
        continue
    fi
    is "$shell: an operation" "$(in_$shell ops med)" median
    is "$shell: a command" "$(in_$shell expl)" explain
    is "$shell: an option" "$(in_$shell setup --new)" --new-id
    is "$shell: what is to be done" "$(in_$shell process --with duot)" duotone
    is "$shell: a global option" "$(in_$shell ls --jso)" --json
done
done_testing
