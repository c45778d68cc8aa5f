using UnityEngine;

namespace Tavern
{
    /// <summary>Things made of what Unity gives: cubes, spheres, lights and text.</summary>
    internal static class Build
    {
        /// <summary>A primitive without a collider, in a colour.</summary>
        public static Transform Part(PrimitiveType kind, Transform parent, Vector3 at, Vector3 size, Color colour)
        {
            GameObject made = GameObject.CreatePrimitive(kind);
            Collider collider = made.GetComponent<Collider>();
            if (collider != null)
            {
                Object.Destroy(collider);
            }
            made.transform.SetParent(parent, false);
            made.transform.localPosition = at;
            made.transform.localScale = size;
            made.GetComponent<Renderer>().material.color = colour;
            return made.transform;
        }

        public static Light Lamp(Transform parent, Vector3 at, Color colour, float range, float intensity)
        {
            var made = new GameObject("lamp");
            made.transform.SetParent(parent, false);
            made.transform.localPosition = at;
            Light light = made.AddComponent<Light>();
            light.type = LightType.Point;
            light.color = colour;
            light.range = range;
            light.intensity = intensity;
            return light;
        }

        public static TextMesh Words(Transform parent, Vector3 at, float size)
        {
            var made = new GameObject("words");
            made.transform.SetParent(parent, false);
            made.transform.localPosition = at;
            TextMesh text = made.AddComponent<TextMesh>();
            text.anchor = TextAnchor.LowerCenter;
            text.alignment = TextAlignment.Center;
            text.characterSize = size;
            text.fontSize = 48;
            text.color = new Color(1f, 0.95f, 0.85f);
            return text;
        }

        /// <summary>A text in lines of at most so many characters.</summary>
        public static string Wrapped(string text, int width)
        {
            var lines = new System.Text.StringBuilder();
            int length = 0;
            foreach (string word in text.Split(' '))
            {
                if (length + word.Length > width)
                {
                    lines.Append('\n');
                    length = 0;
                }
                else if (length > 0)
                {
                    lines.Append(' ');
                    length++;
                }
                lines.Append(word);
                length += word.Length;
            }
            return lines.ToString();
        }
    }
}
