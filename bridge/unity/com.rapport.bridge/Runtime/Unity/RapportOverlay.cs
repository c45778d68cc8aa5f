using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>
    /// A debug view: probabilities, granular states, mood, weights, conditions, contradictions, the
    /// dialogue and its moments, latency, reactions with why.
    /// </summary>
    [AddComponentMenu("Rapport/Rapport Overlay")]
    public sealed class RapportOverlay : MonoBehaviour
    {
        private const float Width = 330f;

        [SerializeField] private KeyCode _key = KeyCode.F3;
        [SerializeField] private bool _shown;

        private Vector2 _scroll;

        /// <summary>Whether it is shown.</summary>
        public bool Shown
        {
            get => _shown;
            set => _shown = value;
        }

        private void OnGUI()
        {
            Event now = Event.current;
            if (now.type == EventType.KeyDown && now.keyCode == _key)
            {
                _shown = !_shown;
                now.Use();
            }
            RapportClient client = RapportClient.Instance;
            if (!_shown || client == null)
            {
                return;
            }
            var place = new Rect(8, 8, Width + 24, Screen.height - 16);
            Styles.Fill(place, new Color(0.06f, 0.07f, 0.09f, 0.86f));
            GUILayout.BeginArea(new Rect(place.x + 12, place.y + 8, Width, place.height - 16));
            _scroll = GUILayout.BeginScrollView(_scroll);
            Draw(client, Width - 20f); // beside it is the bar, on a low screen
            GUILayout.EndScrollView();
            GUILayout.EndArea();
        }

        /// <summary>Draws the view into the layout; the editor's monitor uses it too.</summary>
        public static void Draw(RapportClient client, float width)
        {
            EmotionState state = client.State;
            GUILayout.Label(Headline(client), Styles.Title(16));
            foreach (string label in Vocabulary.Labels)
            {
                Styles.Bar(label, state.Probability(label), width, label == state.Label ? Styles.Warm : Styles.Accent);
            }
            GUILayout.Space(6);
            foreach (string name in Vocabulary.Granular)
            {
                Styles.Bar(name, state.GranularValue(name), width, Styles.Warm);
            }
            GUILayout.Space(6);
            Styles.Scale("valence", state.Valence, width, Styles.Accent);
            Styles.Scale("arousal", state.Arousal, width, Styles.Accent);
            Styles.Scale("dominance", state.Dominance, width, Styles.Accent);
            Styles.Scale("mood, seconds", state.Mood.Valence, width, Styles.Warm);
            Styles.Scale("mood, minutes", state.Mood.LongValence, width, Styles.Warm);
            Styles.Bar("volatility", state.Mood.Volatility, width, Styles.Warm);
            GUILayout.Space(6);
            for (int i = 0; i < state.Modalities.Count; i++)
            {
                ModalityState modality = state.Modalities[i];
                Styles.Bar(modality.Name + " · " + modality.Condition, modality.Weight, width, Styles.Accent);
            }
            GUILayout.Space(6);
            foreach (Reaction reaction in client.ActiveReactions)
            {
                GUILayout.Label(reaction.Npc + ": " + reaction.Name + " " + reaction.Strength.ToString("0.00") + "  " + reaction.WhyInWords(), Styles.Body(12));
            }
            GUILayout.Space(6);
            DrawDialogue(state, width);
        }

        private static void DrawDialogue(EmotionState state, float width)
        {
            ContradictionState doubt = state.Contradiction;
            if (doubt.Kind.Length == 0)
            {
                Styles.Bar("incongruence", state.Incongruence, width, Styles.Warm);
            }
            else
            {
                Styles.Bar(Spoken(doubt.Kind), doubt.Strength, width, Styles.Warm);
                GUILayout.Label(doubt.Before + " → " + doubt.After + " " + doubt.Line, Styles.Body(12));
            }
            for (int i = 0; i < state.Moments.Count; i++)
            {
                MomentState moment = state.Moments[i];
                double? strength = moment.Course == Vocabulary.UnknownCourse ? (double?)null : moment.Strength;
                Styles.Bar(moment.Name + " · " + moment.Course, strength, width, Styles.Warm);
            }
            if (state.Conversation.IsKnown)
            {
                GUILayout.Label(InWords(state.Conversation), Styles.Body(12));
            }
        }

        // "7 lines, mira.hello (npc), silent for 2.4 s, expects happiness"
        private static string InWords(ConversationState conversation)
        {
            string words = conversation.Utterances + (conversation.Utterances == 1 ? " line" : " lines");
            if (conversation.Role.Length > 0)
            {
                string line = conversation.Line.Length > 0 ? conversation.Line + " " : "";
                words += ", " + line + "(" + conversation.Role + ")";
            }
            if (conversation.PauseS.HasValue)
            {
                words += ", silent for " + conversation.PauseS.Value.ToString("0.0") + " s";
            }
            words += Likeliest(", reads ", conversation.Reading);
            return words + Likeliest(", expects ", conversation.Expected);
        }

        private static string Likeliest(string before, Distribution distribution)
        {
            Emotion found = Emotion.Neutral;
            for (Emotion emotion = Emotion.Neutral; emotion <= Emotion.Contempt; emotion++)
            {
                found = distribution[emotion] > distribution[found] ? emotion : found;
            }
            return distribution.IsKnown ? before + Vocabulary.Labels[(int)found] : "";
        }

        private static string Spoken(string word)
        {
            return word.Replace('_', ' ');
        }

        private static string Headline(RapportClient client)
        {
            if (!client.IsConnected && !client.State.IsKnown)
            {
                return "no sidecar";
            }
            EmotionState state = client.State;
            string age = state.ReceivedNs == 0 ? "" : "  " + ((Clock.NowNs - state.ReceivedNs) / 1e6).ToString("0") + " ms";
            return state.IsKnown ? state.Label + " " + state.Confidence.ToString("P0") + age : "unknown" + age;
        }
    }
}
