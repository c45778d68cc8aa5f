using System;
using UnityEngine;
using UnityEngine.Events;

namespace Rapport.Unity
{
    /// <summary>A UnityEvent that carries a number, such as a strength.</summary>
    [Serializable]
    public sealed class NumberEvent : UnityEvent<float> { }

    /// <summary>Lets the strength of a reaction move something: a parameter, a blend shape, any number.</summary>
    [Serializable]
    public sealed class RapportBinding
    {
        /// <summary>A strength below this is not seen any more.</summary>
        private const float Nothing = 0.002f;

        [Tooltip("The reaction that moves it.")]
        public string Reaction = "comfort";

        [Tooltip("Gets a number as the parameter of this name. Empty: none.")]
        public Animator Animator;

        public string Parameter = "";

        [Tooltip("Gets a blend shape's weight, 0 to 100.")]
        public SkinnedMeshRenderer Mesh;

        public string BlendShape = "";

        [Tooltip("Gets the value, every frame in which it changes.")]
        public NumberEvent Value = new NumberEvent();

        [Tooltip("The value at strength 0.")]
        public float From;

        [Tooltip("The value at strength 1. For a blend shape 100 is all of it.")]
        public float To = 1f;

        [Tooltip("How slowly the value follows: after so many seconds it has gone two thirds of the way. 0: at once.")]
        [Min(0)] public float SmoothingS = 0.15f;

        [Tooltip("Bends the strength, both axes 0 to 1. Fewer than two keys: as it is.")]
        public AnimationCurve Curve = new AnimationCurve();

        private float _strength;
        private bool _isMoved;

        /// <summary>The value at a strength of 0 … 1.</summary>
        public float ValueAt(float strength)
        {
            float share = Curve != null && Curve.length > 1 ? Curve.Evaluate(strength) : strength;
            return Mathf.Lerp(From, To, Mathf.Clamp01(share));
        }

        /// <summary>Moves what is bound towards the strength that the reaction has now.</summary>
        public void Move(float goal, float delta)
        {
            float next = SmoothingS > 0 ? Mathf.Lerp(goal, _strength, Mathf.Exp(-delta / SmoothingS)) : goal;
            next = Mathf.Abs(next - goal) < Nothing ? goal : next;
            if (next == _strength && _isMoved == next > 0)
            {
                return;
            }
            _strength = next;
            _isMoved = next > 0;
            Apply(ValueAt(next));
        }

        /// <summary>Puts back what was moved.</summary>
        public void Restore()
        {
            if (_isMoved)
            {
                _strength = 0;
                _isMoved = false;
                Apply(ValueAt(0));
            }
        }

        private void Apply(float value)
        {
            if (Animator != null && Parameter.Length > 0)
            {
                Animator.SetFloat(Parameter, value);
            }
            if (Mesh != null && BlendShape.Length > 0 && Mesh.sharedMesh != null)
            {
                int index = Mesh.sharedMesh.GetBlendShapeIndex(BlendShape);
                if (index >= 0)
                {
                    Mesh.SetBlendShapeWeight(index, value);
                }
            }
            Value.Invoke(value);
        }
    }
}
