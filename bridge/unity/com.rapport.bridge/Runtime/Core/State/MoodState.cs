namespace Rapport
{
    /// <summary>Where the emotion has been: over the last seconds, and over the last minutes.</summary>
    public sealed class MoodState
    {
        private double _valence, _arousal, _longValence, _longArousal, _volatility;

        /// <summary>Whether anything was seen or heard so far; if not, all of it is null.</summary>
        public bool IsKnown { get; private set; }

        /// <summary>Average of the last seconds: unpleasant −1 … +1 pleasant; null: not known.</summary>
        public double? Valence => Known(_valence);

        /// <summary>Average of the last seconds: calm −1 … +1 excited; null: not known.</summary>
        public double? Arousal => Known(_arousal);

        /// <summary>Average of the last minutes: unpleasant −1 … +1 pleasant; null: not known.</summary>
        public double? LongValence => Known(_longValence);

        /// <summary>Average of the last minutes: calm −1 … +1 excited; null: not known.</summary>
        public double? LongArousal => Known(_longArousal);

        /// <summary>How much it moves about: steady 0 … 1; null: not known.</summary>
        public double? Volatility => Known(_volatility);

        /// <summary>How much of that time was seen or heard at all, 0 … 1; 0 while nothing is known.</summary>
        public double Confidence { get; private set; }

        public void Set(
            double valence, double arousal, double longValence, double longArousal, double volatility, double confidence)
        {
            _valence = valence;
            _arousal = arousal;
            _longValence = longValence;
            _longArousal = longArousal;
            _volatility = volatility;
            Confidence = confidence;
            IsKnown = true;
        }

        public void Clear()
        {
            IsKnown = false;
            Confidence = 0;
        }

        internal void CopyFrom(MoodState other)
        {
            _valence = other._valence;
            _arousal = other._arousal;
            _longValence = other._longValence;
            _longArousal = other._longArousal;
            _volatility = other._volatility;
            Confidence = other.Confidence;
            IsKnown = other.IsKnown;
        }

        private double? Known(double value)
        {
            return IsKnown ? value : (double?)null;
        }
    }

    /// <summary>How the player has taken a moment that the game has named.</summary>
    public sealed class MomentState : Named
    {
        /// <summary>Where the player has gone since then, one of <see cref="Vocabulary.Courses"/>.</summary>
        public string Course { get; set; } = "";

        /// <summary>How far that way, 0 … 1.</summary>
        public double Strength { get; set; }

        /// <summary>How sure that is, 0 … 1: by how much was seen or heard before it and since.</summary>
        public double Confidence { get; set; }

        /// <summary>How long ago the moment was, in seconds.</summary>
        public double SinceS { get; set; }

        internal override void Clear()
        {
            Course = "";
            Strength = Confidence = SinceS = 0;
        }

        internal override void CopyFrom(Named other)
        {
            var from = (MomentState)other;
            Course = from.Course;
            Strength = from.Strength;
            Confidence = from.Confidence;
            SinceS = from.SinceS;
        }
    }
}
