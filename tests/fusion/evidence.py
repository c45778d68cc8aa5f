"""Evidence for the tests of the fusion: plain, and whatever hypothesis can think of."""

from hypothesis import strategies as st

from rapport.state import Condition, Evidence, Measure, Modality, Quality

SECOND = 1_000_000_000
NOW = 100 * SECOND


def distribution(label: int, probability: float = 0.86) -> tuple[float, ...]:
    """One label with this probability; the others share the rest."""
    return tuple(probability if i == label else (1.0 - probability) / 7.0 for i in range(8))


def evidence(
    modality: Modality = Modality.FACE,
    label: int = 1,
    score: float = 1.0,
    age_s: float = 0.0,
    probability: float = 0.86,
    valence: float = 0.5,
    now_ns: int = NOW,
) -> Evidence:
    return Evidence(
        modality,
        now_ns - round(age_s * SECOND),
        Condition.OK,
        Quality(score),
        distribution(label, probability),
        valence,
        0.2,
        0.1,
        present=True,
    )


_any_float = st.floats(allow_nan=True, allow_infinity=True)
_shares = st.floats(0.0, 1.0)


@st.composite
def _distributions(draw: st.DrawFn) -> tuple[float, ...]:
    raw = draw(st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8))
    total = sum(raw)
    return tuple(v / total for v in raw) if total > 0 else (0.125,) * 8


def sensible_evidence(modality: Modality) -> st.SearchStrategy[Evidence]:
    """Readings that an honest expert could give."""
    return st.builds(
        Evidence,
        st.just(modality),
        st.integers(NOW - 5 * SECOND, NOW),
        st.sampled_from(Condition),
        st.builds(Quality, _shares),
        st.none() | _distributions(),
        st.none() | st.floats(-1.0, 1.0),
        st.none() | st.floats(-1.0, 1.0),
        st.none() | st.floats(-1.0, 1.0),
        st.booleans(),
    )


def wild_evidence(modality: Modality) -> st.SearchStrategy[Evidence]:
    """Readings that no expert should give, and that must not hurt."""
    return st.builds(
        Evidence,
        st.just(modality),
        st.integers(-SECOND, 2 * NOW),
        st.sampled_from(Condition),
        st.builds(
            Quality,
            _any_float,
            st.dictionaries(
                st.sampled_from(["snr_db", "blur"]), st.builds(Measure, _any_float, _any_float)
            ),
        ),
        st.none() | st.lists(_any_float, min_size=0, max_size=9).map(tuple) | _distributions(),
        st.none() | _any_float,
        st.none() | _any_float,
        st.none() | _any_float,
        st.booleans(),
        bursts=st.none() | st.lists(_any_float, max_size=9).map(tuple),
    )


def readings(kind) -> st.SearchStrategy[dict[Modality, Evidence]]:  # type: ignore[no-untyped-def]
    """One reading for each of some modalities."""
    return st.fixed_dictionaries({}, optional={m: kind(m) for m in Modality})
