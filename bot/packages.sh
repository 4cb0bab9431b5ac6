# Debian packages: sourced by bot/run and tests/run.  need PACKAGE... installs what is missing; the
# network is touched only then.
need() {
	missing=
	for package in "$@"; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" = 0 ]; then
		as_root=
	elif command -v sudo >/dev/null 2>&1; then
		as_root=sudo
	else
		echo "$0: these packages are missing and neither root nor sudo is at hand to install them:" >&2
		echo "    apt-get install$missing" >&2
		exit 2
	fi
	echo "$0: installing$missing" >&2
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2 || {
		echo "$0: the packages could not be installed:$missing" >&2
		exit 2
	}
}

# need_program NAME PACKAGE: a program that may have come from elsewhere than its Debian package.
need_program() {
	command -v "$1" >/dev/null 2>&1 || need "$2"
}

debian() {
	command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && return 0
	echo "$0: this script installs Debian packages (made for Debian 12), and there is no apt-get here" >&2
	echo "    elsewhere: install what README.md lists, then: cmake --preset release && cmake --build --preset release" >&2
	exit 2
}

build_packages='gcc libc6-dev cmake ninja-build pkg-config libpcre2-dev libcjson-dev libutf8proc-dev libssl-dev
	libsqlite3-dev libxxhash-dev libedit-dev wamerican-small libwebsockets-dev libwebsockets-evlib-ev libev-dev libcurl4-openssl-dev uthash-dev
	tzdata esbuild'

# build PRESET: quiet unless something fails; then it returns 2.
build() {
	log=build/$1.log
	mkdir -p build || return 2
	if [ ! -f "build/$1/build.ninja" ]; then
		echo "$0: building (once; a minute or so)" >&2
		cmake --preset "$1" >"$log" 2>&1 || { cat "$log" >&2; return 2; }
	fi
	cmake --build --preset "$1" >"$log" 2>&1 && return 0
	grep -v '^\[[0-9]*/[0-9]*\] ' "$log" >&2
	echo "$0: the build failed" >&2
	return 2
}
