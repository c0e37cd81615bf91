"""Which repository builds the book, told from the environment or from git; never with a secret."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

# scp's way of writing an SSH address: git@host.name:group/project
SCP_ADDRESS = re.compile(r"(?:[^/@]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+):(?P<path>[^/].*)")


class Repository(NamedTuple):
    """An address that may be printed on a page, and the branch (or tag) of the book."""

    url: str
    branch: str


def find_repository(environ: Mapping[str, str], folder: Path) -> Repository | None:
    """Return the repository that builds the book in this folder, or None if nothing names one."""
    address = environ.get("BOOK_REPOSITORY_URL")
    if not address and environ.get("GITHUB_REPOSITORY"):
        server = environ.get("GITHUB_SERVER_URL") or "https://github.com"
        address = f"{server}/{environ['GITHUB_REPOSITORY']}"
    url = public_url(address or git(folder, "remote", "get-url", "origin"))
    return Repository(url, find_branch(environ, folder)) if url else None


def find_branch(environ: Mapping[str, str], folder: Path) -> str:
    """Return the branch for links; for a pull request the one it is made to, since that stays."""
    return (
        environ.get("BOOK_REPOSITORY_BRANCH")
        or environ.get("GITHUB_BASE_REF")
        or environ.get("GITHUB_REF_NAME")
        or git(folder, "symbolic-ref", "--short", "--quiet", "HEAD")
        or "main"
    )


def public_url(address: str) -> str:
    """Rewrite any address that git takes as a web page's; '' if it does not look like one.

    Only the host, a port of http(s) and the path are kept: what else an address may hold, such as
    a user, a token or a query, can be a secret.

    >>> public_url("https://me:token@example.org/group/project.git")
    'https://example.org/group/project'
    """
    if scp := SCP_ADDRESS.fullmatch(address):
        address = f"ssh://{scp['host']}/{scp['path']}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # not an address, or a port that is no number
        return ""
    path = parts.path.strip("/").removesuffix(".git")
    if not parts.hostname or not re.fullmatch(r"[\w.~-]+(/[\w.~-]+)+", path):
        return ""
    if parts.scheme not in ("http", "https"):
        return f"https://{parts.hostname}/{path}" if parts.scheme in ("ssh", "git") else ""
    return f"{parts.scheme}://{parts.hostname}{f':{port}' if port else ''}/{path}"


def git(folder: Path, *arguments: str) -> str:
    """Return what a git command prints; '' where there is no git, or no repository."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
