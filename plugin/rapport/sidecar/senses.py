"""The senses of a live sidecar: everything that reads the player."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from rapport.capture.clock import Observe
from rapport.capture.signals import Frame, Notify, Samples
from rapport.conversation.appraiser.appraiser import Appraiser
from rapport.conversation.appraiser.prompt import Context
from rapport.conversation.utterance import Utterance
from rapport.experts.store import Store
from rapport.settings import Settings
from rapport.sidecar.assembly import face_expert, voice_expert
from rapport.sidecar.channel import Channel
from rapport.sidecar.dialogue import Dialogue
from rapport.state import Appraisal, Evidence, Modality


class Senses:
    """Face and voice, each with a channel; the dialogue; and a language model, if one is asked."""

    def __init__(
        self,
        settings: Settings,
        may_send_text: Callable[[], bool],
        notify: Notify,
        observe: Observe,
    ) -> None:
        """
        :param may_send_text: whether the player allows that words leave this machine.
        """
        self.frame_read = threading.Event()
        """Is set when a frame was read."""
        self.face: Channel[Frame] = Channel(Modality.FACE, notify, observe, self.frame_read.set)
        self.voice: Channel[Samples] = Channel(Modality.VOICE, notify, observe)
        self.dialogue = Dialogue(notify)
        self.appraiser = Appraiser(settings.appraiser, may_send_text, notify)
        self._channels = (self.face, self.voice)
        self._observe = observe

    def load(self, settings: Settings, store: Store) -> None:
        """Load the wanted experts side by side; one that cannot be had costs itself only."""
        with ThreadPoolExecutor(3, thread_name_prefix="rapport-load") as pool:
            if settings.camera.enabled:
                pool.submit(self.face.load, lambda: face_expert(settings, store, self._observe))
            if settings.microphone.enabled:
                pool.submit(self.voice.load, lambda: voice_expert(settings, store))
            pool.submit(self.dialogue.load, store)

    def newest(self) -> dict[Modality, Evidence]:
        """What face and voice read last, or why they read nothing."""
        return {channel.modality: channel.current() for channel in self._channels}

    @property
    def opened(self) -> frozenset[Modality]:
        """The modalities whose sources are held."""
        return frozenset(channel.modality for channel in self._channels if channel.open)

    @property
    def capturing(self) -> tuple[Modality, ...]:
        """The modalities whose sources are open and give signals; what is, not what was asked."""
        return tuple(channel.modality for channel in self._channels if channel.capturing)

    def forget(self, modality: Modality) -> None:
        """Forget what a modality has shown: it may not be used any more."""
        self.dialogue.forget(modality)
        self.appraiser.forget()

    def appraise(self, over: Utterance, moments: Mapping[str, Appraisal]) -> None:
        """Let the language model think of the dialogue up to an utterance that is over."""
        seen = {Modality.FACE: over.face, Modality.VOICE: over.voice}
        told = {modality: summary for modality, summary in seen.items() if summary is not None}
        self.appraiser.consider(Context(self.dialogue.utterances(), moments, told))

    def close(self) -> None:
        """Release the sources, end the threads and the experts. Idempotent."""
        # Side by side: a camera that hangs must not keep the microphone open.
        with ThreadPoolExecutor(3, thread_name_prefix="rapport-close") as pool:
            for part in (*self._channels, self.appraiser):
                pool.submit(part.close)
