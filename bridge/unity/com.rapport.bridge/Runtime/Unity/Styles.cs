using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>The looks of what this package draws by code. Call from OnGUI only.</summary>
    internal static class Styles
    {
        public static readonly Color Ink = new Color(0.93f, 0.93f, 0.9f);
        public static readonly Color Quiet = new Color(0.62f, 0.64f, 0.66f);
        public static readonly Color Accent = new Color(0.37f, 0.72f, 0.85f);
        public static readonly Color Warm = new Color(0.93f, 0.69f, 0.31f);

        public static GUIStyle Title(int size)
        {
            return new GUIStyle(GUI.skin.label) { fontSize = size, wordWrap = true, fontStyle = FontStyle.Bold };
        }

        public static GUIStyle Body(int size)
        {
            return new GUIStyle(GUI.skin.label) { fontSize = size, wordWrap = true };
        }

        public static GUIStyle Button(int size)
        {
            return new GUIStyle(GUI.skin.button) { fontSize = size };
        }

        public static GUIStyle Toggle(int size)
        {
            return new GUIStyle(GUI.skin.toggle) { fontSize = size, wordWrap = true };
        }

        /// <summary>A bar from the left, with its name before and its number behind it.</summary>
        public static void Bar(string name, double? value, float width, Color colour)
        {
            GUILayout.BeginHorizontal();
            GUILayout.Label(name, GUILayout.Width(width * 0.36f));
            Rect place = GUILayoutUtility.GetRect(width * 0.44f, 14f);
            Fill(place, new Color(1, 1, 1, 0.08f));
            if (value.HasValue)
            {
                Fill(new Rect(place.x, place.y, place.width * Mathf.Clamp01((float)value.Value), place.height), colour);
            }
            GUILayout.Label(value.HasValue ? value.Value.ToString("0.00") : "–", GUILayout.Width(width * 0.16f));
            GUILayout.EndHorizontal();
        }

        /// <summary>The same from the middle, for −1 … +1.</summary>
        public static void Scale(string name, double? value, float width, Color colour)
        {
            GUILayout.BeginHorizontal();
            GUILayout.Label(name, GUILayout.Width(width * 0.36f));
            Rect place = GUILayoutUtility.GetRect(width * 0.44f, 14f);
            Fill(place, new Color(1, 1, 1, 0.08f));
            if (value.HasValue)
            {
                float half = place.width / 2 * Mathf.Clamp((float)value.Value, -1f, 1f);
                float left = half < 0 ? place.center.x + half : place.center.x;
                Fill(new Rect(left, place.y, Mathf.Abs(half), place.height), colour);
            }
            GUILayout.Label(value.HasValue ? value.Value.ToString("+0.00;-0.00") : "–", GUILayout.Width(width * 0.16f));
            GUILayout.EndHorizontal();
        }

        public static void Fill(Rect place, Color colour)
        {
            Color before = GUI.color;
            GUI.color = colour;
            GUI.DrawTexture(place, Texture2D.whiteTexture);
            GUI.color = before;
        }
    }
}
