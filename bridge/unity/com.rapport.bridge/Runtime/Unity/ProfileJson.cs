using System;
using System.Collections.Generic;
using System.Globalization;
using UnityEngine;

namespace Rapport.Unity
{
    using Map = Dictionary<string, object>;

    /// <summary>Profiles between assets and the JSON that the sidecar reads.</summary>
    internal static class ProfileJson
    {
        /// <summary>Points of a strength curve; Unity's curves are bent, the sidecar's are not.</summary>
        private const int CurvePoints = 9;

        private static readonly Dictionary<WhenUnknown, string> Policies = new Dictionary<WhenUnknown, string>
        {
            { WhenUnknown.Hold, "hold" }, { WhenUnknown.End, "end" }, { WhenUnknown.Ignore, "ignore" },
        };

        public static string Write(string title, string description, IEnumerable<RapportRule> reactions)
        {
            var rules = new Map();
            foreach (RapportRule rule in reactions)
            {
                rules[rule.Name] = Rule(rule);
            }
            var profile = new Map { { "title", title }, { "reaction", rules } };
            if (description.Length > 0)
            {
                profile["description"] = description;
            }
            return Json.Write(profile);
        }

        public static void Read(string json, out string title, out string description, out List<RapportRule> reactions)
        {
            if (!Json.TryRead(json, out object value) || !(value is IDictionary<string, object> map))
            {
                throw new FormatException("no JSON object");
            }
            var profile = new Fields(map);
            title = profile.Text("title");
            description = profile.Text("description");
            reactions = new List<RapportRule>();
            Fields rules = profile.Map("reaction");
            foreach (string name in rules.Names)
            {
                reactions.Add(Rule(name, rules.Map(name)));
            }
        }

        private static Map Rule(RapportRule rule)
        {
            var map = new Map
            {
                { "when", When(rule.When) },
                { "hold_s", Number(rule.HoldS) },
                { "cooldown_s", Number(rule.CooldownS) },
                { "decay_s", Number(rule.DecayS) },
                { "priority", (long)rule.Priority },
                { "min_confidence", Number(rule.MinConfidence) },
                { "unknown", Policies[rule.Unknown == WhenUnknown.Inherit ? WhenUnknown.Hold : rule.Unknown] },
                { "unknown_s", Number(rule.UnknownS) },
            };
            if (rule.Description.Length > 0)
            {
                map["description"] = rule.Description;
            }
            if (rule.Group.Length > 0)
            {
                map["group"] = rule.Group;
            }
            if (rule.Strength != null && rule.Strength.length > 1)
            {
                map["strength"] = Points(rule.Strength);
            }
            return map;
        }

        private static RapportRule Rule(string name, Fields map)
        {
            var rule = new RapportRule
            {
                Name = name,
                Description = map.Text("description"),
                When = When(map.Map("when")),
                Priority = (int)map.Integer("priority"),
                Group = map.Text("group"),
                Unknown = Policy(map.Text("unknown"), WhenUnknown.Hold),
            };
            rule.HoldS = Number(map, "hold_s", rule.HoldS);
            rule.CooldownS = Number(map, "cooldown_s", rule.CooldownS);
            rule.DecayS = Number(map, "decay_s", rule.DecayS);
            rule.MinConfidence = Number(map, "min_confidence", rule.MinConfidence);
            rule.UnknownS = Number(map, "unknown_s", rule.UnknownS);
            foreach (object point in map.List("strength"))
            {
                var pair = (IList<object>)point;
                rule.Strength.AddKey(Convert.ToSingle(pair[0]), Convert.ToSingle(pair[1]));
            }
            return rule;
        }

        private static Map When(RapportCondition condition)
        {
            switch (condition.Kind)
            {
                case ConditionKind.All:
                case ConditionKind.Any:
                    var parts = new List<object>();
                    foreach (RapportCondition part in condition.Parts)
                    {
                        parts.Add(When(part));
                    }
                    return new Map { { condition.Kind == ConditionKind.All ? "all" : "any", parts } };
                case ConditionKind.Not:
                    RapportCondition inner = condition.Parts.Count > 0 ? condition.Parts[0] : new RapportCondition();
                    return new Map { { "not", When(inner) } };
            }
            var map = new Map { { "signal", condition.Signal } };
            if (condition.Kind == ConditionKind.Level)
            {
                map["enter"] = Number(condition.Enter);
                map["exit"] = Number(condition.Exit);
            }
            else
            {
                map["is"] = condition.Kind == ConditionKind.Flag ? condition.Flag : (object)new List<object>(condition.Words);
            }
            AddOptions(map, condition);
            return map;
        }

        private static void AddOptions(Map map, RapportCondition condition)
        {
            if (condition.ForS > 0)
            {
                map["for_s"] = Number(condition.ForS);
            }
            if (condition.MinConfidence >= 0)
            {
                map["min_confidence"] = Number(condition.MinConfidence);
            }
            if (condition.Unknown != WhenUnknown.Inherit)
            {
                map["unknown"] = Policies[condition.Unknown];
            }
            if (condition.UnknownS >= 0)
            {
                map["unknown_s"] = Number(condition.UnknownS);
            }
        }

        private static RapportCondition When(Fields map)
        {
            var condition = new RapportCondition
            {
                Signal = map.Text("signal"),
                ForS = Number(map, "for_s", 0),
                MinConfidence = Number(map, "min_confidence", -1),
                Unknown = Policy(map.Text("unknown"), WhenUnknown.Inherit),
                UnknownS = Number(map, "unknown_s", -1),
            };
            foreach (string combination in new[] { "all", "any" })
            {
                if (map[combination] != null)
                {
                    condition.Kind = combination == "all" ? ConditionKind.All : ConditionKind.Any;
                    foreach (Fields part in map.Maps(combination))
                    {
                        condition.Parts.Add(When(part));
                    }
                }
            }
            if (map["not"] != null)
            {
                condition.Kind = ConditionKind.Not;
                condition.Parts.Add(When(map.Map("not")));
            }
            else if (map["is"] is bool flag)
            {
                condition.Kind = ConditionKind.Flag;
                condition.Flag = flag;
            }
            else if (map["is"] != null)
            {
                condition.Kind = ConditionKind.Word;
                condition.Words = map["is"] is string word ? new List<string> { word } : map.Texts("is");
            }
            condition.Enter = Number(map, "enter", condition.Enter);
            condition.Exit = Number(map, "exit", (float)Signals.DefaultExit(condition.Signal, condition.Enter));
            return condition;
        }

        private static List<object> Points(AnimationCurve curve)
        {
            var points = new List<object>();
            for (int i = 0; i < CurvePoints; i++)
            {
                float x = i / (CurvePoints - 1f);
                points.Add(new List<object> { Number(x), Number(Mathf.Clamp01(curve.Evaluate(x))) });
            }
            return points;
        }

        private static WhenUnknown Policy(string word, WhenUnknown otherwise)
        {
            foreach (KeyValuePair<WhenUnknown, string> policy in Policies)
            {
                if (policy.Value == word)
                {
                    return policy.Key;
                }
            }
            return otherwise;
        }

        private static float Number(Fields map, string name, float otherwise)
        {
            return (float)(map.Number(name) ?? otherwise);
        }

        // As people write it: 0.6f is 0.6 and not 0.60000002384185791.
        private static double Number(float value)
        {
            return double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }
    }
}
