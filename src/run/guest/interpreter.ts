/**
 * Shell that sets `$interpreter` and `$argument` from the first line of the script at a path, as the
 * kernel splits it: the interpreter and at most one argument; `/bin/sh` where the line names none.
 */
export const interpreterOf = (path: string): string => `tab=$(printf '\\t')
IFS= read -r first <${path}
case $first in '#!'*) ;; *) first='#!/bin/sh' ;; esac
words=$(printf '%s' "$first" | sed "s/^#![ $tab]*//; s/[ $tab]*$//")
interpreter=\${words%%[ "$tab"]*}
argument=$(printf '%s' "\${words#"$interpreter"}" | sed "s/^[ $tab]*//")`;
