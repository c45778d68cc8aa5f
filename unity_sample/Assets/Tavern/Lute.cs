using Rapport.Unity;
using UnityEngine;

namespace Tavern
{
    /// <summary>A lute that plays by itself, made of numbers: its tempo follows how excited the player is, its key whether it is a sad evening.</summary>
    [RequireComponent(typeof(AudioSource))]
    public sealed class Lute : MonoBehaviour
    {
        private const float SlowS = 0.62f;
        private const float FastS = 0.26f;
        private const float Loudness = 0.12f;
        private const double A3 = 220.0;

        // Semitones above A: a natural minor scale, and a major one.
        private static readonly int[] Minor = { 0, 2, 3, 5, 7, 8, 10, 12 };
        private static readonly int[] Major = { 0, 2, 4, 5, 7, 9, 11, 12 };

        private readonly System.Random _chance = new System.Random(7);
        private float[] _string = new float[1];
        private int _at, _rate = 48000, _left;
        private volatile float _beatS = SlowS;
        private volatile bool _isSad = true, _isSilent;

        /// <summary>Whether it is silent.</summary>
        public bool IsSilent
        {
            get => _isSilent;
            set => _isSilent = value;
        }

        private void OnEnable()
        {
            _rate = AudioSettings.outputSampleRate;
        }

        private void Update()
        {
            RapportClient client = RapportClient.Instance;
            if (client == null)
            {
                return;
            }
            float excited = (float)(client.State.Arousal ?? 0.0);
            _beatS = Mathf.Lerp(SlowS, FastS, Mathf.Clamp01(0.5f + 0.5f * excited));
            _isSad = (client.State.Valence ?? 0.0) < 0.15;
        }

        // A plucked string after Karplus & Strong 1983: noise that runs in a circle and is averaged.
        private void OnAudioFilterRead(float[] data, int channels)
        {
            for (int i = 0; i < data.Length; i += channels)
            {
                if (--_left <= 0)
                {
                    Pluck();
                }
                int next = (_at + 1) % _string.Length;
                float now = _string[_at];
                _string[_at] = 0.4975f * (now + _string[next]);
                _at = next;
                for (int channel = 0; channel < channels; channel++)
                {
                    data[i + channel] += Loudness * now;
                }
            }
        }

        private void Pluck()
        {
            _left = (int)(_beatS * _rate);
            if (_isSilent)
            {
                return;
            }
            int[] scale = _isSad ? Minor : Major;
            double pitch = A3 * System.Math.Pow(2.0, scale[_chance.Next(scale.Length)] / 12.0);
            _string = new float[System.Math.Max(2, (int)(_rate / pitch))];
            for (int i = 0; i < _string.Length; i++)
            {
                _string[i] = (float)(2.0 * _chance.NextDouble() - 1.0);
            }
            _at = 0;
        }
    }
}
