# SPDX-License-Identifier: ISC
# fish completion for shellac(1).  What can be typed is asked of the program itself, so
# that it is never out of date; nothing here opens a store, since that may be logged.

# the command that is being typed, or nothing
function __shellac_command
    set -l words (commandline -opc)
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word -d --dir -S --store -r --reason
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

function __shellac_help
    set -l words (commandline -opc)
    $words[1] (__shellac_command) --help 2>/dev/null
end

# the values that the option before the cursor takes
function __shellac_values
    set -l before (commandline -opc)[-1]
    for line in (__shellac_help | string replace -rf -- '^ +(?:(-[A-Za-z]), )?(--[a-z-]+) ([^ ]+).*$' '$1/$2/$3')
        set -l part (string split -m 2 / -- $line)
        contains -- $before $part[1] $part[2]; or continue
        switch $part[3]
            case '*|*'
                string split '|' -- $part[3]
            case DIR STORE
                __fish_complete_directories
            case FILE PATH KEY NOTE
                __fish_complete_path
            case ID
                echo last
        end
        return 0
    end
    return 1
end

function __shellac_words
    if __shellac_values
        return
    end
    if string match -q -- '-*' (commandline -ct)
        __shellac_help | string replace -rf -- '^ +(?:-[A-Za-z], )?(--[a-z-]+)(?: [^ ]+)?(?:  +(.*))?$' '$1\t$2'
    else if not __shellac_command >/dev/null
        __shellac_help | string replace -rf -- '^  ([a-z]+)(?: [^ ]+)*  +(.*)$' '$1\t$2'
    else if __shellac_help | string match -q '*usage:*ID*'
        echo last
    else if set -l found (__shellac_help | head -n 2 | string match -ra '[a-z][a-z-]*(?:\|[a-z][a-z-]*)+')
        string split '|' -- $found
    else
        __fish_complete_path
    end
end

complete -c shellac -f -a '(__shellac_words)'
