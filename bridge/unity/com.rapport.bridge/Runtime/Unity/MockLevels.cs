using System.Collections.Generic;

namespace Rapport.Unity
{
    /// <summary>Looks at the levels of profiles without a sidecar: enter and exit, with all, any and not.</summary>
    /// <remarks>Not the whole meaning of a profile: see <see cref="RapportMock"/>.</remarks>
    internal sealed class MockLevels
    {
        /// <summary>A change of strength below this is not told.</summary>
        private const double Step = 0.05;

        private readonly Dictionary<string, Reaction> _active = new Dictionary<string, Reaction>();
        private long _firing;

        /// <summary>Begins, changes and ends the reactions of a character as a state and its context say.</summary>
        public void Look(RapportClient client, RapportReactor reactor, EmotionState state)
        {
            foreach (RapportRule rule in reactor.Profile.Reactions)
            {
                string key = reactor.Npc + "/" + rule.Name;
                bool goesOn = _active.TryGetValue(key, out Reaction before);
                bool? reading = Truth(rule.When, goesOn, rule, state, reactor.Context);
                double strength = Strength(rule.When, state, reactor.Context);
                if (reading != true && goesOn)
                {
                    _active.Remove(key);
                    Tell(client, "reaction_ended", Made(reactor, rule.Name, before.Firing, before.Strength, reading == null ? "unknown" : "left"));
                }
                else if (reading == true && (!goesOn || System.Math.Abs(strength - before.Strength) >= Step))
                {
                    long firing = goesOn ? before.Firing : ++_firing;
                    Reaction now = Made(reactor, rule.Name, firing, strength, goesOn ? "strength" : "entered");
                    _active[key] = now;
                    Tell(client, goesOn ? "reaction_updated" : "reaction_began", now);
                }
            }
        }

        /// <summary>Ends all that goes on.</summary>
        public void Stop(RapportClient client)
        {
            foreach (Reaction reaction in new List<Reaction>(_active.Values))
            {
                reaction.Reason = "stopped";
                Tell(client, "reaction_ended", reaction);
            }
            _active.Clear();
        }

        private static Reaction Made(RapportReactor reactor, string name, long firing, double strength, string reason)
        {
            return new Reaction { Name = name, Npc = reactor.Npc, Firing = firing, Strength = strength, Reason = reason };
        }

        private static void Tell(RapportClient client, string kind, Reaction reaction)
        {
            client.FeedEvent(new RapportEvent { Kind = kind, Reaction = reaction });
        }

        // Unknown is null, and never counts as false; `not` swaps the levels.
        private static bool? Truth(
            RapportCondition condition, bool goesOn, RapportRule rule, EmotionState state, IReadOnlyDictionary<string, object> context)
        {
            switch (condition.Kind)
            {
                case ConditionKind.Not:
                    return condition.Parts.Count == 0 ? null : !Truth(condition.Parts[0], !goesOn, rule, state, context);
                case ConditionKind.All:
                case ConditionKind.Any:
                    bool decisive = condition.Kind == ConditionKind.Any;
                    bool unknown = condition.Parts.Count == 0;
                    foreach (RapportCondition part in condition.Parts)
                    {
                        bool? truth = Truth(part, goesOn, rule, state, context);
                        if (truth == decisive)
                        {
                            return decisive;
                        }
                        unknown |= truth == null;
                    }
                    return unknown ? (bool?)null : !decisive;
            }
            float least = condition.MinConfidence >= 0 ? condition.MinConfidence : rule.MinConfidence;
            if (state.ConfidenceOf(condition.Signal) < least)
            {
                return null;
            }
            if (condition.Kind == ConditionKind.Word)
            {
                string word = WordOf(condition.Signal, state, context);
                return word.Length == 0 ? (bool?)null : condition.Words.Contains(word);
            }
            double? value = ValueOf(condition.Signal, state, context);
            if (value == null)
            {
                return null;
            }
            if (condition.Kind == ConditionKind.Flag)
            {
                return value.Value > 0.5 == condition.Flag;
            }
            float level = goesOn ? condition.Exit : condition.Enter;
            return condition.Exit > condition.Enter ? value.Value <= level : value.Value >= level;
        }

        private static double Strength(RapportCondition condition, EmotionState state, IReadOnlyDictionary<string, object> context)
        {
            switch (condition.Kind)
            {
                case ConditionKind.All:
                case ConditionKind.Any:
                    bool all = condition.Kind == ConditionKind.All;
                    double found = all ? 1 : 0;
                    foreach (RapportCondition part in condition.Parts)
                    {
                        double strength = Strength(part, state, context);
                        found = all ? System.Math.Min(found, strength) : System.Math.Max(found, strength);
                    }
                    return found;
                case ConditionKind.Level:
                    double? value = ValueOf(condition.Signal, state, context);
                    return value == null ? 0 : System.Math.Min(1, System.Math.Abs(value.Value));
            }
            return 1;
        }

        private static double? ValueOf(string signal, EmotionState state, IReadOnlyDictionary<string, object> context)
        {
            object told = Told(signal, context);
            if (told is bool flag)
            {
                return flag ? 1 : 0;
            }
            if (told == null)
            {
                return state.ValueOf(signal);
            }
            return told is string ? (double?)null : System.Convert.ToDouble(told);
        }

        private static string WordOf(string signal, EmotionState state, IReadOnlyDictionary<string, object> context)
        {
            return Told(signal, context) as string ?? state.WordOf(signal);
        }

        private static object Told(string signal, IReadOnlyDictionary<string, object> context)
        {
            const string Prefix = "context.";
            bool asked = signal.StartsWith(Prefix, System.StringComparison.Ordinal);
            return asked && context.TryGetValue(signal.Substring(Prefix.Length), out object value) ? value : null;
        }
    }
}
