#!/usr/bin/env python3
"""Checks that an #include only ever points down.

Three rules over every .h and .cc file of the tree:
  1. LAYERS: which of our own layers a layer may include.
  2. FENCES: which directories may include a third-party header. One place knows each library, so
     replacing the library means reading one directory.
  3. No cycle of includes between files, even inside one layer.

Prints one line per violation (file:line: message) and ends with 1; prints the number of edges per
pair of layers and ends with 0 when the tree is sound.

Usage: layering.py [ROOT]
"""

import collections
import pathlib
import re
import sys

# Layer -> layers it may include besides itself. A layer is a directory; the longest match wins, so
# runtime/base is a layer of its own below runtime.
LAYERS = {
    "runtime/base": (),
    "runtime": ("runtime/base",),
    # A pure machine: it knows neither events nor streams, so it gets the base alone.
    "nfa": ("runtime/base",),
    "checkpoint": ("runtime", "runtime/base"),
    "kafka": ("runtime", "runtime/base"),
    "cep": ("nfa", "runtime", "runtime/base"),
    "rules": ("cep", "runtime", "runtime/base"),
    "server": ("rules", "cep", "nfa", "kafka", "checkpoint", "runtime", "runtime/base"),
}

# These may include anything: tests reach into internals, and examples show any part.
FREE_LAYERS = ("examples", "tests")

# Header prefix -> files or directories that may include it; the longest prefix wins. An empty tuple
# means nobody outside FREE_LAYERS. A third-party header that no line covers is a violation too: a
# new dependency starts with a line here.
FENCES = {
    "re2/": ("runtime", "cep", "rules", "kafka"),
    "simdjson.h": ("runtime/format",),
    "date/": ("runtime/base",),  # only for time zones
    "xxhash.h": ("runtime/base",),
    "fmt/": ("runtime/base",),  # the rest formats text through runtime/base/text.h
    "spdlog/": ("runtime/base/log.h", "runtime/base/log.cc"),
    "nlohmann/": ("rules", "server"),
    "boost/": (),
    "boost/unordered/": ("runtime", "nfa", "cep"),
    "boost/container/": ("cep",),
    "boost/asio": ("server",),  # no slash: boost/asio.hpp and boost/asio/...
    "boost/beast": ("server",),
    "boost/system/": ("server",),  # the error codes of Asio and Beast
    "CLI/": ("server",),
    "toml++/": ("server",),
    "openssl/": ("server",),
    "zlib.h": ("server/http",),
    "sys/socket.h": ("server", "runtime/base/connection.cc"),
    # Text <-> address is arithmetic, not I/O, so the address type may use the C library's.
    "netinet/": ("server", "runtime/base/ip_address.cc"),
    "arpa/": ("server", "runtime/base/ip_address.cc"),
    "netdb.h": ("server", "runtime/base/connection.cc"),
    "rocksdb/": ("checkpoint/rocks", "server/storage"),
    "librdkafka/": ("kafka",),
    "zstd.h": ("checkpoint", "kafka"),
    "gtest/": (),
    "gmock/": (),
    "benchmark/": (),
}

# Headers of the operating system and of the compiler that need no fence. The C++ library is
# recognised by its shape: no slash and no dot.
SYSTEM_HEADERS = re.compile(
    r"(sys|linux)/\w+\.h"
    r"|(dirent|dlfcn|errno|fcntl|limits|poll|pthread|sched|signal|spawn|termios|time|unistd)\.h"
    r"|(immintrin|emmintrin|arm_neon|cxxabi|execinfo)\.h"
)

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def is_under(path, place):
    return path == place or path.startswith(place + "/")


def layer_of(path):
    """Returns the layer a file belongs to, or None for a path outside of all layers."""
    fits = [layer for layer in (*LAYERS, *FREE_LAYERS) if is_under(path, layer)]
    return max(fits, key=len, default=None)


def read_includes(root):
    """Returns {file: [(line, header, is_quoted)]} for every source file below the layers."""
    tops = sorted({layer.split("/")[0] for layer in (*LAYERS, *FREE_LAYERS)})
    includes = {}
    for top in tops:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cc") or not path.is_file():
                continue
            found = []
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if match:
                    found.append((number, match[1] or match[2], match[1] is not None))
            includes[path.relative_to(root).as_posix()] = found
    return includes


def check_own(path, header, includes):
    """Returns what is wrong with including our own `header` from `path`, or None."""
    if header not in includes:
        return f'no such file in the tree: "{header}" (write the path from the root)'
    source, target = layer_of(path), layer_of(header)
    if source in FREE_LAYERS or source == target:
        return None
    if target in LAYERS[source]:
        return None
    allowed = ", ".join(LAYERS[source]) or "nothing of ours"
    return f'{source} may not include {target} ("{header}"); it may include: {allowed}'


def check_third_party(path, header):
    """Returns what is wrong with including the foreign `header` from `path`, or None."""
    if layer_of(path) in FREE_LAYERS:
        return None
    fence = max((prefix for prefix in FENCES if header.startswith(prefix)), key=len, default=None)
    if fence is not None:
        if any(is_under(path, place) for place in FENCES[fence]):
            return None
        places = ", ".join(FENCES[fence]) or "tests and examples"
        return f"<{header}> is fenced; allowed in: {places}"
    if "/" not in header and "." not in header:
        return None
    if SYSTEM_HEADERS.fullmatch(header):
        return None
    return f"<{header}> is in no table; add a fence to tests/checks/layering.py"


def find_cycles(includes):
    """Yields (file, line, cycle) for each include that closes a cycle.

    An explicit stack: the depth comes from the tree and may exceed what Python recurses.
    """
    done, on_path = set(), []
    for start in includes:
        if start in done:
            continue
        on_path = [start]
        stack = [iter(includes[start])]
        while stack:
            edge = next(stack[-1], None)
            if edge is None:
                stack.pop()
                done.add(on_path.pop())
                continue
            line, header, quoted = edge
            if not quoted or header not in includes or header in done:
                continue
            if header in on_path:
                cycle = on_path[on_path.index(header):] + [header]
                yield on_path[-1], line, cycle
                continue
            on_path.append(header)
            stack.append(iter(includes[header]))


def check_tree(root):
    """Returns (violations, edge counts per pair of layers) of the tree at `root`."""
    includes = read_includes(root)
    violations, edges = [], collections.Counter()
    for path, lines in includes.items():
        for line, header, quoted in lines:
            if not quoted and layer_of(header) is not None and header in includes:
                message = f'<{header}> is ours; write #include "{header}"'
            elif quoted:
                message = check_own(path, header, includes)
            else:
                message = check_third_party(path, header)
            if message is not None:
                violations.append(f"{path}:{line}: {message}")
            elif quoted and layer_of(path) != layer_of(header):
                edges[layer_of(path), layer_of(header)] += 1
    for path, line, cycle in find_cycles(includes):
        violations.append(f"{path}:{line}: cycle of includes: {' -> '.join(cycle)}")
    return violations, edges


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2])
    violations, edges = check_tree(root)
    if violations:
        print("\n".join(violations))
        return 1
    for (source, target), count in sorted(edges.items()):
        print(f"{source} -> {target}: {count}")
    print("layering: sound")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
