using UnityEngine;

namespace Tavern
{
    /// <summary>A face of spheres and cubes that moves with a few numbers: what reactions are bound to.</summary>
    public sealed class Face : MonoBehaviour
    {
        private const float FollowS = 0.18f;

        private Transform _leftBrow, _rightBrow, _mouth, _leftCorner, _rightCorner, _leftEye, _rightEye;
        private float _smile, _worry, _frown;
        private float _blinkIn = 2f;

        /// <summary>−1 sad … +1 beaming.</summary>
        public float Smile { get; set; }

        /// <summary>0 … 1: the inner ends of the brows go up.</summary>
        public float Worry { get; set; }

        /// <summary>0 … 1: the brows come down.</summary>
        public float Frown { get; set; }

        /// <summary>Makes the face of a head of radius 0.5.</summary>
        public void Make(Color skin)
        {
            var white = new Color(0.96f, 0.95f, 0.9f);
            var dark = new Color(0.14f, 0.09f, 0.08f);
            Build.Part(PrimitiveType.Sphere, transform, Vector3.zero, Vector3.one, skin);
            _leftEye = Eye(-0.17f, white, dark);
            _rightEye = Eye(0.17f, white, dark);
            _leftBrow = Build.Part(PrimitiveType.Cube, transform, new Vector3(-0.17f, 0.2f, -0.46f), new Vector3(0.17f, 0.035f, 0.05f), dark);
            _rightBrow = Build.Part(PrimitiveType.Cube, transform, new Vector3(0.17f, 0.2f, -0.46f), new Vector3(0.17f, 0.035f, 0.05f), dark);
            _mouth = Build.Part(PrimitiveType.Cube, transform, new Vector3(0, -0.2f, -0.46f), new Vector3(0.2f, 0.03f, 0.05f), dark);
            _leftCorner = Build.Part(PrimitiveType.Cube, transform, new Vector3(-0.13f, -0.2f, -0.45f), new Vector3(0.09f, 0.03f, 0.05f), dark);
            _rightCorner = Build.Part(PrimitiveType.Cube, transform, new Vector3(0.13f, -0.2f, -0.45f), new Vector3(0.09f, 0.03f, 0.05f), dark);
        }

        private Transform Eye(float x, Color white, Color dark)
        {
            Transform eye = Build.Part(PrimitiveType.Sphere, transform, new Vector3(x, 0.06f, -0.42f), new Vector3(0.15f, 0.17f, 0.1f), white);
            Build.Part(PrimitiveType.Sphere, eye, new Vector3(0, 0, -0.45f), new Vector3(0.5f, 0.5f, 0.4f), dark);
            return eye;
        }

        private void Update()
        {
            if (_mouth == null)
            {
                return;
            }
            float share = 1f - Mathf.Exp(-Time.deltaTime / FollowS);
            _smile = Mathf.Lerp(_smile, Smile, share);
            _worry = Mathf.Lerp(_worry, Worry, share);
            _frown = Mathf.Lerp(_frown, Frown, share);
            float brow = 0.2f - 0.05f * _frown + 0.03f * _worry;
            _leftBrow.localPosition = new Vector3(-0.17f, brow, -0.46f);
            _rightBrow.localPosition = new Vector3(0.17f, brow, -0.46f);
            float tilt = 24f * _worry - 22f * _frown;
            _leftBrow.localRotation = Quaternion.Euler(0, 0, tilt);
            _rightBrow.localRotation = Quaternion.Euler(0, 0, -tilt);
            _leftCorner.localPosition = new Vector3(-0.13f, -0.2f + 0.045f * _smile, -0.45f);
            _rightCorner.localPosition = new Vector3(0.13f, -0.2f + 0.045f * _smile, -0.45f);
            _leftCorner.localRotation = Quaternion.Euler(0, 0, -38f * _smile);
            _rightCorner.localRotation = Quaternion.Euler(0, 0, 38f * _smile);
            Blink();
        }

        private void Blink()
        {
            _blinkIn -= Time.deltaTime;
            float open = _blinkIn < 0 ? 0.02f : 0.17f;
            if (_blinkIn < -0.12f)
            {
                _blinkIn = Random.Range(2f, 5f);
            }
            _leftEye.localScale = new Vector3(0.15f, open, 0.1f);
            _rightEye.localScale = new Vector3(0.15f, open, 0.1f);
        }
    }
}
