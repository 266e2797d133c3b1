# SPDX-License-Identifier: MIT
# Completion of dropmill(1) for bash. Commands and options come from `dropmill help`, operations and recipes
# from `dropmill ops --names`: nothing is listed here.

# The words in the first column of a help text: its commands, or its options.
_dropmill_words() { # KIND COMMAND
    if [ "$1" = commands ]; then
        dropmill help 2>/dev/null | sed -n 's/^  \([a-z0-9]\{1,\}\)  .*/\1/p'
    else
        { dropmill help; dropmill help "$2"; } 2>/dev/null | grep -oE '^  (-[a-z], |    )--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'
    fi
}

_dropmill() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command="" word words=""
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
        -*) ;;
        *)
            command=$word
            break
            ;;
        esac
    done
    COMPREPLY=()
    case $before in
    --share | -s | --get | --output | -o)
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return
        ;;
    --config | -c)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --with) words=$(dropmill ops --names 2>/dev/null) ;;
    *)
        case $current in
        -*) words=$(_dropmill_words options "$command") ;;
        *)
            case $command in
            '') words=$(_dropmill_words commands) ;;
            ops | explain) words=$(dropmill ops --names 2>/dev/null) ;;
            help) words=$(_dropmill_words commands) ;;
            forget)
                mapfile -t COMPREPLY < <(compgen -d -- "$current")
                return
                ;;
            *)
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
            esac
            ;;
        esac
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _dropmill dropmill
