"""Fetching a model that does not come with Rapport: resumable, and nothing unverified is kept.

Bytes go into a `.part` file beside the target. Only a file of the right size and SHA-256 takes
the model's name, so a broken or forged download is never loaded. Nothing else in Rapport fetches
anything, and this only does when the user asks for it.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from rapport.errors import DownloadFailed
from rapport.experts.manifest import Entry

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Seconds; a server that says nothing for this long is given up."""
_NO_SUCH_REST = (httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE, httpx.codes.PARTIAL_CONTENT)
"""Answers after which the download starts over: the server has no rest, or sends another one."""

_log = logging.getLogger("rapport.experts")

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes that there will be."""


def download(
    entry: Entry, directory: Path, progress: Progress = lambda _done, _total: None
) -> Path:
    """Fetch a model into a directory and return its file.

    What an earlier call left in the `.part` file is not fetched again, if the server can send
    the rest only; otherwise the download starts over.

    :raises DownloadFailed: the address is not https, the server cannot be reached or refuses,
        the connection breaks off (what came is kept), the hash is wrong (nothing is kept), or
        the directory cannot be written.
    """
    target = directory / entry.file
    part = target.with_name(target.name + ".part")
    with _failures_named(entry):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not part.is_file() or part.stat().st_size < entry.bytes:
            _fetch(entry, part, progress)
        _verify(entry, part)
        part.replace(target)
    _log.info("downloaded %s %s", entry.id, entry.version)
    return target


def _fetch(entry: Entry, part: Path, progress: Progress) -> None:
    """Bring the `.part` file to its full size."""
    done = part.stat().st_size if part.is_file() else 0
    with _answer(entry.url, done) as response:
        goes_on = _goes_on(response, done)
        no_rest = done > 0 and not goes_on and response.status_code in _NO_SUCH_REST
        if goes_on or response.status_code == httpx.codes.OK:
            done = _write(response, part, done if goes_on else 0, entry.bytes, progress)
        elif not no_rest:
            raise DownloadFailed(
                f"{entry.url} answered {response.status_code} {response.reason_phrase}".rstrip()
            )
    if no_rest:
        part.unlink()
        _fetch(entry, part, progress)
    elif done < entry.bytes:
        raise DownloadFailed(f"{entry.url} broke off after {done:,} of {entry.bytes:,} bytes")


@contextmanager
def _answer(url: str, offset: int) -> Iterator[httpx.Response]:
    # Identity: a compressed answer has other bytes and another length than the manifest says.
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    client = httpx.Client(
        follow_redirects=True,
        timeout=_TIMEOUT,
        # A server on this machine is not reached through a proxy that the environment names.
        trust_env=httpx.URL(url).host not in _LOOPBACK,
        event_hooks={"request": [_require_safe]},  # called again for every redirect
    )
    with client, client.stream("GET", url, headers=headers) as response:
        yield response


def _goes_on(response: httpx.Response, offset: int) -> bool:
    """Whether the answer begins exactly where the `.part` file ends."""
    return (
        offset > 0
        and response.status_code == httpx.codes.PARTIAL_CONTENT
        and response.headers.get("Content-Range", "").startswith(f"bytes {offset}-")
    )


def _write(response: httpx.Response, part: Path, done: int, total: int, progress: Progress) -> int:
    """Append to the `.part` file, or begin it anew (`done` 0); its new size.

    At most one chunk more than `total` is written: an endless answer must not fill the disk.
    """
    with part.open("ab" if done else "wb") as file:
        progress(done, total)
        # As they come: a chunk size would keep bytes back, and lose them when it breaks off.
        for chunk in response.iter_raw():
            file.write(chunk)
            done += len(chunk)
            progress(min(done, total), total)
            if done > total:
                break
    return done


def _require_safe(request: httpx.Request) -> None:
    if request.url.scheme != "https" and request.url.host not in _LOOPBACK:
        raise DownloadFailed(f"{request.url} is refused: only https addresses are fetched")


def _verify(entry: Entry, part: Path) -> None:
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 != entry.sha256:
        part.unlink()
        raise DownloadFailed(
            f"{entry.url} sent something else than the published {entry.id}: "
            f"its SHA-256 is {sha256[:16]}…, not {entry.sha256[:16]}…; it is deleted"
        )


@contextmanager
def _failures_named(entry: Entry) -> Iterator[None]:
    """Turn what the network and the disk raise into the one error of this module."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        host = httpx.URL(entry.url).host
        what = f"{host} cannot be reached: {error}; is this machine online?"
        raise DownloadFailed(what) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise DownloadFailed(f"{entry.url}: {str(error) or type(error).__name__}") from error
    except OSError as error:
        raise DownloadFailed(f"{error.filename or entry.file}: {error.strerror}") from error
