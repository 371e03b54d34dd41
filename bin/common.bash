# Sourced by the other scripts here: which JDK there is, and how a module is built that is run from here.

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

# The class path of module $1 once build_to_run has built it.
class_path() {
    echo "$root/$1/target/run/classes:$(<"$root/$1/target/run/class-path.txt")"
}

# Whether module $1's last build to run is there, whole, and newer than every source.
is_built() {
    local built="$root/$1/target/run" entries entry
    [[ -s $built/class-path.txt && -d $built/classes ]] || return 1
    IFS=: read -r -a entries <"$built/class-path.txt"
    for entry in "${entries[@]}"; do
        [[ -e $entry ]] || return 1
    done
    [[ -z "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/*/pom.xml "$root"/*/src/main "$root"/*/*/src/main \
        -newer "$built/class-path.txt" -print -quit 2>/dev/null)" ]]
}

# Builds module $2, for the script bin/$1, unless it is built, and exports the JDK's JAVA_HOME. To folders of its own,
# target/run in each module: what is compiled here has seen no checks.
build_to_run() {
    local home
    home="$(jdk_home)"
    if [[ -z $home || ! -x $home/bin/javac ]] || (($(java_release "$home/bin/java") < 17)); then
        echo "bin/$1: a JDK of 17 or later is needed: put its javac on the path or set JAVA_HOME" >&2
        exit 1
    fi
    export JAVA_HOME="$home"
    is_built "$2" && return
    command -v mvn >/dev/null || { echo "bin/$1: Maven 3.8.7 or later is needed: there is no mvn" >&2; exit 1; }
    echo "bin/$1: building, a moment" >&2
    # No checks: they are for those who change Coatcheck, and a newer JDK may know warnings that this one does not.
    (cd "$root" && mvn -q -B -ntp -pl "$2" -am -P '!analysis' -DoutputFolder=target/run -Dlint=-Xlint:none \
        -Dwerror=-Xlint:none -Denforcer.skip -DskipTests process-classes) >&2
    touch "$root/$2/target/run/class-path.txt"
}
