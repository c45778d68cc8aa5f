using System.Collections.Generic;
using Rapport.Unity;
using UnityEngine;

namespace Tavern
{
    /// <summary>The tavern: the one object of the scene, which builds all others.</summary>
    public sealed class TavernGame : MonoBehaviour
    {
        private static readonly Manner Calm = new Manner(0.15f, 0f, 0f, 0f);

        private Lute _lute;
        private Person _bard;

        /// <summary>Everybody, once the game has begun.</summary>
        public IReadOnlyList<Person> People { get; private set; } = new Person[0];

        /// <summary>The talk that goes on, or may.</summary>
        public Talk Talk { get; private set; }

        private void Awake()
        {
            Camera();
            new GameObject("room").AddComponent<Room>().Make();
            AddRapport();
            Person mira = Person.Make("Mira", new Vector3(-2.6f, 0, 2.6f), new Color(0.62f, 0.27f, 0.24f), new Color(0.78f, 0.58f, 0.44f), Calm,
                new Dictionary<string, Manner>
                {
                    { "comfort", new Manner(0.25f, 0.9f, 0f, 1.1f) },
                    { "celebrate", new Manner(1f, 0f, 0f, 0.6f) },
                    { "give_space", new Manner(-0.1f, 0.4f, 0f, -0.9f) },
                    { "see_through", new Manner(0f, 0.3f, 0.5f, 0f) },
                });
            Person odo = Person.Make("Odo", new Vector3(1.4f, 0, 2.8f), new Color(0.31f, 0.4f, 0.24f), new Color(0.88f, 0.72f, 0.6f), Calm,
                new Dictionary<string, Manner>
                {
                    { "offer_proof", new Manner(0.1f, 0.6f, 0f, 0.5f) },
                    { "give_way", new Manner(-0.2f, 0.8f, 0f, 0.3f) },
                    { "ask_more", new Manner(0.9f, 0f, 0.2f, 0.2f) },
                });
            _bard = Person.Make("Sel", new Vector3(4.8f, 0, 2.2f), new Color(0.3f, 0.28f, 0.5f), new Color(0.62f, 0.45f, 0.36f), new Manner(-0.4f, 0.2f, 0.4f, 0f),
                new Dictionary<string, Manner>
                {
                    { "melancholy", new Manner(-0.6f, 0.8f, 0f, 0f) },
                    { "coaxed", new Manner(0.8f, 0f, 0f, 0.4f) },
                    { "hush", new Manner(0f, 0.5f, 0f, -0.4f) },
                });
            Learn(mira, "companion");
            Learn(odo, "merchant");
            Learn(_bard, "bard");
            People = new[] { mira, odo, _bard };
            Talk = gameObject.AddComponent<Talk>();
            var traveller = new GameObject("traveller");
            traveller.transform.localPosition = new Vector3(0, 0, -0.8f);
            traveller.AddComponent<Traveller>().Make(Talk, new[] { mira, odo, _bard });
            var lute = new GameObject("lute");
            lute.AddComponent<AudioSource>();
            _lute = lute.AddComponent<Lute>();
        }

        private void Update()
        {
            // The bard falls silent when it is too much.
            _lute.IsSilent = _bard.Reactor.IsActive("hush");
        }

        private static void Learn(Person person, string profile)
        {
            person.Learn(Text("talk/" + person.Title.ToLowerInvariant()), Text("profiles/" + profile));
        }

        private static string Text(string path)
        {
            return Resources.Load<TextAsset>(path).text;
        }

        private static void Camera()
        {
            var made = new GameObject("camera");
            made.transform.localPosition = new Vector3(0, 3.1f, -7.4f);
            made.transform.localRotation = Quaternion.Euler(12f, 0, 0);
            Camera camera = made.AddComponent<Camera>();
            camera.fieldOfView = 46f;
            camera.backgroundColor = new Color(0.05f, 0.04f, 0.05f);
            camera.clearFlags = CameraClearFlags.SolidColor;
            made.AddComponent<AudioListener>();
        }

        // Consent first, the indicator always, the overlay on F3, a mood by the number keys without a sidecar.
        private static void AddRapport()
        {
            var rapport = new GameObject("Rapport");
            rapport.AddComponent<RapportClient>();
            rapport.AddComponent<RapportConsentPanel>();
            rapport.AddComponent<RapportIndicator>();
            rapport.AddComponent<RapportOverlay>();
            rapport.AddComponent<RapportMock>();
        }
    }
}
