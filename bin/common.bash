# Sourced by the other scripts here: which JDK there is.

# The feature release of the java at $1 (17 of "17.0.15", 8 of "1.8.0_402"), or 0 when it does not run.
java_release() {
    local line
    line="$("$1" -version 2>&1 | grep -m 1 -E 'version "')" || { echo 0; return; }
    [[ $line =~ \"(1\.)?([0-9]+) ]] && echo "${BASH_REMATCH[2]}" || echo 0
}

# The home of the JDK in use: JAVA_HOME, else the one whose javac is on the path; empty when there is none.
jdk_home() {
    if [[ -n ${JAVA_HOME:-} ]]; then
        echo "$JAVA_HOME"
    elif [[ $(uname -s) == Darwin && -x /usr/libexec/java_home ]]; then
        /usr/libexec/java_home 2>/dev/null || true
    elif command -v javac >/dev/null; then
        dirname "$(dirname "$(resolved "$(command -v javac)")")"
    fi
}

# $1 with its symbolic links followed; `readlink -f` is not on every macOS.
resolved() {
    local path=$1 link
    while [[ -L $path ]]; do
        link="$(readlink "$path")"
        [[ $link == /* ]] && path=$link || path="$(dirname "$path")/$link"
    done
    echo "$path"
}
