"""What a sidecar says about itself: versions, words, the requests it answers, its models."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from rapport.consent import text
from rapport.experts.store import Store, manifest
from rapport.state import LABELS, SCHEMA, Condition, EventKind, Modality
from rapport.wire.answers import Description, ModelInfo, Welcome
from rapport.wire.discovery import own_version
from rapport.wire.requests import Request

Kinds = Iterable[type[Request[Any]]]
"""The requests that are answered."""


def welcome(answered: Kinds, store: Store | None, state: str, events: str, pid: int) -> Welcome:
    """What `hello` is answered with.

    :param store: what models were loaded from; None: none is in use.
    :param state: the address of the states; `events`: that of the events.
    """
    return Welcome(
        schema=SCHEMA,
        version=own_version(),
        pid=pid,
        labels=LABELS,
        modalities=tuple(str(m) for m in Modality),
        conditions=tuple(str(c) for c in Condition),
        capabilities=tuple(sorted(_op(kind) for kind in answered)),
        languages=text.languages(),
        models=models_in_use(store),
        state_address=state,
        events_address=events,
    )


def description(answered: Kinds, store: Store | None) -> Description:
    """What `describe` is answered with."""
    return Description(
        requests={_op(kind): msgspec.json.schema(kind) for kind in answered},
        events=tuple(str(kind) for kind in EventKind),
        models=models_in_use(store),
    )


def models_in_use(store: Store | None) -> tuple[ModelInfo, ...]:
    """The models that were loaded, with licence and provider."""
    loaded = {} if store is None else store.loaded
    return tuple(
        ModelInfo(
            id=entry.id,
            version=entry.version,
            task=entry.task,
            licence=entry.licence,
            commercial_use=entry.commercial_use,
            provider=loaded[entry.id],
        )
        for entry in manifest().values()
        if entry.id in loaded
    )


def _op(kind: type[Request[Any]]) -> str:
    return cast(str, kind.__struct_config__.tag)
