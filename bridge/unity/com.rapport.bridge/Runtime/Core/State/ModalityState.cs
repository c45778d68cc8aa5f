namespace Rapport
{
    /// <summary>One modality's part in a state: face, voice, text or appraisal.</summary>
    public sealed class ModalityState : Named
    {
        /// <summary>Its share in the result, 0 … 1; all shares sum to 1, or are 0 when nothing can be read.</summary>
        public double Weight { get; set; }

        /// <summary>What is the matter with the signal, one of <see cref="Vocabulary.Conditions"/>.</summary>
        public string Condition { get; set; } = "";

        /// <summary>How good the signal is, 0 (useless) … 1 (as good as it gets).</summary>
        public double Quality { get; set; }

        /// <summary>The measured numbers behind the quality.</summary>
        public NamedList<Measure> Measures { get; } = new NamedList<Measure>(() => new Measure());

        /// <summary>How old its evidence was when the state was made, in ms; null: there never was any.</summary>
        public double? AgeMs { get; set; }

        /// <summary>What this modality alone says.</summary>
        public Distribution Distribution { get; } = new Distribution();

        /// <summary>−1 … +1; null: not known.</summary>
        public double? Valence { get; set; }

        /// <summary>−1 … +1; null: not known.</summary>
        public double? Arousal { get; set; }

        /// <summary>What the numbers came from, for people; empty: nothing.</summary>
        public string Model { get; set; } = "";

        internal override void Clear()
        {
            Weight = Quality = 0;
            Condition = Model = "";
            Measures.Clear();
            AgeMs = Valence = Arousal = null;
            Distribution.Clear();
        }

        internal override void CopyFrom(Named other)
        {
            var from = (ModalityState)other;
            Weight = from.Weight;
            Condition = from.Condition;
            Quality = from.Quality;
            Measures.CopyFrom(from.Measures);
            AgeMs = from.AgeMs;
            Distribution.CopyFrom(from.Distribution);
            Valence = from.Valence;
            Arousal = from.Arousal;
            Model = from.Model;
        }
    }

    /// <summary>One measured number of a signal's quality, such as `snr_db` or `yaw_deg`.</summary>
    public sealed class Measure : Named
    {
        /// <summary>In the unit that its name says.</summary>
        public double Value { get; set; }

        /// <summary>The same as 0 (useless) … 1 (as good as it gets).</summary>
        public double Score { get; set; }

        internal override void Clear()
        {
            Value = Score = 0;
        }

        internal override void CopyFrom(Named other)
        {
            Value = ((Measure)other).Value;
            Score = ((Measure)other).Score;
        }
    }

    /// <summary>One of <see cref="Vocabulary.Granular"/>.</summary>
    public sealed class GranularState : Named
    {
        /// <summary>How far the player is in it, 0 … 1. No probability.</summary>
        public double Value { get; set; }

        /// <summary>How sure that is, 0 … 1.</summary>
        public double Confidence { get; set; }

        internal override void Clear()
        {
            Value = Confidence = 0;
        }

        internal override void CopyFrom(Named other)
        {
            Value = ((GranularState)other).Value;
            Confidence = ((GranularState)other).Confidence;
        }
    }
}
