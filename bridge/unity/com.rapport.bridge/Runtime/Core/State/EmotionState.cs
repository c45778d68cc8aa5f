namespace Rapport
{
    /// <summary>How the player seems to feel now, and why the sidecar thinks so.</summary>
    /// <remarks>
    /// What is not known is null, never zero. The state that a connection hands out is used again
    /// for a later one: read it at once, or keep a <see cref="Copy"/>.
    /// </remarks>
    public sealed class EmotionState
    {
        /// <summary>The emotion that stands out, or `uncertain`.</summary>
        public string Label { get; set; } = Vocabulary.Uncertain;

        /// <summary>Probability that the label is right, 0 … 1; 0 when nothing is known.</summary>
        public double Confidence { get; set; }

        /// <summary>The probabilities of the eight emotions; not known when there is nothing to go by.</summary>
        public Distribution Probabilities { get; } = new Distribution();

        /// <summary>Unpleasant −1 … +1 pleasant; null: not known.</summary>
        public double? Valence { get; set; }

        /// <summary>Calm −1 … +1 excited; null: not known.</summary>
        public double? Arousal { get; set; }

        /// <summary>Helpless −1 … +1 in control; null: not known.</summary>
        public double? Dominance { get; set; }

        /// <summary>Slope of the valence over the last seconds, in 1/s; null: too little is known.</summary>
        public double? Trend { get; set; }

        /// <summary>Whether the player speaks; null: the microphone is not captured.</summary>
        public bool? Speaking { get; set; }

        /// <summary>Whether a face is seen; null: the camera is not captured.</summary>
        public bool? FacePresent { get; set; }

        /// <summary>How much the modalities contradict each other, 0 … 1; null: fewer than two can be read.</summary>
        public double? Incongruence { get; set; }

        /// <summary>Sarcasm and the like in the player's newest words; its kind is empty while there is none.</summary>
        public ContradictionState Contradiction { get; } = new ContradictionState();

        /// <summary>Where the emotion has been; not known until something was seen or heard.</summary>
        public MoodState Mood { get; } = new MoodState();

        /// <summary>How the player has taken the moments that the game has named; those that are still followed.</summary>
        public NamedList<MomentState> Moments { get; } = new NamedList<MomentState>(() => new MomentState());

        /// <summary>Where the dialogue stands; not known until something was said.</summary>
        public ConversationState Conversation { get; } = new ConversationState();

        /// <summary>Face, voice and text, and the appraisal where a language model gives one; one that is missing is unknown to the sidecar.</summary>
        public NamedList<ModalityState> Modalities { get; } = new NamedList<ModalityState>(() => new ModalityState());

        /// <summary>Frustration and the like, those that something is known about.</summary>
        public NamedList<GranularState> Granular { get; } = new NamedList<GranularState>(() => new GranularState());

        /// <summary>The laugh or sigh that is heard just now; empty: none is.</summary>
        public string Burst { get; set; } = "";

        /// <summary>The probability that it is that, 0 … 1.</summary>
        public double BurstConfidence { get; set; }

        /// <summary>Whether values are relative to the player's own neutral; `none`: they are not.</summary>
        public string Baseline { get; set; } = "none";

        /// <summary>Nobody is sensed just now: the state comes from a recording, a script or a mock.</summary>
        public bool Replay { get; set; }

        /// <summary>When the newest picture or sound behind it was captured, on the machine's monotonic clock.</summary>
        public long CapturedNs { get; set; }

        /// <summary>The same in seconds since the Unix epoch.</summary>
        public double CapturedWall { get; set; }

        /// <summary>When it was sent, on the machine's monotonic clock.</summary>
        public long PublishedNs { get; set; }

        /// <summary>The same in seconds since the Unix epoch.</summary>
        public double PublishedWall { get; set; }

        /// <summary>When it came here, on <see cref="Clock"/>; 0: it did not come over the wire.</summary>
        public long ReceivedNs { get; set; }

        /// <summary>Counts up by one per state, from 1 at every start of a sidecar.</summary>
        public long Sequence { get; set; }

        /// <summary>Version of the sender's schema.</summary>
        public int Schema { get; set; } = 1;

        /// <summary>Whether anything is known at all.</summary>
        public bool IsKnown => Probabilities.IsKnown;

        /// <summary>Whether it came more than a second ago, and must not be taken for the present.</summary>
        public bool IsStale => ReceivedNs > 0 && Clock.NowNs - ReceivedNs > StateStream.FreshNs;

        /// <summary>
        /// Milliseconds since the newest picture or sound behind it was captured, whatever the two
        /// clocks say; null: it did not come over the wire.
        /// </summary>
        public double? AgeMs => ReceivedNs > 0
            ? (PublishedNs - CapturedNs + (Clock.NowNs - ReceivedNs)) / 1e6
            : (double?)null;

        /// <summary>The probability of an emotion, 0 … 1; null: not known, or no such emotion.</summary>
        public double? Probability(string emotion)
        {
            int place = Vocabulary.IndexOf(Vocabulary.Labels, emotion);
            return place < 0 ? null : Probabilities[(Emotion)place];
        }

        /// <summary>How far the player is in a granular state, 0 … 1; null: not known.</summary>
        public double? GranularValue(string name)
        {
            return Granular[name]?.Value;
        }

        /// <summary>How sure that is, 0 … 1; 0 while it is not known.</summary>
        public double GranularConfidence(string name)
        {
            return Granular[name]?.Confidence ?? 0;
        }

        /// <summary>A state of one's own with the same content.</summary>
        public EmotionState Copy()
        {
            var copy = new EmotionState();
            copy.CopyFrom(this);
            return copy;
        }

        /// <summary>Makes this state one that knows nothing.</summary>
        public void Clear()
        {
            Label = Vocabulary.Uncertain;
            Confidence = BurstConfidence = CapturedWall = PublishedWall = 0;
            Probabilities.Clear();
            Valence = Arousal = Dominance = Trend = Incongruence = null;
            Speaking = FacePresent = null;
            Modalities.Clear();
            Granular.Clear();
            Contradiction.Clear();
            Mood.Clear();
            Moments.Clear();
            Conversation.Clear();
            Burst = "";
            Baseline = "none";
            Replay = false;
            CapturedNs = PublishedNs = ReceivedNs = Sequence = 0;
            Schema = 1;
        }

        public void CopyFrom(EmotionState other)
        {
            Label = other.Label;
            Confidence = other.Confidence;
            Probabilities.CopyFrom(other.Probabilities);
            Valence = other.Valence;
            Arousal = other.Arousal;
            Dominance = other.Dominance;
            Trend = other.Trend;
            Speaking = other.Speaking;
            FacePresent = other.FacePresent;
            Incongruence = other.Incongruence;
            Modalities.CopyFrom(other.Modalities);
            Granular.CopyFrom(other.Granular);
            Contradiction.CopyFrom(other.Contradiction);
            Mood.CopyFrom(other.Mood);
            Moments.CopyFrom(other.Moments);
            Conversation.CopyFrom(other.Conversation);
            Burst = other.Burst;
            BurstConfidence = other.BurstConfidence;
            Baseline = other.Baseline;
            Replay = other.Replay;
            CapturedNs = other.CapturedNs;
            CapturedWall = other.CapturedWall;
            PublishedNs = other.PublishedNs;
            PublishedWall = other.PublishedWall;
            ReceivedNs = other.ReceivedNs;
            Sequence = other.Sequence;
            Schema = other.Schema;
        }
    }
}
