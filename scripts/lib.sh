# Shared by the scripts; POSIX sh, sourced from the project's folder.

say() { printf '==> %s\n' "$*"; }

fail() {
    printf 'gatehouse: %s\n' "$*" >&2
    exit 1
}

# The newest Python of at least 3.11, by name.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install python3 (Debian 12 and Ubuntu 24.04 carry it), then run this again"
}

# Whether the dynamic linker knows a library; ldconfig may lie outside an ordinary user's PATH.
has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$1"; }

# Whether a font file of that name lies in the system's folders.
has_font() { find /usr/share/fonts -name "$1*" 2>/dev/null | grep -q .; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "root is needed for: $*
Run that as root, or install sudo, then run this again"
    fi
}

# install_missing "package|test|purpose" lines: says what is missing and why, then installs it with apt-get.
install_missing() {
    missing=
    while IFS='|' read -r package probe purpose; do
        if ! eval "$probe" >/dev/null 2>&1; then
            say "missing: $package ($purpose)"
            missing="$missing $package"
        fi
    done <<LIST
$1
LIST
    [ -z "$missing" ] && return
    command -v apt-get >/dev/null 2>&1 || fail "no apt-get here; install by hand:$missing"
    say "installing:$missing"
    as_root apt-get update -qq || say "the package lists could not be renewed; trying with those at hand"
    report=$(mktemp)
    # shellcheck disable=SC2086 # one word a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$report" 2>&1 || {
        tail -n 5 "$report" >&2
        fail "these packages could not be installed:$missing
Is the network reachable, is another installation running? Then run this again"
    }
    rm -f "$report"
}
