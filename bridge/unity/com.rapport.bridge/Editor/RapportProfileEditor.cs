using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;
using Rapport.Unity;
using UnityEditor;
using UnityEngine;

namespace Rapport.Editor
{
    /// <summary>The inspector of a profile: its fields, what is wrong with it, and JSON in and out.</summary>
    [CustomEditor(typeof(RapportProfile))]
    public sealed class RapportProfileEditor : UnityEditor.Editor
    {
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var profile = (RapportProfile)target;
            foreach (string mistake in ProfileMistakes.Of(profile))
            {
                EditorGUILayout.HelpBox(mistake, MessageType.Warning);
            }
            EditorGUILayout.BeginHorizontal();
            if (GUILayout.Button("Read JSON …"))
            {
                Read(profile);
            }
            if (GUILayout.Button("Write JSON …"))
            {
                string path = EditorUtility.SaveFilePanel("Write the profile", "", profile.name, "json");
                if (path.Length > 0)
                {
                    File.WriteAllText(path, profile.ToJson());
                }
            }
            EditorGUILayout.EndHorizontal();
        }

        private static void Read(RapportProfile profile)
        {
            string path = EditorUtility.OpenFilePanel("Read a profile", "", "json");
            if (path.Length == 0)
            {
                return;
            }
            Undo.RecordObject(profile, "Read a profile");
            try
            {
                profile.FromJson(File.ReadAllText(path));
                EditorUtility.SetDirty(profile);
            }
            catch (Exception error) when (error is FormatException || error is IOException)
            {
                EditorUtility.DisplayDialog("Rapport", "The file cannot be used: " + error.Message, "OK");
            }
        }
    }

    /// <summary>What is wrong with a profile, as far as can be told without a sidecar.</summary>
    public static class ProfileMistakes
    {
        private static readonly Regex Name = new Regex("^[A-Za-z][A-Za-z0-9_-]{0,47}$");

        /// <summary>One sentence for each mistake.</summary>
        public static IEnumerable<string> Of(RapportProfile profile)
        {
            var seen = new HashSet<string>();
            if (profile.Reactions.Count == 0)
            {
                yield return "There is no reaction yet.";
            }
            foreach (RapportRule rule in profile.Reactions)
            {
                if (!Name.IsMatch(rule.Name))
                {
                    yield return "'" + rule.Name + "' is no name: use letters, digits, _ and -, first a letter.";
                }
                if (!seen.Add(rule.Name))
                {
                    yield return "Two reactions are called '" + rule.Name + "'.";
                }
                foreach (string mistake in Of(rule.When))
                {
                    yield return rule.Name + ": " + mistake;
                }
            }
        }

        // What a signal must be for a condition of that kind.
        private static readonly Dictionary<ConditionKind, SignalKind> Wanted = new Dictionary<ConditionKind, SignalKind>
        {
            { ConditionKind.Level, SignalKind.Number }, { ConditionKind.Flag, SignalKind.Flag }, { ConditionKind.Word, SignalKind.Word },
        };

        private static IEnumerable<string> Of(RapportCondition condition)
        {
            if (Wanted.TryGetValue(condition.Kind, out SignalKind wanted))
            {
                SignalKind found = Signals.KindOf(condition.Signal);
                if (found == SignalKind.None)
                {
                    yield return "there is no signal '" + condition.Signal + "'.";
                }
                else if (found != wanted && found != SignalKind.Any)
                {
                    yield return condition.Signal + " is a " + found.ToString().ToLowerInvariant() + ", and no " + wanted.ToString().ToLowerInvariant() + ".";
                }
            }
            switch (condition.Kind)
            {
                case ConditionKind.All:
                case ConditionKind.Any:
                    if (condition.Parts.Count == 0)
                    {
                        yield return "a combination needs at least one condition.";
                    }
                    foreach (RapportCondition part in condition.Parts)
                    {
                        foreach (string mistake in Of(part))
                        {
                            yield return mistake;
                        }
                    }
                    break;
                case ConditionKind.Not:
                    if (condition.Parts.Count != 1)
                    {
                        yield return "`not` needs exactly one condition.";
                    }
                    break;
                case ConditionKind.Level:
                    if (condition.Enter == condition.Exit)
                    {
                        yield return condition.Signal + ": exit equals enter, so it would flicker.";
                    }
                    break;
                case ConditionKind.Word:
                    if (condition.Words.Count == 0)
                    {
                        yield return condition.Signal + ": say which words it may be.";
                    }
                    break;
            }
        }
    }
}
