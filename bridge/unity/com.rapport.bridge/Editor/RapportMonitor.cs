using System.Collections.Generic;
using Rapport.Unity;
using UnityEditor;
using UnityEngine;

namespace Rapport.Editor
{
    /// <summary>Window ▸ Rapport: what is felt, what reacts, and moods to try it with, while the game runs.</summary>
    public sealed class RapportMonitor : EditorWindow
    {
        private Vector2 _scroll;
        private RapportProfile _profile;
        private string _verdict = "";

        [MenuItem("Window/Rapport")]
        public static void Open()
        {
            GetWindow<RapportMonitor>("Rapport");
        }

        private void OnInspectorUpdate()
        {
            if (EditorApplication.isPlaying)
            {
                Repaint();
            }
        }

        private void OnGUI()
        {
            RapportClient client = RapportClient.Instance;
            if (!EditorApplication.isPlaying || client == null)
            {
                EditorGUILayout.HelpBox(
                    "Play a scene with a Rapport Client in it. Nothing is connected while the game does not run.", MessageType.Info);
                return;
            }
            _scroll = EditorGUILayout.BeginScrollView(_scroll);
            DrawMoods();
            RapportOverlay.Draw(client, Mathf.Max(260f, position.width - 30f));
            DrawCheck(client);
            EditorGUILayout.EndScrollView();
        }

        private void DrawMoods()
        {
            RapportMock mock = FindObjectOfType<RapportMock>();
            if (mock == null)
            {
                return;
            }
            EditorGUILayout.LabelField("Mood (while no sidecar is connected)", mock.MoodName.Length > 0 ? mock.MoodName : "unknown");
            EditorGUILayout.BeginHorizontal();
            int shown = 0;
            foreach (KeyValuePair<string, Mood> mood in Mood.Named)
            {
                if (shown++ % 4 == 0 && shown > 1)
                {
                    EditorGUILayout.EndHorizontal();
                    EditorGUILayout.BeginHorizontal();
                }
                if (GUILayout.Button(mood.Key))
                {
                    mock.SetMood(mood.Key);
                }
            }
            EditorGUILayout.EndHorizontal();
        }

        // The sidecar's own check: every mistake, with what may be meant.
        private async void Check(RapportClient client, RapportProfile profile)
        {
            _verdict = "…";
            Reply reply = await client.Ask("profile.check", new Dictionary<string, object> { { "profile", profile.ToJson() } });
            if (!reply.Ok)
            {
                _verdict = reply.What;
                return;
            }
            List<Fields> problems = reply.Fields.Maps("problems");
            _verdict = problems.Count == 0 ? "No mistake." : "";
            foreach (Fields problem in problems)
            {
                _verdict += problem.Text("key") + ": " + problem.Text("what") + "\n";
            }
            Repaint();
        }

        private void DrawCheck(RapportClient client)
        {
            EditorGUILayout.Space();
            _profile = (RapportProfile)EditorGUILayout.ObjectField("Check a profile", _profile, typeof(RapportProfile), false);
            if (_profile != null && client.IsConnected && GUILayout.Button("Check"))
            {
                Check(client, _profile);
            }
            if (_verdict.Length > 0)
            {
                EditorGUILayout.HelpBox(_verdict, MessageType.None);
            }
        }
    }
}
