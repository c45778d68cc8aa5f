"""What happens when in the clip of `rapport demo --scene sarcasm`: three times the same kind words.

What a game would tell of it beside the clip is plugin/rapport/media/sarcasm.jsonl; the tests hold
the two together. Between scenes the face is neutral, lit, and looks ahead.
"""

from demo_timeline import Scene, Speech, Timeline

GREAT = "Great, thanks for the help."

SARCASM = Timeline(
    39.5,
    (
        Scene("glad", 10.6, 14.6, 0.5, {"unsmile": -1.6, "grin": 0.4}),
        Scene(
            "deadpan",
            20.0,
            25.0,
            0.5,
            {"unsmile": 0.1, "brows_down": 1.0, "eyes_narrow": 0.9, "pout": 0.6},
        ),
        Scene("smile", 28.6, 36.8, 0.5, {"unsmile": -1.6, "grin": 0.4}),
    ),
    (
        # Before anything can sound flat, it must be known how the player usually sounds.
        Speech(1.0, "Good morning. I have a question about my bill.", 48, 160, 100),
        Speech(4.6, "It says that I have paid twice. I want one of them back.", 48, 160, 100),
        Speech(11.0, GREAT, 78, 175, 130),
        Speech(20.8, GREAT, 22, 115, 75),
        Speech(29.2, "I lost my job today. It is awful. I am so sad.", 30, 130, 70),
    ),
    blinks=(1.7, 3.9, 6.4, 9.8, 13.0, 16.4, 18.9, 22.2, 26.3, 28.0, 31.4, 34.8, 38.2),
    unsmile=1.6,
)
