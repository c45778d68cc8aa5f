using UnityEngine;

namespace Tavern
{
    /// <summary>The tavern's room: floor, walls, tables, a window into the night, a fire that flickers.</summary>
    public sealed class Room : MonoBehaviour
    {
        private static readonly Color Wood = new Color(0.34f, 0.22f, 0.14f);
        private static readonly Color Plaster = new Color(0.45f, 0.37f, 0.29f);
        private static readonly Color Stone = new Color(0.33f, 0.32f, 0.32f);

        private Light _fire;
        private Transform _flame;

        /// <summary>Builds it.</summary>
        public void Make()
        {
            Build.Part(PrimitiveType.Cube, transform, new Vector3(0, -0.1f, 0), new Vector3(16, 0.2f, 10), Wood);
            Build.Part(PrimitiveType.Cube, transform, new Vector3(0, 2.5f, 4.6f), new Vector3(16, 5, 0.3f), Plaster);
            Build.Part(PrimitiveType.Cube, transform, new Vector3(-7.8f, 2.5f, 0), new Vector3(0.3f, 5, 10), Plaster);
            Build.Part(PrimitiveType.Cube, transform, new Vector3(7.8f, 2.5f, 0), new Vector3(0.3f, 5, 10), Plaster);
            Build.Part(PrimitiveType.Cube, transform, new Vector3(3.6f, 3f, 4.4f), new Vector3(2.2f, 1.6f, 0.1f), new Color(0.09f, 0.12f, 0.25f));
            Build.Part(PrimitiveType.Cube, transform, new Vector3(-4.8f, 1f, 4.2f), new Vector3(2.4f, 2f, 0.6f), Stone);
            Build.Part(PrimitiveType.Cube, transform, new Vector3(-4.8f, 0.6f, 3.95f), new Vector3(1.5f, 1.1f, 0.4f), new Color(0.08f, 0.06f, 0.05f));
            _flame = Build.Part(PrimitiveType.Sphere, transform, new Vector3(-4.8f, 0.5f, 3.8f), new Vector3(0.7f, 0.9f, 0.3f), new Color(1f, 0.55f, 0.15f));
            _fire = Build.Lamp(transform, new Vector3(-4.8f, 1.2f, 3f), new Color(1f, 0.6f, 0.3f), 14f, 2.4f);
            Build.Lamp(transform, new Vector3(3.4f, 3.2f, 1f), new Color(1f, 0.8f, 0.55f), 10f, 1.4f);
            foreach (float x in new[] { -1.6f, 2.2f })
            {
                Build.Part(PrimitiveType.Cylinder, transform, new Vector3(x, 0.75f, 1.9f), new Vector3(1.4f, 0.05f, 1.4f), Wood);
                Build.Part(PrimitiveType.Cylinder, transform, new Vector3(x, 0.37f, 1.9f), new Vector3(0.2f, 0.37f, 0.2f), Wood);
            }
        }

        private void Update()
        {
            float flicker = Mathf.PerlinNoise(4f * Time.time, 0f);
            _fire.intensity = 2f + 0.9f * flicker;
            _flame.localScale = new Vector3(0.7f, 0.75f + 0.35f * flicker, 0.3f);
        }
    }
}
