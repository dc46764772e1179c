"""Refuses every connection that leaves this machine.

Imported by the tests for their own process; run as ``python tests/offline.py -m module …`` or ``… script.py …`` it does
the same for a server that a test starts, and says so on the standard error stream.
"""

from __future__ import annotations

import ipaddress
import os
import runpy
import sys
from pathlib import Path

LEFT: list[str] = []
"""Where this process tried to go, as ``event: address``."""
SAID = "storymap-offline: refused"


class NetworkRefusedError(OSError):
    """A test tried to reach another machine."""


def is_loopback(host: object) -> bool:
    """Whether a host name or address means this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _target(event: str, args: tuple[object, ...]) -> object:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        return address[0] if isinstance(address, tuple) else "localhost"  # a string is a socket in the file system
    return args[0]


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        host = _target(event, args)
        if not is_loopback(host):
            LEFT.append(f"{event}: {host!r}")
            print(SAID, LEFT[-1], file=sys.stderr, flush=True)
            raise NetworkRefusedError(f"tests have no network ({LEFT[-1]})")


def refuse_network() -> None:
    """Holds until the process ends. Libraries in C that make connections of their own get a proxy that is not there."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ[name] = "http://127.0.0.1:9"
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1,::1"
    os.environ["PROJ_NETWORK"] = "OFF"
    sys.addaudithook(_hook)


if __name__ == "__main__":
    refuse_network()
    if sys.argv[1] == "-m":
        sys.argv = sys.argv[2:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = sys.argv[1:]
        sys.path[0] = str(Path(sys.argv[0]).resolve().parent)
        runpy.run_path(sys.argv[0], run_name="__main__")
