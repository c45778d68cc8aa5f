using System;
using System.Collections.Generic;
using Rapport;
using Rapport.Unity;
using UnityEngine;

namespace Tavern
{
    /// <summary>What a person does while a reaction goes on: a face, a step, words.</summary>
    [Serializable]
    public struct Manner
    {
        public float Smile, Worry, Frown;

        /// <summary>How far it comes closer to the player, in metres; negative: it backs away.</summary>
        public float Closer;

        public Manner(float smile, float worry, float frown, float closer)
        {
            Smile = smile;
            Worry = worry;
            Frown = frown;
            Closer = closer;
        }
    }

    /// <summary>Somebody in the tavern, who reacts to how the player feels.</summary>
    public sealed class Person : MonoBehaviour
    {
        private const float BarkS = 5f;
        private const float StepS = 0.6f;
        private const int BubbleWidth = 26;

        private Dictionary<string, Manner> _manners = new Dictionary<string, Manner>();
        private Manner _rest;
        private Face _face;
        private TextMesh _bubble;
        private RapportReactor _reactor;
        private Vector3 _home;
        private float _closer, _barkLeft;

        /// <summary>What people call it.</summary>
        public string Title { get; private set; }

        /// <summary>What it has to say.</summary>
        public Dialogue Dialogue { get; private set; }

        /// <summary>The names of its reactions that go on.</summary>
        public ICollection<string> Reactions => _reactor.Active;

        /// <summary>Its reactor: profile, context, reactions.</summary>
        public RapportReactor Reactor => _reactor;

        /// <summary>Somebody, made of primitives.</summary>
        public static Person Make(string title, Vector3 at, Color coat, Color skin, Manner rest, Dictionary<string, Manner> manners)
        {
            var body = new GameObject(title);
            body.transform.localPosition = at;
            Build.Part(PrimitiveType.Capsule, body.transform, new Vector3(0, 0.8f, 0), new Vector3(0.8f, 0.8f, 0.6f), coat);
            var head = new GameObject("head");
            head.transform.SetParent(body.transform, false);
            head.transform.localPosition = new Vector3(0, 1.95f, 0);
            Person person = body.AddComponent<Person>();
            person.Title = title;
            person._home = at;
            person._rest = rest;
            person._manners = manners;
            person._face = head.AddComponent<Face>();
            person._face.Make(skin);
            person._bubble = Build.Words(body.transform, new Vector3(0, 2.7f, 0), 0.05f);
            return person;
        }

        /// <summary>Gives it words and a profile, both from the project's resources.</summary>
        public void Learn(string dialogueJson, string profileJson)
        {
            Dialogue = new Dialogue(dialogueJson);
            RapportProfile profile = ScriptableObject.CreateInstance<RapportProfile>();
            profile.FromJson(profileJson);
            _reactor = gameObject.AddComponent<RapportReactor>();
            _reactor.Npc = Title.ToLowerInvariant();
            _reactor.Profile = profile;
            _reactor.ReactionBegan += (reaction, strength, all) => Say(Dialogue.Bark(reaction));
        }

        /// <summary>Lets it say something above its head for a while.</summary>
        public void Say(string words)
        {
            if (words.Length > 0)
            {
                _bubble.text = Build.Wrapped(words, BubbleWidth);
                _barkLeft = BarkS;
            }
        }

        private void Update()
        {
            Manner manner = _rest;
            float strength = 0f;
            foreach (KeyValuePair<string, Manner> known in _manners)
            {
                float now = _reactor == null ? 0f : _reactor.StrengthOf(known.Key);
                if (now > strength)
                {
                    strength = now;
                    manner = known.Value;
                }
            }
            _face.Smile = Mathf.Lerp(_rest.Smile, manner.Smile, strength);
            _face.Worry = Mathf.Lerp(_rest.Worry, manner.Worry, strength);
            _face.Frown = Mathf.Lerp(_rest.Frown, manner.Frown, strength);
            _closer = Mathf.Lerp(_closer, manner.Closer * strength, 1f - Mathf.Exp(-Time.deltaTime / StepS));
            float breath = 0.02f * Mathf.Sin(1.7f * Time.time + _home.x);
            transform.localPosition = _home + new Vector3(0, breath, -_closer);
            _barkLeft -= Time.deltaTime;
            if (_barkLeft < 0)
            {
                _bubble.text = "";
            }
        }
    }
}
