using System;
using System.Collections.Generic;
using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>A mood that is played instead of a camera.</summary>
    public sealed class Mood
    {
        /// <summary>The moods by name, as the Godot bridge has them.</summary>
        public static readonly IReadOnlyDictionary<string, Mood> Named = new Dictionary<string, Mood>
        {
            { "calm", new Mood(Emotion.Neutral, 0.85, "engagement", 0.3) },
            { "happy", new Mood(Emotion.Happiness, 0.85, "engagement", 0.6) },
            { "amused", new Mood(Emotion.Happiness, 0.7, "amusement", 0.85) },
            { "surprised", new Mood(Emotion.Surprise, 0.85, "engagement", 0.6) },
            { "sad", new Mood(Emotion.Sadness, 0.85, "grief", 0.3) },
            { "frustrated", new Mood(Emotion.Anger, 0.5, "frustration", 0.85) },
            { "angry", new Mood(Emotion.Anger, 0.85, "frustration", 0.6) },
            { "afraid", new Mood(Emotion.Fear, 0.85, "overwhelm", 0.5) },
            { "disgusted", new Mood(Emotion.Disgust, 0.85, "engagement", 0.3) },
            { "confused", new Mood(Emotion.Surprise, 0.4, "confusion", 0.85) },
            { "bored", new Mood(Emotion.Neutral, 0.7, "boredom", 0.85) },
            { "sceptical", new Mood(Emotion.Contempt, 0.55, "scepticism", 0.85) },
            { "overwhelmed", new Mood(Emotion.Fear, 0.5, "overwhelm", 0.85) },
            { "grieving", new Mood(Emotion.Sadness, 0.7, "grief", 0.85) },
        };

        // Valence, arousal and dominance of each emotion, as the sidecar has them (plugin/rapport/state.py).
        private static readonly double[,] Vad =
        {
            { 0.00, 0.00, 0.00 }, { 0.81, 0.51, 0.46 }, { 0.40, 0.67, -0.13 }, { -0.63, -0.27, -0.33 },
            { -0.51, 0.59, 0.25 }, { -0.60, 0.35, 0.11 }, { -0.64, 0.60, -0.43 }, { -0.30, -0.10, 0.40 },
        };

        // What a granular state is worth that a mood does not name: next to nothing, but known.
        private const double Little = 0.05;
        private const double Confidence = 0.9;

        public Mood(Emotion emotion, double strength, string granular, double value)
        {
            Emotion = emotion;
            Strength = strength;
            Granular = granular;
            Value = value;
        }

        /// <summary>The emotion that stands out, and its probability; the rest is neutral.</summary>
        public Emotion Emotion { get; }

        public double Strength { get; }

        /// <summary>The granular state that goes with it, and how far the player is in it.</summary>
        public string Granular { get; }

        public double Value { get; }

        /// <summary>Writes the mood into a state; null: nothing is known about the player.</summary>
        public static void Write(Mood mood, EmotionState state)
        {
            state.Clear();
            state.Replay = true;
            state.Schema = 5;
            ModalityState face = state.Modalities.Add("face");
            face.Condition = mood == null ? "disabled" : "ok";
            if (mood == null)
            {
                return;
            }
            var shares = new double[8];
            shares[0] = 1 - mood.Strength;
            shares[(int)mood.Emotion] += mood.Strength;
            state.Probabilities.Set(shares);
            state.Label = Vocabulary.Labels[(int)mood.Emotion];
            state.Confidence = Confidence;
            state.Valence = Vad[(int)mood.Emotion, 0] * mood.Strength;
            state.Arousal = Vad[(int)mood.Emotion, 1] * mood.Strength;
            state.Dominance = Vad[(int)mood.Emotion, 2] * mood.Strength;
            state.Mood.Set(state.Valence.Value, state.Arousal.Value, state.Valence.Value, state.Arousal.Value, 0, Confidence);
            state.FacePresent = true;
            state.Speaking = false;
            face.Weight = 1;
            face.Quality = 1;
            foreach (string name in Vocabulary.Granular)
            {
                GranularState granular = state.Granular.Add(name);
                granular.Value = name == mood.Granular ? mood.Value : Little;
                granular.Confidence = Confidence;
            }
        }
    }

    /// <summary>A timed mood of a mock's script.</summary>
    [Serializable]
    public sealed class MoodStep
    {
        [Tooltip("From this many seconds after the start.")]
        [Min(0)] public float At;

        [Tooltip("A mood by name, such as happy; any other word: unknown.")]
        public string Mood = "calm";
    }

    /// <summary>Plays a player's mood without camera and microphone: by keys, from a script, or as chosen in a menu.</summary>
    /// <remarks>
    /// It is silent while a sidecar is connected. It looks at the levels of profiles only (enter and
    /// exit, with all, any and not): dwell, hold, cool-down, decay, priority and groups are the
    /// sidecar's work, so a reaction may end sooner here, or begin more often.
    /// </remarks>
    [AddComponentMenu("Rapport/Rapport Mock")]
    public sealed class RapportMock : MonoBehaviour
    {
        private const float StatesPerSecond = 20f;

        /// <summary>The number keys 1 to 9 and 0, in their order.</summary>
        private static readonly string[] Keys =
        {
            "calm", "happy", "amused", "surprised", "sad", "frustrated", "angry", "afraid", "bored", "",
        };

        [Tooltip("The number keys choose a mood, in the editor and in development builds.")]
        [SerializeField] private bool _numberKeys = true;

        [SerializeField] private List<MoodStep> _script = new List<MoodStep>();

        private readonly EmotionState _state = new EmotionState();
        private readonly MockLevels _levels = new MockLevels();
        private string _mood = "";
        private bool _plays;
        private float _wait, _playedS;
        private long _sequence;

        /// <summary>The mood that is played; empty: nothing is known about the player.</summary>
        public string MoodName => _mood;

        /// <summary>Plays a mood by name; any other word: nothing is known about the player.</summary>
        public void SetMood(string moodName)
        {
            _script.Clear();
            _mood = moodName;
        }

        private void Update()
        {
            RapportClient client = RapportClient.Instance;
            bool wanted = client != null && !client.IsConnected;
            if (!wanted)
            {
                if (_plays && client != null)
                {
                    _levels.Stop(client);
                }
                _plays = false;
                return;
            }
            _plays = true;
            Choose();
            _wait -= Time.unscaledDeltaTime;
            if (_wait <= 0)
            {
                _wait = 1f / StatesPerSecond;
                Feed(client);
            }
        }

        private void OnDisable()
        {
            RapportClient client = RapportClient.Instance;
            if (_plays && client != null)
            {
                _levels.Stop(client);
            }
            _plays = false;
        }

        private void Choose()
        {
            _playedS += Time.deltaTime;
            foreach (MoodStep step in _script)
            {
                if (step.At <= _playedS)
                {
                    _mood = step.Mood;
                }
            }
#if ENABLE_LEGACY_INPUT_MANAGER
            if (_numberKeys && Debug.isDebugBuild)
            {
                for (int place = 0; place < Keys.Length; place++)
                {
                    if (Input.GetKeyDown((place + 1) % 10 + KeyCode.Alpha0))
                    {
                        SetMood(Keys[place]);
                    }
                }
            }
#endif
        }

        private void Feed(RapportClient client)
        {
            Mood.Named.TryGetValue(_mood, out Mood mood);
            Mood.Write(mood, _state);
            _state.Sequence = ++_sequence;
            client.FeedState(_state);
            foreach (RapportReactor reactor in FindObjectsOfType<RapportReactor>())
            {
                if (reactor.Profile != null)
                {
                    _levels.Look(client, reactor, _state);
                }
            }
        }
    }
}
