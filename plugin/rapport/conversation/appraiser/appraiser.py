"""The appraiser: one thread, one request at a time, the newest context first."""

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from rapport.capture.clock import now_ns
from rapport.capture.signals import Notify
from rapport.conversation.appraiser import answer, prompt
from rapport.conversation.appraiser.answer import Appraised
from rapport.conversation.appraiser.endpoint import Endpoint, endpoint
from rapport.conversation.appraiser.prompt import Context
from rapport.errors import AppraiserError, EndpointFailed, TextNotAllowed
from rapport.settings import Appraiser as AppraiserSettings
from rapport.state import NEVER, Condition, EventKind, Evidence, Measure, Modality, Quality

BACK_OFF_S = 1.0
"""After the first failure; each further one doubles it."""
BACK_OFF_MAX_S = 60.0
AGAIN_WITHIN_S = 30.0
"""A context that failed is tried again while nothing newer was said, but not when it is older."""
WATCH_S = 0.25
"""How often it is looked whether the player still allows that words leave the machine."""
UNNAMED = "language_model"

log = logging.getLogger("rapport.conversation")


def back_off_s(failures: int) -> float:
    """How long nothing is asked after so many failures in a row."""
    return min(BACK_OFF_MAX_S, BACK_OFF_S * 2.0 ** min(failures - 1, 16))


class _Dropped(Exception):
    """The request was given up from this side: nobody wants its answer any more."""


class _Job(NamedTuple):
    context: Context
    settings: AppraiserSettings
    epoch: int


class _Reading(NamedTuple):
    """What the model said, about the dialogue up to this utterance."""

    appraised: Appraised
    number: int
    said_ns: int
    model: str


class Appraiser:
    """Asks a language model about the newest context that it was given. From any thread.

    `consider` and `current` take some microseconds: no lock is held while anything is sent, read
    or asked. Nothing here ever raises for what a server does; a failure is an event, once per
    outage, and evidence with the condition `FAILED` where there is no older reading.
    """

    def __init__(
        self, settings: AppraiserSettings, allowed: Callable[[], bool], notify: Notify
    ) -> None:
        """
        :param allowed: whether the player allows `text` now; asked only for an endpoint that is
            not on this machine, and never while a lock is held.
        :param notify: told of the begin of an outage.
        """
        self._allowed = allowed
        self._notify = notify
        self._turn = threading.Condition()
        self._settings = settings
        self._slot: Context | None = None
        self._heard = 0
        self._epoch = 0
        self._reading: _Reading | None = None
        self._trouble: Condition | None = None
        self._not_before_ns = 0
        self._failures = 0
        self._told = False
        self._stopping = False
        self._worker: threading.Thread | None = None
        self.adjust(settings)

    def adjust(self, settings: AppraiserSettings) -> None:
        """Use other settings from the next request on; switched off, forget everything."""
        with self._turn:
            if settings != self._settings:
                self._not_before_ns = 0  # what was wrong may be right now
            self._settings = settings
            if settings.enabled and self._worker is None and not self._stopping:
                self._worker = threading.Thread(target=self._work, name="rapport-appraise")
                self._worker.start()
            self._turn.notify()
        if not settings.enabled:
            self.forget()

    def consider(self, context: Context) -> None:
        """Ask about this context as soon as possible, instead of about one that still waits."""
        newest = context.newest
        with self._turn:
            if newest is None or not self._settings.enabled:
                return
            self._heard = newest.number
            self._slot = context
            self._turn.notify()

    def current(self) -> Evidence | None:
        """The newest reading, or why there is none; None while the appraiser is switched off.

        It was captured when the newest line that the model knew was said, and its quality falls
        with each line that was said since.
        """
        with self._turn:
            reading, heard, trouble = self._reading, self._heard, self._trouble
            if not self._settings.enabled:
                return None
        if reading is None:
            return Evidence(Modality.APPRAISAL, NEVER, trouble or Condition.SILENT)
        behind = max(0, heard - reading.number)
        score = 1.0 / (1.0 + behind)
        return Evidence(
            Modality.APPRAISAL,
            reading.said_ns,
            Condition.OK,
            Quality(score, {"lines_behind": Measure(float(behind), score)}),
            reading.appraised.distribution,
            present=True,
            model=reading.model,
        )

    @property
    def incongruence(self) -> float | None:
        """How far the words contradict the rest, as the model has it, 0 ... 1; None: unknown."""
        with self._turn:
            return None if self._reading is None else self._reading.appraised.incongruence

    def forget(self) -> None:
        """Forget what was said and what was made of it; an answer on its way is not used."""
        with self._turn:
            self._epoch += 1
            self._slot = self._reading = self._trouble = None
            self._turn.notify()

    def close(self) -> None:
        """End the thread, whatever its server does. Idempotent."""
        with self._turn:
            self._stopping = True
            self._turn.notify()
            worker = self._worker
        if worker is not None:
            worker.join()

    def _work(self) -> None:
        while not self._stopping:
            job = self._next()
            if job is None:
                self._watch()
                continue
            begun_ns = now_ns()
            try:
                reading = self._asked(job)
            except _Dropped:
                continue
            except AppraiserError as error:
                self._failed(job, error, begun_ns)
            except Exception as error:  # noqa: BLE001  a defect costs this expert alone
                # Its words may hold what was said.
                defect = EndpointFailed(f"The request failed: {type(error).__name__}.")
                self._failed(job, defect, begun_ns)
            else:
                self._read(job, reading, begun_ns)

    def _next(self) -> _Job | None:
        """The context to ask about, once it is time; None at times, to look at the consent."""
        with self._turn:
            left_s = (self._not_before_ns - now_ns()) / 1e9
            due = self._slot is not None and self._settings.enabled
            if not due or left_s > 0.0:
                watching = WATCH_S if self._settings.remote else None
                waits = [s for s in (watching, left_s if due else None) if s is not None]
                self._turn.wait(min(waits, default=None))
                return None
            context, self._slot = self._slot, None
            return None if context is None else _Job(context, self._settings, self._epoch)

    def _asked(self, job: _Job) -> _Reading:
        """:raises AppraiserError: there is no answer that can be used."""
        # Its libraries take 0.3 s to load, which nobody is to wait for who asks no model.
        from rapport.conversation.appraiser import request

        settings, newest = job.settings, job.context.newest
        if newest is None:
            raise _Dropped
        to = endpoint(settings)

        def over() -> None:
            if self._stopping or self._epoch != job.epoch:
                raise _Dropped
            self._require(to)

        over()
        template = prompt.load_template(settings.template)
        asked = prompt.compose(template, job.context, settings.question, settings.max_lines)
        content = request.body(asked, settings)
        said = answer.read(request.send(to, content, settings.timeout_s, over))
        return _Reading(said, newest.number, newest.end_ns, settings.model or UNNAMED)

    def _require(self, to: Endpoint) -> None:
        """:raises TextNotAllowed: words would leave the machine, and must not."""
        if not to.on_this_machine and not self._allowed():
            raise TextNotAllowed("The player does not allow that words are sent elsewhere.")

    def _watch(self) -> None:
        """Drop at once what rests on words that may not be sent any more."""
        with self._turn:
            settings, idle = self._settings, self._reading is None and self._slot is None
        if idle or not settings.remote:
            return
        try:
            self._require(endpoint(settings))
        except TextNotAllowed as error:
            self._refused(error)
        except AppraiserError:
            pass  # said when it is asked

    def _read(self, job: _Job, reading: _Reading, begun_ns: int) -> None:
        with self._turn:
            self._failures = 0
            self._told = False
            self._trouble = None
            self._not_before_ns = begun_ns + int(job.settings.every_s * 1e9)
            if self._epoch == job.epoch:
                self._reading = reading

    def _failed(self, job: _Job, error: AppraiserError, begun_ns: int) -> None:
        if isinstance(error, TextNotAllowed):
            self._refused(error)
            return
        newest = job.context.newest
        with self._turn:
            self._failures += 1
            pause_s = max(back_off_s(self._failures), job.settings.every_s)
            self._not_before_ns = begun_ns + int(pause_s * 1e9)
            young = newest and begun_ns - newest.end_ns < AGAIN_WITHIN_S * 1e9
            if error.retryable and young and self._slot is None and self._epoch == job.epoch:
                self._slot = job.context
        self._outage(error, Condition.FAILED)

    def _refused(self, error: TextNotAllowed) -> None:
        self.forget()
        self._outage(error, Condition.DISABLED)

    def _outage(self, error: AppraiserError, trouble: Condition) -> None:
        """Tell of the first failure of an outage."""
        with self._turn:
            self._trouble = trouble
            told, self._told = self._told, True
        if not told:
            self._notify(EventKind.EXPERT_FAILED, error.code, f"{error.what} {error.remedy}")
        log.debug("the language model was not of use [%s]", error.code)
