using System;
using System.Collections.Generic;
using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>When a character reacts: reactions and their conditions, as an asset.</summary>
    /// <remarks>
    /// docs/reactions.md says what each of it means. While the game runs, edits are pushed to the
    /// sidecar as they are made.
    /// </remarks>
    [CreateAssetMenu(menuName = "Rapport/Profile", fileName = "profile")]
    public sealed class RapportProfile : ScriptableObject
    {
        [Tooltip("For people.")]
        [SerializeField] private string _title = "";

        [TextArea]
        [SerializeField] private string _description = "";

        [SerializeField] private List<RapportRule> _reactions = new List<RapportRule>();

        /// <summary>It was edited.</summary>
        public event Action Changed;

        /// <summary>Its title, for people.</summary>
        public string Title
        {
            get => _title;
            set => _title = value;
        }

        /// <summary>Its reactions. Call <see cref="Touch"/> after changing them.</summary>
        public List<RapportRule> Reactions => _reactions;

        /// <summary>Tells everybody who uses it that it was changed.</summary>
        public void Touch()
        {
            Changed?.Invoke();
        }

        /// <summary>The profile as the sidecar reads it.</summary>
        public string ToJson()
        {
            return ProfileJson.Write(_title, _description, _reactions);
        }

        /// <summary>Becomes what a profile in JSON says.</summary>
        /// <exception cref="FormatException">It is no profile.</exception>
        public void FromJson(string json)
        {
            ProfileJson.Read(json, out string title, out string description, out List<RapportRule> reactions);
            _title = title;
            _description = description;
            _reactions = reactions;
            Touch();
        }

        private void OnValidate()
        {
            Touch();
        }
    }

    /// <summary>What to do while a signal is unknown.</summary>
    public enum WhenUnknown
    {
        /// <summary>As the reaction says; for a reaction: hold.</summary>
        Inherit,

        /// <summary>What it last was counts for a while.</summary>
        Hold,

        /// <summary>The reaction ends.</summary>
        End,

        /// <summary>The condition counts for nothing.</summary>
        Ignore,
    }

    /// <summary>One reaction of a profile.</summary>
    [Serializable]
    public sealed class RapportRule
    {
        [Tooltip("Letters, digits, _ and -, first a letter.")]
        public string Name = "comfort";

        [TextArea] public string Description = "";

        [SerializeReference] public RapportCondition When = new RapportCondition();

        [Tooltip("Once begun it goes on at least this long, in seconds.")]
        [Min(0)] public float HoldS = 1f;

        [Tooltip("From its end to its next begin, in seconds.")]
        [Min(0)] public float CooldownS = 5f;

        [Tooltip("How long the strength takes to fade from 1 to 0, in seconds.")]
        [Min(0)] public float DecayS = 0.5f;

        [Tooltip("A higher priority takes over in a group.")]
        public int Priority;

        [Tooltip("Of a group at most one reaction is active. Empty: none.")]
        public string Group = "";

        [Tooltip("Below this confidence a signal is unknown.")]
        [Range(0, 1)] public float MinConfidence;

        public WhenUnknown Unknown = WhenUnknown.Hold;

        [Tooltip("How long `hold` holds, in seconds.")]
        [Min(0)] public float UnknownS = 5f;

        [Tooltip("Raw strength to published strength, both 0 to 1. Fewer than two keys: as it is.")]
        public AnimationCurve Strength = new AnimationCurve();
    }

    /// <summary>What a condition is.</summary>
    public enum ConditionKind
    {
        /// <summary>A signal beyond a level.</summary>
        Level,

        /// <summary>A signal that is one of some words.</summary>
        Word,

        /// <summary>A signal that is true or false.</summary>
        Flag,

        /// <summary>All of some conditions.</summary>
        All,

        /// <summary>Any of some conditions.</summary>
        Any,

        /// <summary>Not a condition.</summary>
        Not,
    }

    /// <summary>One condition of a reaction, perhaps of others.</summary>
    [Serializable]
    public sealed class RapportCondition
    {
        public ConditionKind Kind = ConditionKind.Level;

        [Tooltip("For example frustration, valence, face.condition, mood.long_valence, contradiction, moment.betrayal, context.health.")]
        public string Signal = "frustration";

        public float Enter = 0.6f;

        [Tooltip("Below the enter level: high values count. Above it: low values count.")]
        public float Exit = 0.4f;

        public List<string> Words = new List<string>();

        public bool Flag = true;

        [SerializeReference] public List<RapportCondition> Parts = new List<RapportCondition>();

        [Tooltip("How long the signal must stay beyond its level, in seconds.")]
        [Min(0)] public float ForS;

        [Tooltip("Below this confidence the signal is unknown. Negative: as the reaction says.")]
        public float MinConfidence = -1f;

        public WhenUnknown Unknown = WhenUnknown.Inherit;

        [Tooltip("How long `hold` holds, in seconds. Negative: as the reaction says.")]
        public float UnknownS = -1f;
    }
}
