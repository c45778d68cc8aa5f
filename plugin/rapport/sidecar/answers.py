"""Answers: what the live sidecar does for each request of the control endpoint."""

from typing import TYPE_CHECKING

from rapport.capture.clock import now_ns, wall
from rapport.consent import text
from rapport.errors import ConsentMissing, NotAvailable, SettingNotLive
from rapport.settings import LIVE, flattened, with_values
from rapport.sidecar.reacting import reaction_answers
from rapport.sidecar.sources import Sources
from rapport.sidecar.table import DONE, Answers
from rapport.state import EventKind
from rapport.wire import answers
from rapport.wire import requests as ask
from rapport.wire.controller import Peer

if TYPE_CHECKING:
    from rapport.sidecar.live import Sidecar


def live_answers(sidecar: "Sidecar") -> Answers:
    """The answers of a live sidecar."""
    live = _Live(sidecar)
    return Answers(
        sidecar,
        {
            ask.TakeLease: live.take_lease,
            ask.EndLease: live.end_lease,
            ask.GetConsentText: live.consent_text,
            ask.GrantConsent: live.grant,
            ask.RevokeConsent: live.revoke,
            ask.GetConsent: lambda _request, peer: live.consent(peer),
            ask.Pause: lambda _request, _peer: live.pause(True),
            ask.Resume: lambda _request, _peer: live.pause(False),
            ask.ListDevices: live.list_devices,
            ask.SelectDevice: live.select_device,
            ask.Say: live.say,
            ask.Mark: live.mark,
            ask.StartBaseline: live.start_baseline,
            ask.StopBaseline: live.stop_baseline,
            ask.ClearBaseline: live.clear_baseline,
            ask.GetSettings: lambda _request, _peer: live.settings(),
            ask.SetSettings: live.set_settings,
            ask.SetDuty: live.duty,
            ask.StartRecording: live.start_recording,
            ask.StopRecording: lambda _request, _peer: sidecar.recordings.stop(),
            **reaction_answers(sidecar.reacting),
        },
    )


class _Live:
    """Each request as an act on the sidecar."""

    def __init__(self, sidecar: "Sidecar") -> None:
        self._sidecar = sidecar

    def take_lease(self, request: ask.TakeLease, peer: Peer) -> answers.Lease:
        self._sidecar.admission.take_lease(peer.app, request.seconds)
        return answers.Lease(request.seconds)

    def end_lease(self, _request: ask.EndLease, peer: Peer) -> answers.Done:
        self._sidecar.admission.end_lease(peer.app)
        return DONE

    def consent_text(self, request: ask.GetConsentText, peer: Peer) -> answers.ConsentText:
        language = text.find(request.language)
        shown = text.shown(language, peer.name)
        return answers.ConsentText(
            language=language,
            version=shown.version,
            title=shown.title,
            body=shown.body,
            permissions=shown.permissions,
            agree=shown.agree,
            decline=shown.decline,
            rtl=shown.rtl,
        )

    def grant(self, request: ask.GrantConsent, peer: Peer) -> answers.ConsentStatus:
        self._sidecar.gatekeeper.grant(
            peer.app, peer.name, request.permissions, request.language,
            request.text_version, request.days, "game", wall(),
        )  # fmt: skip
        given = ", ".join(request.permissions)
        self._sidecar.announce(EventKind.CONSENT_GRANTED, "", f"{peer.app}: {given}")
        self._sidecar.admission.follow()
        return self.consent(peer)

    def revoke(self, request: ask.RevokeConsent, peer: Peer) -> answers.ConsentStatus:
        taken_back = request.permissions
        if "recording" in taken_back:
            self._sidecar.recordings.stop()
        self._sidecar.admission.revoke(
            peer.app,
            taken_back,
            lambda: self._sidecar.gatekeeper.revoke(peer.app, taken_back, "game", wall()),
        )
        return self.consent(peer)

    def consent(self, peer: Peer) -> answers.ConsentStatus:
        held = self._sidecar.gatekeeper.grants(peer.app, wall())
        return answers.ConsentStatus(
            peer.app,
            tuple(
                answers.Grant(
                    g.permission, g.granted_wall, g.until_wall, g.text_version, g.language
                )
                for g in held
            ),
        )

    def pause(self, paused: bool) -> answers.Status:
        self._sidecar.admission.pause(paused)
        return self._sidecar.status()

    def list_devices(self, _request: ask.ListDevices, _peer: Peer) -> answers.Devices:
        from rapport.capture.camera_devices import list_cameras
        from rapport.capture.microphone_devices import list_microphones

        sources = self._live()
        return answers.Devices(
            tuple(
                answers.Device(
                    str(c.index), c.name, sources.camera.device in (str(c.index), c.name)
                )
                for c in list_cameras()
            ),
            tuple(
                answers.Device(
                    str(m.index), m.name, sources.microphone.device in (str(m.index), m.name)
                )
                for m in list_microphones()
            ),
        )

    def select_device(self, request: ask.SelectDevice, _peer: Peer) -> answers.Status:
        self._live()
        self._sidecar.admission.select(request.kind, request.device)
        return self._sidecar.status()

    def say(self, request: ask.Say, _peer: Peer) -> answers.Done:
        self._sidecar.dialogue.say(request)
        self._sidecar.recordings.line(request.line, request.role, request.at_ns)
        return DONE

    def mark(self, request: ask.Mark, _peer: Peer) -> answers.Done:
        at_ns = now_ns() if request.at_ns is None else min(request.at_ns, now_ns())
        self._sidecar.mark(request.moment, at_ns)
        return DONE

    def start_baseline(self, request: ask.StartBaseline, _peer: Peer) -> answers.BaselineStatus:
        self._sidecar.baselines.start(request.profile, now_ns())
        return self._baseline()

    def stop_baseline(self, _request: ask.StopBaseline, _peer: Peer) -> answers.BaselineStatus:
        self._sidecar.baselines.stop()
        return self._baseline()

    def clear_baseline(self, request: ask.ClearBaseline, _peer: Peer) -> answers.BaselineStatus:
        self._sidecar.baselines.clear(request.profile)
        return self._baseline()

    def _baseline(self) -> answers.BaselineStatus:
        return self._sidecar.baselines.status(now_ns())

    def settings(self) -> answers.SettingsNow:
        return answers.SettingsNow(flattened(self._sidecar.settings), LIVE)

    def set_settings(self, request: ask.SetSettings, _peer: Peer) -> answers.SettingsNow:
        fixed = sorted(set(request.values) & set(flattened(self._sidecar.settings)) - set(LIVE))
        if fixed:
            raise SettingNotLive(f"{fixed[0]} cannot change while the sidecar runs")
        self._sidecar.adjust(with_values(self._sidecar.settings, request.values, "the request"))
        return self.settings()

    def duty(self, request: ask.SetDuty, _peer: Peer) -> answers.Status:
        self._sidecar.set_duty(request.level, request.budget_ms)
        return self._sidecar.status()

    def start_recording(self, request: ask.StartRecording, peer: Peer) -> answers.Recording:
        if not self._sidecar.gatekeeper.allows(peer.app, "recording", wall()):
            raise ConsentMissing(f"the player has not allowed {peer.app} to record states")
        return self._sidecar.recordings.start(request.name)

    def _live(self) -> Sources:
        """The devices.

        :raises NotAvailable: a clip plays instead.
        """
        if self._sidecar.clip is not None:
            raise NotAvailable("a clip is played; there is no device to choose")
        return self._sidecar.sources
